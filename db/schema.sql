-- What the migrations make. Generated: npx banister generate

CREATE TABLE admin_permissions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  permission text NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  granted_by bigint,
  granted_at timestamp with time zone NOT NULL,
  revoked_by bigint,
  revoked_at timestamp with time zone,
  CONSTRAINT admin_permissions_permission_check CHECK ((permission = ANY (ARRAY['user_management'::text, 'service_management'::text, 'booking_management'::text, 'payment_management'::text, 'withdrawal_management'::text, 'document_management'::text, 'financial_reports'::text, 'system_settings'::text, 'admin_management'::text]))),
  CONSTRAINT admin_permissions_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT admin_permissions_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT admin_permissions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT admin_permissions_pkey PRIMARY KEY (id),
  CONSTRAINT admin_permissions_once UNIQUE (user_id, permission)
);

CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_id bigint,
  actor_email text,
  actor_role text,
  action text NOT NULL,
  outcome text NOT NULL,
  target_kind text,
  target_id text,
  before jsonb,
  after jsonb,
  address text,
  user_agent text,
  request_id text,
  CONSTRAINT audit_log_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text]))),
  CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);

CREATE TABLE codes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  purpose text NOT NULL,
  email text NOT NULL,
  nonce text NOT NULL,
  code_hash text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT codes_purpose_check CHECK ((purpose = ANY (ARRAY['email_confirmation'::text, 'password_reset'::text, 'email_change'::text, 'email_change_undo'::text]))),
  CONSTRAINT codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT codes_pkey PRIMARY KEY (id)
);

CREATE TABLE idempotency_keys (
  actor text NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status integer,
  body text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (actor, method, path, key)
);

CREATE TABLE known_addresses (
  user_id bigint NOT NULL,
  address text NOT NULL,
  last_signed_in_at timestamp with time zone NOT NULL,
  CONSTRAINT known_addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, address)
);

CREATE TABLE mail_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  message_id text NOT NULL,
  at timestamp with time zone NOT NULL,
  recipient text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  html text NOT NULL,
  CONSTRAINT mail_outbox_pkey PRIMARY KEY (id),
  CONSTRAINT mail_outbox_message_id_key UNIQUE (message_id)
);

CREATE TABLE migrations (
  name text NOT NULL,
  hash text NOT NULL,
  applied_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT migrations_pkey PRIMARY KEY (name)
);

CREATE TABLE notifications (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  params jsonb DEFAULT '{}'::jsonb NOT NULL,
  target jsonb,
  created_at timestamp with time zone NOT NULL,
  read_at timestamp with time zone,
  CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT notifications_pkey PRIMARY KEY (id)
);

CREATE TABLE provider_profiles (
  user_id bigint NOT NULL,
  experience_years integer DEFAULT 0 NOT NULL,
  hourly_rate_minor bigint,
  currency text DEFAULT 'USD'::text NOT NULL,
  headline text DEFAULT ''::text NOT NULL,
  languages text[] DEFAULT '{}'::text[] NOT NULL,
  city text DEFAULT ''::text NOT NULL,
  slug text,
  rating_sum bigint DEFAULT 0 NOT NULL,
  review_count integer DEFAULT 0 NOT NULL,
  verified_at timestamp with time zone,
  CONSTRAINT provider_profiles_experience_years_check CHECK (((experience_years >= 0) AND (experience_years <= 100))),
  CONSTRAINT provider_profiles_hourly_rate_minor_check CHECK ((hourly_rate_minor >= 0)),
  CONSTRAINT provider_profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT provider_profiles_pkey PRIMARY KEY (user_id),
  CONSTRAINT provider_profiles_slug_taken UNIQUE (slug)
);

CREATE TABLE rate_limits (
  key text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  previous integer NOT NULL,
  count integer NOT NULL,
  CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);

CREATE TABLE refresh_tokens (
  token_hash text NOT NULL,
  session_id bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE,
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash)
);

CREATE TABLE sessions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  authenticated_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  address text NOT NULL,
  user_agent text NOT NULL,
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT sessions_pkey PRIMARY KEY (id)
);

CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  email_confirmed_at timestamp with time zone,
  pending_email text,
  password_hash text,
  role text NOT NULL,
  phone text,
  first_name text DEFAULT ''::text NOT NULL,
  last_name text DEFAULT ''::text NOT NULL,
  bio text DEFAULT ''::text NOT NULL,
  birthday date,
  time_zone text DEFAULT 'UTC'::text NOT NULL,
  locale text,
  photo_key text,
  search_text text DEFAULT ''::text NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  deleted_at timestamp with time zone,
  CONSTRAINT users_locale_check CHECK ((locale = ANY (ARRAY['en'::text, 'ru'::text, 'uk'::text, 'es'::text]))),
  CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['customer'::text, 'provider'::text, 'management'::text, 'admin'::text, 'super_admin'::text, 'accountant'::text]))),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_email_taken UNIQUE (email_key)
);

CREATE INDEX audit_log_action ON public.audit_log USING btree (action, id DESC);
CREATE INDEX audit_log_actor ON public.audit_log USING btree (actor_id, id DESC);
CREATE INDEX audit_log_target ON public.audit_log USING btree (target_kind, target_id, id DESC);
CREATE INDEX codes_expires_at ON public.codes USING btree (expires_at);
CREATE INDEX codes_of_user ON public.codes USING btree (user_id, purpose, id DESC);
CREATE INDEX idempotency_keys_created_at ON public.idempotency_keys USING btree (created_at);
CREATE INDEX notifications_created_at ON public.notifications USING btree (created_at);
CREATE INDEX notifications_of_user ON public.notifications USING btree (user_id, id DESC);
CREATE INDEX notifications_unread ON public.notifications USING btree (user_id, id DESC) WHERE (read_at IS NULL);
CREATE INDEX rate_limits_started_at ON public.rate_limits USING btree (started_at);
CREATE INDEX refresh_tokens_of_session ON public.refresh_tokens USING btree (session_id);
CREATE INDEX sessions_expires_at ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id, id DESC) WHERE (ended_at IS NULL);
CREATE INDEX users_role ON public.users USING btree (role, id) WHERE (deleted_at IS NULL);
CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$;
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
