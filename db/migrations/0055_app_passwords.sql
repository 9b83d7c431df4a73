-- Passwords for calendar programs, which know nothing but a name and a password. Each is made by us, shown once, and opens the calendars alone.
CREATE TABLE app_passwords (
  id                uuid PRIMARY KEY,
  user_id           bigint NOT NULL REFERENCES users,
  name              text NOT NULL,
  -- Of 100 random bits: nothing is gained by a slow hash.
  hash              text NOT NULL CONSTRAINT app_passwords_hash UNIQUE,
  created_at        timestamptz NOT NULL,
  -- Told within some minutes.
  last_used_at      timestamptz,
  last_used_address text NOT NULL DEFAULT ''
);
CREATE INDEX app_passwords_of_user ON app_passwords (user_id, created_at);
