-- The second factor of a sign-in: an authenticator's codes (TOTP, RFC 6238) and recovery codes.

CREATE TABLE two_factor (
  user_id        bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  -- The shared secret under a derived key (AES-256-GCM): a thief of the table makes no codes.
  secret         text NOT NULL,
  created_at     timestamptz NOT NULL,
  -- Null while it is only begun: nothing asks for it then.
  confirmed_at   timestamptz,
  -- The newest 30-second step whose code was taken: it and those before are never taken again (RFC 6238 section 5.2).
  last_step      bigint NOT NULL DEFAULT -1,
  -- Wrong codes since then: bounded by the hour, whatever the address.
  failures       integer NOT NULL DEFAULT 0,
  failures_since timestamptz NOT NULL
);

-- Of 80 random bits each: a plain hash cannot be guessed, and outlives a change of SECRET_KEY.
CREATE TABLE recovery_codes (
  user_id   bigint NOT NULL REFERENCES two_factor ON DELETE CASCADE,
  code_hash text NOT NULL,
  used_at   timestamptz,
  PRIMARY KEY (user_id, code_hash)
);

-- Sign-ins whose password proved right and whose second factor is waited for.
CREATE TABLE sign_in_challenges (
  token_hash text PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  tries      integer NOT NULL DEFAULT 0,
  used_at    timestamptz
);
CREATE INDEX sign_in_challenges_of_user ON sign_in_challenges (user_id);
CREATE INDEX sign_in_challenges_expires_at ON sign_in_challenges (expires_at);

-- When this session proved the second factor; null where the password alone opened it.
ALTER TABLE sessions ADD COLUMN second_factor_at timestamptz;
