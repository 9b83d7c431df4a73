-- What the platform itself keeps: answers to idempotent requests, counters of the limits, the audit log, the development outbox.

CREATE TABLE idempotency_keys (
  actor        text NOT NULL,
  method       text NOT NULL,
  path         text NOT NULL,
  key          text NOT NULL,
  request_hash text NOT NULL,
  status       integer,
  body         text,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (actor, method, path, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- Counters may be lost in a crash without harm, so they are not written to the log.
CREATE UNLOGGED TABLE rate_limits (
  key        text PRIMARY KEY,
  started_at timestamptz NOT NULL,
  previous   integer NOT NULL,
  count      integer NOT NULL
);
CREATE INDEX rate_limits_started_at ON rate_limits (started_at);

CREATE TABLE audit_log (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL,
  actor_id    bigint,
  actor_email text,
  actor_role  text,
  action      text NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('done', 'refused')),
  target_kind text,
  target_id   text,
  before      jsonb,
  after       jsonb,
  address     text,
  user_agent  text,
  request_id  text
);
CREATE INDEX audit_log_actor ON audit_log (actor_id, id DESC);
CREATE INDEX audit_log_target ON audit_log (target_kind, target_id, id DESC);
CREATE INDEX audit_log_action ON audit_log (action, id DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE mail_outbox (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id text NOT NULL UNIQUE,
  at         timestamptz NOT NULL,
  recipient  text NOT NULL,
  subject    text NOT NULL,
  text       text NOT NULL,
  html       text NOT NULL
);
