-- People: who they are, how they sign in, what they may do.

CREATE TABLE users (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email              text NOT NULL,
  -- The e-mail as it is compared: lower case, folded in the application, since lower() depends on the locale of the database.
  email_key          text NOT NULL CONSTRAINT users_email_taken UNIQUE,
  email_confirmed_at timestamptz,
  pending_email      text,
  password_hash      text,
  role               text NOT NULL CHECK (role IN ('customer', 'provider', 'management', 'admin', 'super_admin', 'accountant')),
  -- E.164; shown as (555) 123-4567 or in international form.
  phone              text,
  first_name         text NOT NULL DEFAULT '',
  last_name          text NOT NULL DEFAULT '',
  bio                text NOT NULL DEFAULT '',
  birthday           date,
  time_zone          text NOT NULL DEFAULT 'UTC',
  locale             text CHECK (locale IN ('en', 'ru', 'uk', 'es')),
  photo_key          text,
  -- Name and e-mail folded for search: lower case, without accents.
  search_text        text NOT NULL DEFAULT '',
  is_active          boolean NOT NULL DEFAULT true,
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL,
  -- Erased: the row stays for the books, without a name.
  deleted_at         timestamptz
);
CREATE INDEX users_role ON users (role, id) WHERE deleted_at IS NULL;

CREATE TABLE provider_profiles (
  user_id           bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  experience_years  integer NOT NULL DEFAULT 0 CHECK (experience_years BETWEEN 0 AND 100),
  hourly_rate_minor bigint CHECK (hourly_rate_minor >= 0),
  currency          text NOT NULL DEFAULT 'USD',
  headline          text NOT NULL DEFAULT '',
  languages         text[] NOT NULL DEFAULT '{}',
  city              text NOT NULL DEFAULT '',
  slug              text CONSTRAINT provider_profiles_slug_taken UNIQUE,
  rating_sum        bigint NOT NULL DEFAULT 0,
  review_count      integer NOT NULL DEFAULT 0,
  verified_at       timestamptz
);

-- A session is one sign-in: the family of its refresh tokens. Ending it ends its access tokens at once, on every node.
CREATE TABLE sessions (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id             bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at          timestamptz NOT NULL,
  last_used_at        timestamptz NOT NULL,
  expires_at          timestamptz NOT NULL,
  -- When the person last proved who they are; deleting an account without a password asks for a fresh one.
  authenticated_at    timestamptz NOT NULL,
  ended_at            timestamptz,
  address             text NOT NULL,
  user_agent          text NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id, id DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE refresh_tokens (
  token_hash text PRIMARY KEY,
  session_id bigint NOT NULL REFERENCES sessions ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- Exchanged for the next one; using it again ends the session.
  used_at    timestamptz
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);

-- Addresses that signed in to an account: they are not locked out by a stranger's failures.
CREATE TABLE known_addresses (
  user_id           bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  address           text NOT NULL,
  last_signed_in_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, address)
);

-- Six-digit codes and links. Neither stands here: the code is made from nonce and id under a derived key when it is mailed, and compared by its HMAC.
CREATE TABLE codes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  purpose    text NOT NULL CHECK (purpose IN ('email_confirmation', 'password_reset', 'email_change', 'email_change_undo')),
  -- The e-mail that it proves or restores.
  email      text NOT NULL,
  nonce      text NOT NULL,
  code_hash  text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  tries      integer NOT NULL DEFAULT 0,
  used_at    timestamptz
);
CREATE INDEX codes_of_user ON codes (user_id, purpose, id DESC);
CREATE INDEX codes_expires_at ON codes (expires_at);

CREATE TABLE admin_permissions (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  permission text NOT NULL CHECK (permission IN ('user_management', 'service_management', 'booking_management', 'payment_management',
    'withdrawal_management', 'document_management', 'financial_reports', 'system_settings', 'admin_management')),
  is_active  boolean NOT NULL DEFAULT true,
  granted_by bigint REFERENCES users ON DELETE SET NULL,
  granted_at timestamptz NOT NULL,
  revoked_by bigint REFERENCES users ON DELETE SET NULL,
  revoked_at timestamptz,
  CONSTRAINT admin_permissions_once UNIQUE (user_id, permission)
);
