-- Private files that people upload: attachments of messages, events and tickets, and the papers of providers. Who may see one is decided by what it belongs to.
CREATE TABLE attachments (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  -- Its place in the bucket: cannot be guessed, and never seen by anybody.
  key          text NOT NULL UNIQUE,
  -- As it is shown and saved: without a path, and with an extension of its type.
  name         text NOT NULL,
  content_type text NOT NULL,
  size         bigint NOT NULL CHECK (size > 0),
  sha256       text NOT NULL,
  -- `unscanned`: no scanner was set when it came; `pending`: the scanner could not be reached, and nobody but its owner sees it until it has been.
  scan         text NOT NULL CHECK (scan IN ('unscanned', 'pending', 'clean')),
  -- What it belongs to; none while it is unused.
  target_kind  text,
  target_id    text,
  created_at   timestamptz NOT NULL,
  taken_at     timestamptz,
  CHECK ((target_kind IS NULL) = (target_id IS NULL) AND (target_kind IS NULL) = (taken_at IS NULL))
);
CREATE INDEX attachments_of_target ON attachments (target_kind, target_id, id) WHERE target_kind IS NOT NULL;
CREATE INDEX attachments_of_owner ON attachments (owner_id, id DESC);
CREATE INDEX attachments_unused ON attachments (created_at) WHERE target_kind IS NULL;
CREATE INDEX attachments_to_scan ON attachments (id) WHERE scan = 'pending';

-- What a person has uploaded on a day (UTC), also what was refused or removed since: the daily limit is not evaded by deleting.
CREATE TABLE uploads_of_days (
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  day     date NOT NULL,
  bytes   bigint NOT NULL,
  PRIMARY KEY (user_id, day)
);
CREATE INDEX uploads_of_days_day ON uploads_of_days (day);
