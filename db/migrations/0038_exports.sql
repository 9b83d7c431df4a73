-- Exports of all one's data: asked for, made by a job, kept for seven days.
CREATE TABLE exports (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  status       text NOT NULL CHECK (status IN ('pending', 'ready', 'failed', 'removed')),
  -- The place of the ZIP, fixed when it is asked for: a repeated job writes the same file.
  key          text NOT NULL UNIQUE,
  size         bigint,
  requested_at timestamptz NOT NULL,
  finished_at  timestamptz,
  expires_at   timestamptz,
  CHECK ((status = 'ready') <= (size IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE UNIQUE INDEX exports_one_at_a_time ON exports (user_id) WHERE status = 'pending';
CREATE INDEX exports_of_user ON exports (user_id, id DESC);
CREATE INDEX exports_to_clean ON exports (requested_at);
