-- How a person is told: on which devices, of what by which channel, and when not.

-- A device belongs to the session that registered it: signing out silences it. A token may be longer than an index takes, so its hash is what is unique.
CREATE TABLE devices (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  session_id    bigint NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  token         text NOT NULL,
  token_hash    text NOT NULL CONSTRAINT devices_token_once UNIQUE,
  platform      text NOT NULL CHECK (platform IN ('android', 'ios', 'web')),
  name          text NOT NULL,
  created_at    timestamptz NOT NULL,
  registered_at timestamptz NOT NULL
);
CREATE INDEX devices_of_user ON devices (user_id, registered_at);
CREATE INDEX devices_of_session ON devices (session_id);

-- Only what somebody has chosen otherwise than the product does by itself.
CREATE TABLE notification_preferences (
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  topic   text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('in_app', 'email', 'push')),
  enabled boolean NOT NULL,
  PRIMARY KEY (user_id, topic, channel)
);

-- By the clock of the person's own zone, as HH:MM; an end before the start is of the next day.
CREATE TABLE quiet_hours (
  user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  starts  text NOT NULL CHECK (starts ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  ends    text NOT NULL CHECK (ends ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  CHECK (starts <> ends)
);
