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

CREATE TABLE app_passwords (
  id uuid NOT NULL,
  user_id bigint NOT NULL,
  name text NOT NULL,
  hash text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone,
  last_used_address text DEFAULT ''::text NOT NULL,
  CONSTRAINT app_passwords_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT app_passwords_pkey PRIMARY KEY (id),
  CONSTRAINT app_passwords_hash UNIQUE (hash)
);

CREATE TABLE attachments (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  owner_id bigint NOT NULL,
  key text NOT NULL,
  name text NOT NULL,
  content_type text NOT NULL,
  size bigint NOT NULL,
  sha256 text NOT NULL,
  scan text NOT NULL,
  target_kind text,
  target_id text,
  created_at timestamp with time zone NOT NULL,
  taken_at timestamp with time zone,
  CONSTRAINT attachments_check CHECK ((((target_kind IS NULL) = (target_id IS NULL)) AND ((target_kind IS NULL) = (taken_at IS NULL)))),
  CONSTRAINT attachments_scan_check CHECK ((scan = ANY (ARRAY['unscanned'::text, 'pending'::text, 'clean'::text]))),
  CONSTRAINT attachments_size_check CHECK ((size > 0)),
  CONSTRAINT attachments_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT attachments_pkey PRIMARY KEY (id),
  CONSTRAINT attachments_key_key UNIQUE (key)
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

CREATE TABLE audit_people (
  audit_id bigint NOT NULL,
  user_id bigint NOT NULL,
  field text NOT NULL,
  value jsonb NOT NULL,
  CONSTRAINT audit_people_field_check CHECK ((field = ANY (ARRAY['actor_email'::text, 'before'::text, 'after'::text]))),
  CONSTRAINT audit_people_pkey PRIMARY KEY (audit_id, field)
);

CREATE TABLE backups (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  name text,
  cause text NOT NULL,
  requested_by bigint,
  status text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  verified_at timestamp with time zone,
  unverified_reason text,
  size_bytes bigint,
  sha256 text,
  items bigint,
  new_bytes bigint,
  places jsonb DEFAULT '[]'::jsonb NOT NULL,
  deleted_at timestamp with time zone,
  error text,
  CONSTRAINT backups_cause_check CHECK ((cause = ANY (ARRAY['schedule'::text, 'request'::text, 'console'::text]))),
  CONSTRAINT backups_kind_check CHECK ((kind = ANY (ARRAY['database'::text, 'files'::text]))),
  CONSTRAINT backups_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text]))),
  CONSTRAINT backups_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT backups_pkey PRIMARY KEY (id),
  CONSTRAINT backups_name_key UNIQUE (name)
);

CREATE TABLE blocks (
  blocker_id bigint NOT NULL,
  blocked_id bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT blocks_check CHECK ((blocker_id <> blocked_id)),
  CONSTRAINT blocks_blocked_id_fkey FOREIGN KEY (blocked_id) REFERENCES users(id),
  CONSTRAINT blocks_blocker_id_fkey FOREIGN KEY (blocker_id) REFERENCES users(id),
  CONSTRAINT blocks_pkey PRIMARY KEY (blocker_id, blocked_id)
);

CREATE TABLE booking_history (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  booking_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_id bigint,
  change text NOT NULL,
  status text NOT NULL,
  details jsonb DEFAULT '{}'::jsonb NOT NULL,
  CONSTRAINT booking_history_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT booking_history_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
  CONSTRAINT booking_history_pkey PRIMARY KEY (id)
);

CREATE TABLE booking_reminders (
  booking_id bigint NOT NULL,
  kind text NOT NULL,
  starts_at timestamp with time zone NOT NULL,
  sent_at timestamp with time zone NOT NULL,
  CONSTRAINT booking_reminders_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
  CONSTRAINT booking_reminders_pkey PRIMARY KEY (booking_id, kind, starts_at)
);

CREATE TABLE booking_series (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  service_id bigint NOT NULL,
  organization_id uuid,
  customer_id bigint,
  created_by bigint,
  rule text NOT NULL,
  time_zone text NOT NULL,
  starts_at timestamp with time zone NOT NULL,
  seats integer NOT NULL,
  skipped jsonb DEFAULT '[]'::jsonb NOT NULL,
  held_until timestamp with time zone,
  secured_at timestamp with time zone,
  expiry_told_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT booking_series_seats_check CHECK ((seats > 0)),
  CONSTRAINT booking_series_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  CONSTRAINT booking_series_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES users(id),
  CONSTRAINT booking_series_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT booking_series_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id),
  CONSTRAINT booking_series_pkey PRIMARY KEY (id)
);

CREATE TABLE booking_sessions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  service_id bigint NOT NULL,
  provider_id bigint NOT NULL,
  room_id uuid,
  starts_at timestamp with time zone NOT NULL,
  ends_at timestamp with time zone NOT NULL,
  buffer_before integer NOT NULL,
  buffer_after integer NOT NULL,
  capacity integer NOT NULL,
  seats_taken integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT booking_sessions_seats CHECK (((seats_taken >= 0) AND (seats_taken <= capacity))),
  CONSTRAINT booking_sessions_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT booking_sessions_room_id_fkey FOREIGN KEY (room_id) REFERENCES rooms(id),
  CONSTRAINT booking_sessions_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id),
  CONSTRAINT booking_sessions_pkey PRIMARY KEY (id)
);

CREATE TABLE bookings (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  session_id bigint NOT NULL,
  service_id bigint NOT NULL,
  provider_id bigint NOT NULL,
  organization_id uuid,
  customer_id bigint,
  guest_name text,
  guest_phone text,
  guest_email text,
  starts_at timestamp with time zone NOT NULL,
  ends_at timestamp with time zone NOT NULL,
  seats integer NOT NULL,
  status text NOT NULL,
  title text NOT NULL,
  price_minor bigint NOT NULL,
  deposit_minor bigint,
  currency text NOT NULL,
  payment text NOT NULL,
  requires_approval boolean NOT NULL,
  cancellation_policy jsonb NOT NULL,
  location_type text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  meeting_url text,
  proposed_at timestamp with time zone,
  expires_at timestamp with time zone,
  cancelled_by text,
  cancel_reason text,
  created_by bigint,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  review_id bigint,
  review_rating smallint,
  reviewed_at timestamp with time zone,
  series_id bigint,
  occurrence_at timestamp with time zone,
  no_show_fee_minor bigint,
  no_show_outcome text,
  CONSTRAINT bookings_cancelled_by_check CHECK ((cancelled_by = ANY (ARRAY['customer'::text, 'provider'::text, 'platform'::text]))),
  CONSTRAINT bookings_check CHECK (((customer_id IS NOT NULL) OR (guest_name IS NOT NULL))),
  CONSTRAINT bookings_no_show_fee_minor_check CHECK ((no_show_fee_minor > 0)),
  CONSTRAINT bookings_no_show_outcome_check CHECK ((no_show_outcome = ANY (ARRAY['covered'::text, 'collected'::text, 'waived'::text, 'late'::text, 'erased'::text]))),
  CONSTRAINT bookings_occurrence CHECK (((series_id IS NULL) = (occurrence_at IS NULL))),
  CONSTRAINT bookings_payment_check CHECK ((payment = ANY (ARRAY['online'::text, 'on_site'::text]))),
  CONSTRAINT bookings_seats_check CHECK ((seats > 0)),
  CONSTRAINT bookings_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'confirmed'::text, 'cancelled'::text, 'completed'::text, 'no_show'::text]))),
  CONSTRAINT bookings_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  CONSTRAINT bookings_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES users(id),
  CONSTRAINT bookings_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT bookings_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT bookings_series_id_fkey FOREIGN KEY (series_id) REFERENCES booking_series(id),
  CONSTRAINT bookings_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id),
  CONSTRAINT bookings_session_id_fkey FOREIGN KEY (session_id) REFERENCES booking_sessions(id),
  CONSTRAINT bookings_pkey PRIMARY KEY (id)
);

CREATE TABLE calendar_shares (
  id uuid NOT NULL,
  calendar_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  user_id bigint,
  department_id uuid,
  access text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT calendar_shares_access_check CHECK ((access = ANY (ARRAY['free_busy'::text, 'read'::text, 'write'::text]))),
  CONSTRAINT calendar_shares_check CHECK (((user_id IS NULL) OR (department_id IS NULL))),
  CONSTRAINT calendar_shares_calendar_id_fkey FOREIGN KEY (calendar_id) REFERENCES calendars(id) ON DELETE CASCADE,
  CONSTRAINT calendar_shares_department_id_fkey FOREIGN KEY (department_id) REFERENCES departments(id) ON DELETE CASCADE,
  CONSTRAINT calendar_shares_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  CONSTRAINT calendar_shares_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT calendar_shares_pkey PRIMARY KEY (id),
  CONSTRAINT calendar_shares_once UNIQUE NULLS NOT DISTINCT (calendar_id, organization_id, user_id, department_id)
);

CREATE TABLE calendars (
  id uuid NOT NULL,
  owner_id bigint NOT NULL,
  organization_id uuid,
  name text NOT NULL,
  description text DEFAULT ''::text NOT NULL,
  color text NOT NULL,
  is_public boolean DEFAULT false NOT NULL,
  time_zone text NOT NULL,
  is_first boolean DEFAULT false NOT NULL,
  feed_hash text,
  change bigint DEFAULT 0 NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  href text,
  forgotten bigint DEFAULT 0 NOT NULL,
  CONSTRAINT calendars_color_check CHECK ((color ~ '^#[0-9a-f]{6}$'::text)),
  CONSTRAINT calendars_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE SET NULL,
  CONSTRAINT calendars_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  CONSTRAINT calendars_pkey PRIMARY KEY (id),
  CONSTRAINT calendars_feed UNIQUE (feed_hash)
);

CREATE TABLE chat_members (
  chat_id bigint NOT NULL,
  side text NOT NULL,
  user_id bigint,
  read_seq bigint DEFAULT 0 NOT NULL,
  unread integer DEFAULT 0 NOT NULL,
  muted boolean DEFAULT false NOT NULL,
  notified boolean DEFAULT false NOT NULL,
  active_at timestamp with time zone NOT NULL,
  left_at timestamp with time zone,
  CONSTRAINT chat_members_side_check CHECK ((side = ANY (ARRAY['a'::text, 'b'::text]))),
  CONSTRAINT chat_members_unread_check CHECK ((unread >= 0)),
  CONSTRAINT chat_members_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id) ON DELETE CASCADE,
  CONSTRAINT chat_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT chat_members_pkey PRIMARY KEY (chat_id, side)
);

CREATE TABLE chats (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  person_a bigint NOT NULL,
  person_b bigint,
  opened_by text NOT NULL,
  booking_id bigint,
  service_id bigint,
  last_seq bigint DEFAULT 0 NOT NULL,
  said_seq bigint DEFAULT 0 NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  left_side text,
  CONSTRAINT chats_check CHECK (((kind = 'support'::text) = (person_b IS NULL))),
  CONSTRAINT chats_check1 CHECK ((person_a < person_b)),
  CONSTRAINT chats_kind_check CHECK ((kind = ANY (ARRAY['direct'::text, 'support'::text]))),
  CONSTRAINT chats_left_side_check CHECK ((left_side = ANY (ARRAY['a'::text, 'b'::text]))),
  CONSTRAINT chats_opened_by_check CHECK ((opened_by = ANY (ARRAY['booking'::text, 'inquiry'::text, 'support'::text]))),
  CONSTRAINT chats_person_a_fkey FOREIGN KEY (person_a) REFERENCES users(id),
  CONSTRAINT chats_person_b_fkey FOREIGN KEY (person_b) REFERENCES users(id),
  CONSTRAINT chats_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id),
  CONSTRAINT chats_pkey PRIMARY KEY (id)
);

CREATE TABLE claim_horizon (
  one boolean DEFAULT true NOT NULL,
  until timestamp with time zone NOT NULL,
  CONSTRAINT claim_horizon_one_check CHECK (one),
  CONSTRAINT claim_horizon_pkey PRIMARY KEY (one)
);

CREATE TABLE claims (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  resource_id bigint NOT NULL,
  during tstzrange NOT NULL,
  exclusive boolean NOT NULL,
  source_kind text NOT NULL,
  source_id text NOT NULL,
  occurrence timestamp with time zone,
  expires_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT claims_during_check CHECK (((NOT isempty(during)) AND (NOT lower_inf(during)) AND (NOT upper_inf(during)))),
  CONSTRAINT claims_source_kind_check CHECK ((source_kind = ANY (ARRAY['booking_session'::text, 'block'::text, 'event'::text, 'import'::text]))),
  CONSTRAINT claims_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resources(id),
  CONSTRAINT claims_pkey PRIMARY KEY (id),
  CONSTRAINT claims_no_overlap EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (exclusive)
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
  email_key text NOT NULL,
  CONSTRAINT codes_purpose_check CHECK ((purpose = ANY (ARRAY['email_confirmation'::text, 'password_reset'::text, 'email_change'::text, 'email_change_undo'::text]))),
  CONSTRAINT codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT codes_pkey PRIMARY KEY (id)
);

CREATE TABLE connected_accounts (
  seller text NOT NULL,
  gateway text NOT NULL,
  destination text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT connected_accounts_pkey PRIMARY KEY (seller, gateway)
);

CREATE TABLE dav_properties (
  user_id bigint NOT NULL,
  calendar_id uuid NOT NULL,
  name text NOT NULL,
  value text NOT NULL,
  CONSTRAINT dav_properties_calendar_id_fkey FOREIGN KEY (calendar_id) REFERENCES calendars(id) ON DELETE CASCADE,
  CONSTRAINT dav_properties_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT dav_properties_pkey PRIMARY KEY (user_id, calendar_id, name)
);

CREATE TABLE departments (
  id uuid NOT NULL,
  organization_id uuid NOT NULL,
  parent_id uuid,
  name text NOT NULL,
  name_key text NOT NULL,
  description text DEFAULT ''::text NOT NULL,
  head_id bigint,
  search_text text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT departments_not_own_parent CHECK ((parent_id <> id)),
  CONSTRAINT departments_head FOREIGN KEY (organization_id, head_id) REFERENCES memberships(organization_id, user_id) ON DELETE SET NULL (head_id),
  CONSTRAINT departments_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  CONSTRAINT departments_parent FOREIGN KEY (organization_id, parent_id) REFERENCES departments(organization_id, id),
  CONSTRAINT departments_pkey PRIMARY KEY (id),
  CONSTRAINT departments_in_organization UNIQUE (organization_id, id),
  CONSTRAINT departments_name_taken UNIQUE NULLS NOT DISTINCT (organization_id, parent_id, name_key)
);

CREATE TABLE devices (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  session_id bigint NOT NULL,
  token text NOT NULL,
  token_hash text NOT NULL,
  platform text NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  registered_at timestamp with time zone NOT NULL,
  CONSTRAINT devices_platform_check CHECK ((platform = ANY (ARRAY['android'::text, 'ios'::text, 'web'::text]))),
  CONSTRAINT devices_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE,
  CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT devices_pkey PRIMARY KEY (id),
  CONSTRAINT devices_token_once UNIQUE (token_hash)
);

CREATE TABLE disputes (
  id text NOT NULL,
  payment_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  status text NOT NULL,
  reason text,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT disputes_amount_minor_check CHECK ((amount_minor > 0)),
  CONSTRAINT disputes_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  CONSTRAINT disputes_pkey PRIMARY KEY (id)
);

CREATE TABLE documents (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  owner_id bigint NOT NULL,
  title text NOT NULL,
  type text NOT NULL,
  status text NOT NULL,
  reason text,
  valid_until date,
  reviewed_by bigint,
  reviewed_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT documents_check CHECK (((reason IS NULL) = (status <> 'rejected'::text))),
  CONSTRAINT documents_status_check CHECK ((status = ANY (ARRAY['pending_scan'::text, 'pending'::text, 'approved'::text, 'rejected'::text, 'expired'::text]))),
  CONSTRAINT documents_type_check CHECK ((type = ANY (ARRAY['identity'::text, 'certificate'::text, 'licence'::text, 'insurance'::text, 'tax'::text, 'other'::text]))),
  CONSTRAINT documents_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT documents_reviewed_by_fkey FOREIGN KEY (reviewed_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT documents_pkey PRIMARY KEY (id)
);

CREATE TABLE event_answers (
  participant_id uuid NOT NULL,
  point bigint NOT NULL,
  recurrence_id text NOT NULL,
  status text NOT NULL,
  responded_at timestamp with time zone NOT NULL,
  CONSTRAINT event_answers_status_check CHECK ((status = ANY (ARRAY['needs_action'::text, 'accepted'::text, 'declined'::text, 'tentative'::text]))),
  CONSTRAINT event_answers_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES event_participants(id) ON DELETE CASCADE,
  CONSTRAINT event_answers_pkey PRIMARY KEY (participant_id, point)
);

CREATE TABLE event_check_ins (
  event_id uuid NOT NULL,
  point bigint NOT NULL,
  checked_in_by bigint NOT NULL,
  checked_in_at timestamp with time zone NOT NULL,
  CONSTRAINT event_check_ins_checked_in_by_fkey FOREIGN KEY (checked_in_by) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT event_check_ins_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id) ON DELETE CASCADE,
  CONSTRAINT event_check_ins_pkey PRIMARY KEY (event_id, point)
);

CREATE TABLE event_comments (
  id uuid NOT NULL,
  event_id uuid NOT NULL,
  author_id bigint NOT NULL,
  text text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT event_comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id),
  CONSTRAINT event_comments_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id) ON DELETE CASCADE,
  CONSTRAINT event_comments_pkey PRIMARY KEY (id)
);

CREATE TABLE event_overrides (
  event_id uuid NOT NULL,
  point bigint NOT NULL,
  recurrence_id text NOT NULL,
  start_point bigint,
  start_text text,
  duration_seconds bigint,
  changes jsonb DEFAULT '{}'::jsonb NOT NULL,
  has_own_room boolean DEFAULT false NOT NULL,
  room_id uuid,
  sequence integer DEFAULT 0 NOT NULL,
  raw jsonb,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT event_overrides_duration_seconds_check CHECK ((duration_seconds >= 0)),
  CONSTRAINT event_overrides_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id) ON DELETE CASCADE,
  CONSTRAINT event_overrides_room_id_fkey FOREIGN KEY (room_id) REFERENCES rooms(id),
  CONSTRAINT event_overrides_pkey PRIMARY KEY (event_id, point)
);

CREATE TABLE event_participants (
  id uuid NOT NULL,
  event_id uuid NOT NULL,
  user_id bigint,
  email text,
  email_key text,
  name text DEFAULT ''::text NOT NULL,
  role text DEFAULT 'required'::text NOT NULL,
  status text DEFAULT 'needs_action'::text NOT NULL,
  responded_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT event_participants_check CHECK ((((user_id IS NULL) = (email IS NOT NULL)) AND ((email IS NULL) = (email_key IS NULL)))),
  CONSTRAINT event_participants_role_check CHECK ((role = ANY (ARRAY['required'::text, 'optional'::text]))),
  CONSTRAINT event_participants_status_check CHECK ((status = ANY (ARRAY['needs_action'::text, 'accepted'::text, 'declined'::text, 'tentative'::text]))),
  CONSTRAINT event_participants_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id) ON DELETE CASCADE,
  CONSTRAINT event_participants_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT event_participants_pkey PRIMARY KEY (id),
  CONSTRAINT event_participants_address_once UNIQUE (event_id, email_key),
  CONSTRAINT event_participants_person_once UNIQUE (event_id, user_id)
);

CREATE TABLE event_reminding (
  event_id uuid NOT NULL,
  told_until timestamp with time zone NOT NULL,
  next_at timestamp with time zone,
  CONSTRAINT event_reminding_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id) ON DELETE CASCADE,
  CONSTRAINT event_reminding_pkey PRIMARY KEY (event_id)
);

CREATE TABLE event_tombstones (
  calendar_id uuid NOT NULL,
  event_id uuid NOT NULL,
  uid text NOT NULL,
  change bigint NOT NULL,
  deleted_at timestamp with time zone NOT NULL,
  href text,
  CONSTRAINT event_tombstones_calendar_id_fkey FOREIGN KEY (calendar_id) REFERENCES calendars(id) ON DELETE CASCADE,
  CONSTRAINT event_tombstones_pkey PRIMARY KEY (calendar_id, event_id)
);

CREATE TABLE events (
  id uuid NOT NULL,
  calendar_id uuid NOT NULL,
  uid text NOT NULL,
  sequence integer DEFAULT 0 NOT NULL,
  organizer_id bigint NOT NULL,
  title text NOT NULL,
  description text DEFAULT ''::text NOT NULL,
  location text DEFAULT ''::text NOT NULL,
  kind text NOT NULL,
  time_zone text,
  dtstart text NOT NULL,
  duration_seconds bigint NOT NULL,
  recurrence_rule text,
  rdates text[] DEFAULT '{}'::text[] NOT NULL,
  exdates text[] DEFAULT '{}'::text[] NOT NULL,
  span tstzrange NOT NULL,
  status text DEFAULT 'confirmed'::text NOT NULL,
  transparency text,
  visibility text DEFAULT 'public'::text NOT NULL,
  room_id uuid,
  reminders integer[] DEFAULT '{}'::integer[] NOT NULL,
  raw jsonb,
  claimed_until timestamp with time zone,
  change bigint DEFAULT 0 NOT NULL,
  version integer DEFAULT 1 NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  href text,
  CONSTRAINT events_check CHECK (((kind = 'zoned'::text) = (time_zone IS NOT NULL))),
  CONSTRAINT events_duration_seconds_check CHECK ((duration_seconds >= 0)),
  CONSTRAINT events_kind_check CHECK ((kind = ANY (ARRAY['zoned'::text, 'utc'::text, 'floating'::text, 'date'::text]))),
  CONSTRAINT events_span_check CHECK ((NOT isempty(span))),
  CONSTRAINT events_status_check CHECK ((status = ANY (ARRAY['confirmed'::text, 'tentative'::text, 'cancelled'::text]))),
  CONSTRAINT events_transparency_check CHECK ((transparency = ANY (ARRAY['opaque'::text, 'transparent'::text]))),
  CONSTRAINT events_visibility_check CHECK ((visibility = ANY (ARRAY['public'::text, 'private'::text]))),
  CONSTRAINT events_calendar_id_fkey FOREIGN KEY (calendar_id) REFERENCES calendars(id) ON DELETE CASCADE,
  CONSTRAINT events_organizer_id_fkey FOREIGN KEY (organizer_id) REFERENCES users(id),
  CONSTRAINT events_room_id_fkey FOREIGN KEY (room_id) REFERENCES rooms(id),
  CONSTRAINT events_pkey PRIMARY KEY (id),
  CONSTRAINT events_uid_once UNIQUE (calendar_id, uid)
);

CREATE TABLE exports (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  status text NOT NULL,
  key text NOT NULL,
  size bigint,
  requested_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  expires_at timestamp with time zone,
  CONSTRAINT exports_check CHECK (((status = 'ready'::text) <= ((size IS NOT NULL) AND (expires_at IS NOT NULL)))),
  CONSTRAINT exports_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'ready'::text, 'failed'::text, 'removed'::text]))),
  CONSTRAINT exports_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT exports_pkey PRIMARY KEY (id),
  CONSTRAINT exports_key_key UNIQUE (key)
);

CREATE TABLE freed_times (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  service_id bigint NOT NULL,
  provider_id bigint,
  starts_at timestamp with time zone NOT NULL,
  ends_at timestamp with time zone NOT NULL,
  freed_at timestamp with time zone NOT NULL,
  next_at timestamp with time zone,
  CONSTRAINT freed_times_check CHECK ((starts_at < ends_at)),
  CONSTRAINT freed_times_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT freed_times_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id),
  CONSTRAINT freed_times_pkey PRIMARY KEY (id)
);

CREATE TABLE gateway_customers (
  user_id bigint NOT NULL,
  gateway text NOT NULL,
  customer_id text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT gateway_customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT gateway_customers_pkey PRIMARY KEY (user_id, gateway),
  CONSTRAINT gateway_customers_gateway_customer_id_key UNIQUE (gateway, customer_id)
);

CREATE TABLE gateway_operations (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  business_key text NOT NULL,
  gateway text NOT NULL,
  kind text NOT NULL,
  subject_id bigint NOT NULL,
  request jsonb NOT NULL,
  state text DEFAULT 'begun'::text NOT NULL,
  result jsonb,
  attempts integer DEFAULT 0 NOT NULL,
  last_error text,
  next_at timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  CONSTRAINT gateway_operations_state_check CHECK ((state = ANY (ARRAY['begun'::text, 'done'::text]))),
  CONSTRAINT gateway_operations_pkey PRIMARY KEY (id),
  CONSTRAINT gateway_operations_one_a_key UNIQUE (business_key)
);

CREATE TABLE google_channels (
  id uuid NOT NULL,
  connection_id bigint NOT NULL,
  resource_id text,
  expires_at timestamp with time zone,
  is_ending boolean DEFAULT false NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT google_channels_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES google_connections(id) ON DELETE CASCADE,
  CONSTRAINT google_channels_pkey PRIMARY KEY (id)
);

CREATE TABLE google_connections (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  account text,
  calendar_id text NOT NULL,
  refresh_token text,
  state text NOT NULL,
  consent integer DEFAULT 1 NOT NULL,
  sync_token text,
  sync_turn bigint DEFAULT 0 NOT NULL,
  full_sync_at timestamp with time zone,
  synced_at timestamp with time zone,
  sync_wanted_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT google_connections_state_check CHECK ((state = ANY (ARRAY['active'::text, 'revoked'::text, 'ending'::text]))),
  CONSTRAINT google_connections_token CHECK (((refresh_token IS NULL) = (state = 'revoked'::text))),
  CONSTRAINT google_connections_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT google_connections_pkey PRIMARY KEY (id)
);

CREATE TABLE google_consents (
  state_hash text NOT NULL,
  user_id bigint NOT NULL,
  verifier text NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT google_consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT google_consents_pkey PRIMARY KEY (state_hash)
);

CREATE TABLE google_events (
  booking_id bigint NOT NULL,
  event_id text NOT NULL,
  connection_id bigint,
  calendar_id text,
  written text,
  written_from timestamp with time zone,
  written_to timestamp with time zone,
  is_removed boolean DEFAULT false NOT NULL,
  dirty_at timestamp with time zone,
  meet_wanted boolean DEFAULT false NOT NULL,
  meet_nth integer DEFAULT 1 NOT NULL,
  meet_url text,
  turn uuid,
  turn_until timestamp with time zone,
  refusal text,
  CONSTRAINT google_events_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
  CONSTRAINT google_events_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES google_connections(id) ON DELETE SET NULL,
  CONSTRAINT google_events_pkey PRIMARY KEY (booking_id),
  CONSTRAINT google_events_id UNIQUE (event_id)
);

CREATE TABLE google_invitations (
  booking_id bigint NOT NULL,
  user_id bigint NOT NULL,
  meet_url text NOT NULL,
  sent_at timestamp with time zone NOT NULL,
  CONSTRAINT google_invitations_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
  CONSTRAINT google_invitations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT google_invitations_pkey PRIMARY KEY (booking_id, user_id, meet_url)
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

CREATE TABLE insight_changes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  scope text,
  at timestamp with time zone NOT NULL,
  kind text NOT NULL,
  currency text NOT NULL,
  count bigint NOT NULL,
  minutes bigint NOT NULL,
  amount_minor bigint NOT NULL,
  fee_minor bigint NOT NULL,
  CONSTRAINT insight_changes_pkey PRIMARY KEY (id)
);

CREATE TABLE insight_quarters (
  scope text NOT NULL,
  at timestamp with time zone NOT NULL,
  kind text NOT NULL,
  currency text NOT NULL,
  count bigint NOT NULL,
  minutes bigint NOT NULL,
  amount_minor bigint NOT NULL,
  fee_minor bigint NOT NULL,
  CONSTRAINT insight_quarters_pkey PRIMARY KEY (scope, at, kind, currency)
);

CREATE TABLE invitations (
  id uuid NOT NULL,
  organization_id uuid NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  role text NOT NULL,
  position text DEFAULT ''::text NOT NULL,
  nonce text NOT NULL,
  invited_by bigint,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  accepted_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  CONSTRAINT invitations_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'it'::text, 'employee'::text]))),
  CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT invitations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  CONSTRAINT invitations_pkey PRIMARY KEY (id)
);

CREATE TABLE known_addresses (
  user_id bigint NOT NULL,
  address text NOT NULL,
  last_signed_in_at timestamp with time zone NOT NULL,
  CONSTRAINT known_addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, address)
);

CREATE TABLE ledger_accounts (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  seller text NOT NULL,
  provider_id bigint,
  organization_id uuid,
  currency text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT ledger_accounts_check CHECK (((kind = 'seller'::text) = (seller <> ''::text))),
  CONSTRAINT ledger_accounts_check1 CHECK (((provider_id IS NULL) OR (organization_id IS NULL))),
  CONSTRAINT ledger_accounts_kind_check CHECK ((kind = ANY (ARRAY['gateway'::text, 'bank'::text, 'platform_fee'::text, 'payouts'::text, 'seller'::text]))),
  CONSTRAINT ledger_accounts_seller CHECK ((seller =
CASE
    WHEN (organization_id IS NOT NULL) THEN ('organization:'::text || (organization_id)::text)
    WHEN (provider_id IS NOT NULL) THEN ('provider:'::text || (provider_id)::text)
    ELSE ''::text
END)),
  CONSTRAINT ledger_accounts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT ledger_accounts_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT ledger_accounts_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_accounts_once UNIQUE (seller, kind, currency)
);

CREATE TABLE ledger_earnings (
  payment_id bigint NOT NULL,
  account_id bigint NOT NULL,
  booking_id bigint NOT NULL,
  net_minor bigint NOT NULL,
  available_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
  CONSTRAINT ledger_earnings_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger_accounts(id),
  CONSTRAINT ledger_earnings_pkey PRIMARY KEY (payment_id)
);

CREATE TABLE ledger_entries (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  transaction_id bigint NOT NULL,
  account_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  balance_minor bigint,
  CONSTRAINT ledger_entries_amount_minor_check CHECK ((amount_minor <> 0)),
  CONSTRAINT ledger_entries_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger_accounts(id),
  CONSTRAINT ledger_entries_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES ledger_transactions(id),
  CONSTRAINT ledger_entries_pkey PRIMARY KEY (id)
);

CREATE TABLE ledger_releases (
  booking_id bigint NOT NULL,
  completed_at timestamp with time zone NOT NULL,
  available_at timestamp with time zone NOT NULL,
  CONSTRAINT ledger_releases_pkey PRIMARY KEY (booking_id)
);

CREATE TABLE ledger_transactions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  reference text NOT NULL,
  kind text NOT NULL,
  currency text NOT NULL,
  amount_minor bigint NOT NULL,
  fee_minor bigint DEFAULT 0 NOT NULL,
  payment_id bigint,
  withdrawal_id bigint,
  reverses_id bigint,
  at timestamp with time zone NOT NULL,
  CONSTRAINT ledger_transactions_amount_minor_check CHECK ((amount_minor > 0)),
  CONSTRAINT ledger_transactions_check CHECK (((fee_minor >= 0) AND (fee_minor <= amount_minor))),
  CONSTRAINT ledger_transactions_check1 CHECK (((kind = 'reversal'::text) = (reverses_id IS NOT NULL))),
  CONSTRAINT ledger_transactions_kind_check CHECK ((kind = ANY (ARRAY['charge'::text, 'refund'::text, 'dispute'::text, 'withdrawal'::text, 'payout'::text, 'payout_return'::text, 'reversal'::text]))),
  CONSTRAINT ledger_transactions_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES ledger_transactions(id),
  CONSTRAINT ledger_transactions_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_transactions_once UNIQUE (reference),
  CONSTRAINT ledger_transactions_reversed_once UNIQUE (reverses_id)
);

CREATE TABLE ledger_turns (
  account_id bigint NOT NULL,
  turns bigint DEFAULT 0 NOT NULL,
  CONSTRAINT ledger_turns_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger_accounts(id),
  CONSTRAINT ledger_turns_pkey PRIMARY KEY (account_id)
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

CREATE TABLE memberships (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  organization_id uuid NOT NULL,
  user_id bigint NOT NULL,
  role text NOT NULL,
  position text DEFAULT ''::text NOT NULL,
  manager_id bigint,
  access_org_structure boolean DEFAULT true NOT NULL,
  access_tickets boolean DEFAULT true NOT NULL,
  access_availability_slots boolean DEFAULT false NOT NULL,
  show_local_time boolean DEFAULT true NOT NULL,
  show_moscow_time boolean DEFAULT true NOT NULL,
  joined_at timestamp with time zone NOT NULL,
  department_id uuid,
  search_text text DEFAULT ''::text NOT NULL,
  CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'it'::text, 'employee'::text]))),
  CONSTRAINT memberships_department FOREIGN KEY (organization_id, department_id) REFERENCES departments(organization_id, id) ON DELETE SET NULL (department_id),
  CONSTRAINT memberships_manager FOREIGN KEY (organization_id, manager_id) REFERENCES memberships(organization_id, user_id) ON DELETE SET NULL (manager_id),
  CONSTRAINT memberships_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT memberships_pkey PRIMARY KEY (id),
  CONSTRAINT memberships_once UNIQUE (organization_id, user_id)
);

CREATE TABLE messages (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  chat_id bigint NOT NULL,
  seq bigint NOT NULL,
  person_a bigint NOT NULL,
  person_b bigint,
  side text,
  sender_id bigint,
  text text NOT NULL,
  params jsonb,
  search_text text DEFAULT ''::text NOT NULL,
  has_attachments boolean DEFAULT false NOT NULL,
  client_id text,
  request_hash text,
  created_at timestamp with time zone NOT NULL,
  edited_at timestamp with time zone,
  deleted_at timestamp with time zone,
  CONSTRAINT messages_check CHECK (((sender_id IS NULL) = (side IS NULL))),
  CONSTRAINT messages_side_check CHECK ((side = ANY (ARRAY['a'::text, 'b'::text]))),
  CONSTRAINT messages_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  CONSTRAINT messages_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES users(id),
  CONSTRAINT messages_pkey PRIMARY KEY (id),
  CONSTRAINT messages_in_order UNIQUE (chat_id, seq)
);

CREATE TABLE migrations (
  name text NOT NULL,
  hash text NOT NULL,
  applied_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT migrations_pkey PRIMARY KEY (name)
);

CREATE TABLE notification_people (
  notification_id bigint NOT NULL,
  user_id bigint NOT NULL,
  param text NOT NULL,
  CONSTRAINT notification_people_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES notifications(id) ON DELETE CASCADE,
  CONSTRAINT notification_people_pkey PRIMARY KEY (notification_id, param, user_id)
);

CREATE TABLE notification_preferences (
  user_id bigint NOT NULL,
  topic text NOT NULL,
  channel text NOT NULL,
  enabled boolean NOT NULL,
  CONSTRAINT notification_preferences_channel_check CHECK ((channel = ANY (ARRAY['in_app'::text, 'email'::text, 'push'::text]))),
  CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id, topic, channel)
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

CREATE TABLE organizations (
  id uuid NOT NULL,
  name text NOT NULL,
  description text DEFAULT ''::text NOT NULL,
  slug text,
  time_zone text DEFAULT 'UTC'::text NOT NULL,
  currency text DEFAULT 'USD'::text NOT NULL,
  city text DEFAULT ''::text NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  created_by bigint,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  archived_at timestamp with time zone,
  rating_sum bigint DEFAULT 0 NOT NULL,
  review_count integer DEFAULT 0 NOT NULL,
  CONSTRAINT organizations_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT organizations_pkey PRIMARY KEY (id),
  CONSTRAINT organizations_slug_taken UNIQUE (slug)
);

CREATE TABLE payables (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  source_kind text NOT NULL,
  source_id bigint NOT NULL,
  title text NOT NULL,
  payer_id bigint NOT NULL,
  provider_id bigint NOT NULL,
  organization_id uuid,
  amount_minor bigint NOT NULL,
  deposit_minor bigint,
  currency text NOT NULL,
  paid_minor bigint DEFAULT 0 NOT NULL,
  refunded_minor bigint DEFAULT 0 NOT NULL,
  is_processing boolean DEFAULT false NOT NULL,
  expires_at timestamp with time zone,
  closed_at timestamp with time zone,
  close_reason text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT payables_amount_minor_check CHECK ((amount_minor > 0)),
  CONSTRAINT payables_check CHECK (((deposit_minor >= 1) AND (deposit_minor <= amount_minor))),
  CONSTRAINT payables_check1 CHECK (((closed_at IS NULL) = (close_reason IS NULL))),
  CONSTRAINT payables_close_reason_check CHECK ((close_reason = ANY (ARRAY['expired'::text, 'cancelled'::text, 'no_show'::text, 'waived'::text]))),
  CONSTRAINT payables_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT payables_payer_id_fkey FOREIGN KEY (payer_id) REFERENCES users(id),
  CONSTRAINT payables_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT payables_pkey PRIMARY KEY (id),
  CONSTRAINT payables_one_a_source UNIQUE (source_kind, source_id)
);

CREATE TABLE payments (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  payable_id bigint NOT NULL,
  payer_id bigint NOT NULL,
  provider_id bigint NOT NULL,
  organization_id uuid,
  amount_minor bigint NOT NULL,
  fee_minor bigint NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  refunded_minor bigint DEFAULT 0 NOT NULL,
  refunding_minor bigint DEFAULT 0 NOT NULL,
  disputed_minor bigint DEFAULT 0 NOT NULL,
  gateway text NOT NULL,
  intent_id text,
  client_secret text,
  card_brand text,
  card_last4 text,
  failure_code text,
  decline_code text,
  told_at timestamp with time zone,
  check_at timestamp with time zone,
  checks integer DEFAULT 0 NOT NULL,
  paid_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT payments_amount_minor_check CHECK ((amount_minor > 0)),
  CONSTRAINT payments_check CHECK (((fee_minor >= 0) AND (fee_minor <= amount_minor))),
  CONSTRAINT payments_gateway_check CHECK ((gateway = ANY (ARRAY['sandbox'::text, 'stripe'::text]))),
  CONSTRAINT payments_no_more_back CHECK (((refunded_minor >= 0) AND (refunding_minor >= 0) AND ((refunded_minor + refunding_minor) <= amount_minor))),
  CONSTRAINT payments_status_check CHECK ((status = ANY (ARRAY['requires_payment_method'::text, 'requires_action'::text, 'processing'::text, 'succeeded'::text, 'failed'::text, 'refunded'::text, 'partially_refunded'::text, 'cancelled'::text]))),
  CONSTRAINT payments_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT payments_payable_id_fkey FOREIGN KEY (payable_id) REFERENCES payables(id),
  CONSTRAINT payments_payer_id_fkey FOREIGN KEY (payer_id) REFERENCES users(id),
  CONSTRAINT payments_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT payments_pkey PRIMARY KEY (id),
  CONSTRAINT payments_intent_id_key UNIQUE (intent_id)
);

CREATE TABLE photos (
  key text NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT photos_pkey PRIMARY KEY (key)
);

CREATE TABLE provider_listings (
  user_id bigint NOT NULL,
  is_listed boolean NOT NULL,
  search_text text NOT NULL,
  name_key text NOT NULL,
  city_key text NOT NULL,
  languages text[] NOT NULL,
  rating_tenths smallint NOT NULL,
  is_verified boolean DEFAULT false NOT NULL,
  CONSTRAINT provider_listings_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT provider_listings_pkey PRIMARY KEY (user_id)
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

CREATE TABLE quiet_hours (
  user_id bigint NOT NULL,
  starts text NOT NULL,
  ends text NOT NULL,
  CONSTRAINT quiet_hours_check CHECK ((starts <> ends)),
  CONSTRAINT quiet_hours_ends_check CHECK ((ends ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
  CONSTRAINT quiet_hours_starts_check CHECK ((starts ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
  CONSTRAINT quiet_hours_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT quiet_hours_pkey PRIMARY KEY (user_id)
);

CREATE TABLE rate_limits (
  key text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  previous integer NOT NULL,
  count integer NOT NULL,
  CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);

CREATE TABLE receipt_series (
  seller text NOT NULL,
  kind text NOT NULL,
  last bigint NOT NULL,
  CONSTRAINT receipt_series_kind_check CHECK ((kind = ANY (ARRAY['receipt'::text, 'credit_note'::text]))),
  CONSTRAINT receipt_series_pkey PRIMARY KEY (seller, kind)
);

CREATE TABLE receipt_settings (
  seller text NOT NULL,
  legal_name text DEFAULT ''::text NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  tax_number text DEFAULT ''::text NOT NULL,
  tax_name text DEFAULT ''::text NOT NULL,
  tax_rate integer,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT receipt_settings_tax_rate_check CHECK (((tax_rate >= 0) AND (tax_rate <= 10000))),
  CONSTRAINT receipt_settings_pkey PRIMARY KEY (seller)
);

CREATE TABLE receipts (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  seller text NOT NULL,
  kind text NOT NULL,
  number bigint NOT NULL,
  payment_id bigint NOT NULL,
  refund_id bigint,
  data jsonb NOT NULL,
  issued_at timestamp with time zone NOT NULL,
  CONSTRAINT receipts_check CHECK (((kind = 'credit_note'::text) = (refund_id IS NOT NULL))),
  CONSTRAINT receipts_kind_check CHECK ((kind = ANY (ARRAY['receipt'::text, 'credit_note'::text]))),
  CONSTRAINT receipts_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  CONSTRAINT receipts_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refunds(id),
  CONSTRAINT receipts_pkey PRIMARY KEY (id),
  CONSTRAINT receipts_seller_kind_number_key UNIQUE (seller, kind, number)
);

CREATE TABLE recovery_codes (
  user_id bigint NOT NULL,
  code_hash text NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES two_factor(user_id) ON DELETE CASCADE,
  CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash)
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

CREATE TABLE refunds (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  payment_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  fee_minor bigint DEFAULT 0 NOT NULL,
  status text NOT NULL,
  cause text NOT NULL,
  reason text,
  requested_by bigint,
  refund_id text,
  failure_code text,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT refunds_amount_minor_check CHECK ((amount_minor > 0)),
  CONSTRAINT refunds_cause_check CHECK ((cause = ANY (ARRAY['request'::text, 'cancellation'::text, 'late'::text, 'gateway'::text]))),
  CONSTRAINT refunds_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text]))),
  CONSTRAINT refunds_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  CONSTRAINT refunds_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES users(id),
  CONSTRAINT refunds_pkey PRIMARY KEY (id),
  CONSTRAINT refunds_refund_id_key UNIQUE (refund_id)
);

CREATE TABLE reports (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  message_id bigint NOT NULL,
  reporter_id bigint NOT NULL,
  reason text NOT NULL,
  text text NOT NULL,
  status text DEFAULT 'open'::text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  resolved_by bigint,
  resolved_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT reports_check CHECK (((status = 'open'::text) = (resolved_at IS NULL))),
  CONSTRAINT reports_status_check CHECK ((status = ANY (ARRAY['open'::text, 'resolved'::text, 'dismissed'::text]))),
  CONSTRAINT reports_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages(id),
  CONSTRAINT reports_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES users(id),
  CONSTRAINT reports_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES users(id),
  CONSTRAINT reports_pkey PRIMARY KEY (id),
  CONSTRAINT reports_once UNIQUE (message_id, reporter_id)
);

CREATE TABLE resources (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  user_id bigint,
  room_id uuid,
  organization_id uuid,
  time_zone text NOT NULL,
  version bigint DEFAULT 0 NOT NULL,
  CONSTRAINT resources_check CHECK ((((kind = 'person'::text) = (user_id IS NOT NULL)) AND ((kind = 'room'::text) = (room_id IS NOT NULL)))),
  CONSTRAINT resources_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'room'::text]))),
  CONSTRAINT resources_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT resources_room_id_fkey FOREIGN KEY (room_id) REFERENCES rooms(id),
  CONSTRAINT resources_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT resources_pkey PRIMARY KEY (id),
  CONSTRAINT resources_once_a_person UNIQUE (user_id),
  CONSTRAINT resources_once_a_room UNIQUE (room_id)
);

CREATE TABLE review_invitations (
  booking_id bigint NOT NULL,
  invited_at timestamp with time zone NOT NULL,
  CONSTRAINT review_invitations_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
  CONSTRAINT review_invitations_pkey PRIMARY KEY (booking_id)
);

CREATE TABLE review_reports (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  review_id bigint NOT NULL,
  reporter_id bigint NOT NULL,
  reason text NOT NULL,
  text text NOT NULL,
  answer text,
  status text DEFAULT 'open'::text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  resolved_by bigint,
  resolved_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT review_reports_status_check CHECK ((status = ANY (ARRAY['open'::text, 'resolved'::text, 'dismissed'::text]))),
  CONSTRAINT review_reports_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES users(id),
  CONSTRAINT review_reports_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES users(id),
  CONSTRAINT review_reports_review_id_fkey FOREIGN KEY (review_id) REFERENCES reviews(id) ON DELETE CASCADE,
  CONSTRAINT review_reports_pkey PRIMARY KEY (id),
  CONSTRAINT review_reports_once UNIQUE (review_id, reporter_id)
);

CREATE TABLE review_totals (
  kind text NOT NULL,
  key text NOT NULL,
  one integer DEFAULT 0 NOT NULL,
  two integer DEFAULT 0 NOT NULL,
  three integer DEFAULT 0 NOT NULL,
  four integer DEFAULT 0 NOT NULL,
  five integer DEFAULT 0 NOT NULL,
  CONSTRAINT review_totals_five_check CHECK ((five >= 0)),
  CONSTRAINT review_totals_four_check CHECK ((four >= 0)),
  CONSTRAINT review_totals_kind_check CHECK ((kind = ANY (ARRAY['provider'::text, 'service'::text, 'organization'::text]))),
  CONSTRAINT review_totals_one_check CHECK ((one >= 0)),
  CONSTRAINT review_totals_three_check CHECK ((three >= 0)),
  CONSTRAINT review_totals_two_check CHECK ((two >= 0)),
  CONSTRAINT review_totals_pkey PRIMARY KEY (kind, key)
);

CREATE TABLE reviews (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  booking_id bigint NOT NULL,
  provider_id bigint NOT NULL,
  service_id bigint NOT NULL,
  organization_id uuid,
  customer_id bigint,
  rating smallint NOT NULL,
  text text NOT NULL,
  answer text,
  answered_by bigint,
  answered_at timestamp with time zone,
  answer_edited_at timestamp with time zone,
  hidden_at timestamp with time zone,
  hidden_reason text,
  created_at timestamp with time zone NOT NULL,
  edited_at timestamp with time zone,
  CONSTRAINT reviews_check CHECK (((answer IS NULL) = (answered_at IS NULL))),
  CONSTRAINT reviews_check1 CHECK (((hidden_at IS NULL) = (hidden_reason IS NULL))),
  CONSTRAINT reviews_rating_check CHECK (((rating >= 1) AND (rating <= 5))),
  CONSTRAINT reviews_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES users(id),
  CONSTRAINT reviews_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
  CONSTRAINT reviews_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES users(id),
  CONSTRAINT reviews_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT reviews_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT reviews_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id),
  CONSTRAINT reviews_pkey PRIMARY KEY (id),
  CONSTRAINT reviews_once UNIQUE (booking_id)
);

CREATE TABLE rooms (
  id uuid NOT NULL,
  organization_id uuid NOT NULL,
  name text NOT NULL,
  description text DEFAULT ''::text NOT NULL,
  capacity integer NOT NULL,
  location text DEFAULT ''::text NOT NULL,
  equipment text[] DEFAULT '{}'::text[] NOT NULL,
  time_zone text DEFAULT 'UTC'::text NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  archived_at timestamp with time zone,
  search_text text DEFAULT ''::text NOT NULL,
  equipment_keys text[] DEFAULT '{}'::text[] NOT NULL,
  check_in_minutes integer,
  CONSTRAINT rooms_capacity_check CHECK (((capacity >= 1) AND (capacity <= 100000))),
  CONSTRAINT rooms_check_in_minutes_check CHECK (((check_in_minutes >= 5) AND (check_in_minutes <= 120))),
  CONSTRAINT rooms_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  CONSTRAINT rooms_pkey PRIMARY KEY (id)
);

CREATE TABLE sandbox_answers (
  key text NOT NULL,
  request_hash text NOT NULL,
  answer jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT sandbox_answers_pkey PRIMARY KEY (key)
);

CREATE TABLE sandbox_objects (
  id text NOT NULL,
  kind text NOT NULL,
  parent text,
  data jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT sandbox_objects_pkey PRIMARY KEY (id)
);

CREATE TABLE saved_methods (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  gateway text NOT NULL,
  method_id text NOT NULL,
  type text NOT NULL,
  brand text,
  last4 text,
  saved_at timestamp with time zone NOT NULL,
  chosen_at timestamp with time zone NOT NULL,
  CONSTRAINT saved_methods_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT saved_methods_pkey PRIMARY KEY (id),
  CONSTRAINT saved_methods_once UNIQUE (gateway, method_id)
);

CREATE TABLE schedule_entries (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  resource_id bigint NOT NULL,
  kind text NOT NULL,
  weekday smallint,
  start_minute smallint,
  end_minute smallint,
  date date,
  intervals integer[],
  starts_at timestamp without time zone,
  ends_at timestamp without time zone,
  reason text DEFAULT ''::text NOT NULL,
  created_by bigint,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT schedule_entries_check CHECK (
CASE kind
    WHEN 'weekly'::text THEN ((weekday IS NOT NULL) AND (start_minute IS NOT NULL) AND (end_minute IS NOT NULL) AND (start_minute <> end_minute))
    WHEN 'override'::text THEN ((date IS NOT NULL) AND (intervals IS NOT NULL))
    ELSE ((starts_at IS NOT NULL) AND (ends_at IS NOT NULL) AND (starts_at < ends_at))
END),
  CONSTRAINT schedule_entries_end_minute_check CHECK (((end_minute >= 0) AND (end_minute <= 1440))),
  CONSTRAINT schedule_entries_kind_check CHECK ((kind = ANY (ARRAY['weekly'::text, 'override'::text, 'time_off'::text, 'slot'::text]))),
  CONSTRAINT schedule_entries_start_minute_check CHECK (((start_minute >= 0) AND (start_minute <= 1439))),
  CONSTRAINT schedule_entries_weekday_check CHECK (((weekday >= 1) AND (weekday <= 7))),
  CONSTRAINT schedule_entries_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT schedule_entries_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resources(id),
  CONSTRAINT schedule_entries_pkey PRIMARY KEY (id)
);

CREATE TABLE service_photos (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  service_id bigint NOT NULL,
  file_key text NOT NULL,
  position integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT service_photos_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE,
  CONSTRAINT service_photos_pkey PRIMARY KEY (id)
);

CREATE TABLE service_rooms (
  service_id bigint NOT NULL,
  room_id uuid NOT NULL,
  CONSTRAINT service_rooms_room_id_fkey FOREIGN KEY (room_id) REFERENCES rooms(id),
  CONSTRAINT service_rooms_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE,
  CONSTRAINT service_rooms_pkey PRIMARY KEY (service_id, room_id)
);

CREATE TABLE service_staff (
  service_id bigint NOT NULL,
  user_id bigint NOT NULL,
  CONSTRAINT service_staff_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE,
  CONSTRAINT service_staff_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT service_staff_pkey PRIMARY KEY (service_id, user_id)
);

CREATE TABLE services (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  provider_id bigint,
  organization_id uuid,
  created_by bigint,
  title text NOT NULL,
  description text NOT NULL,
  price_minor bigint NOT NULL,
  currency text NOT NULL,
  deposit_minor bigint,
  duration_minutes integer DEFAULT 60 NOT NULL,
  buffer_before_minutes integer DEFAULT 0 NOT NULL,
  buffer_after_minutes integer DEFAULT 0 NOT NULL,
  slot_step_minutes integer DEFAULT 30 NOT NULL,
  min_notice_minutes integer DEFAULT 0 NOT NULL,
  max_advance_days integer,
  capacity integer DEFAULT 1 NOT NULL,
  category text DEFAULT ''::text NOT NULL,
  location_type text DEFAULT 'in_person'::text NOT NULL,
  requires_approval boolean DEFAULT false NOT NULL,
  payment text NOT NULL,
  cancellation_policy jsonb DEFAULT '[]'::jsonb NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  search_text text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  archived_at timestamp with time zone,
  is_hidden boolean DEFAULT false NOT NULL,
  is_listed boolean GENERATED ALWAYS AS ((is_active AND (archived_at IS NULL) AND (NOT is_hidden))) STORED NOT NULL,
  title_key text DEFAULT ''::text NOT NULL,
  category_key text DEFAULT ''::text NOT NULL,
  city_key text DEFAULT ''::text NOT NULL,
  price_rank bigint DEFAULT 0 NOT NULL,
  rating_tenths smallint DEFAULT 0 NOT NULL,
  languages text[] DEFAULT '{}'::text[] NOT NULL,
  no_show_fee_minor bigint,
  CONSTRAINT services_buffer_after_minutes_check CHECK (((buffer_after_minutes >= 0) AND (buffer_after_minutes <= 1440))),
  CONSTRAINT services_buffer_before_minutes_check CHECK (((buffer_before_minutes >= 0) AND (buffer_before_minutes <= 1440))),
  CONSTRAINT services_capacity_check CHECK (((capacity >= 1) AND (capacity <= 10000))),
  CONSTRAINT services_check CHECK (((provider_id IS NOT NULL) OR (organization_id IS NOT NULL))),
  CONSTRAINT services_deposit_minor_check CHECK ((deposit_minor >= 0)),
  CONSTRAINT services_duration_minutes_check CHECK (((duration_minutes >= 1) AND (duration_minutes <= 10080))),
  CONSTRAINT services_location_type_check CHECK ((location_type = ANY (ARRAY['in_person'::text, 'at_customer'::text, 'online'::text]))),
  CONSTRAINT services_max_advance_days_check CHECK (((max_advance_days >= 0) AND (max_advance_days <= 3650))),
  CONSTRAINT services_min_notice_minutes_check CHECK (((min_notice_minutes >= 0) AND (min_notice_minutes <= 525600))),
  CONSTRAINT services_no_show_fee_minor_check CHECK ((no_show_fee_minor > 0)),
  CONSTRAINT services_payment_check CHECK ((payment = ANY (ARRAY['online'::text, 'on_site'::text]))),
  CONSTRAINT services_price_minor_check CHECK ((price_minor >= 0)),
  CONSTRAINT services_slot_step_minutes_check CHECK (((slot_step_minutes >= 1) AND (slot_step_minutes <= 1440))),
  CONSTRAINT services_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT services_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT services_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT services_pkey PRIMARY KEY (id)
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
  second_factor_at timestamp with time zone,
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT sessions_pkey PRIMARY KEY (id)
);

CREATE TABLE sign_in_challenges (
  token_hash text NOT NULL,
  user_id bigint NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT sign_in_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT sign_in_challenges_pkey PRIMARY KEY (token_hash)
);

CREATE TABLE slugs (
  slug text NOT NULL,
  owner_kind text NOT NULL,
  owner_id text NOT NULL,
  is_current boolean DEFAULT true NOT NULL,
  nth bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  CONSTRAINT slugs_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['provider'::text, 'organization'::text]))),
  CONSTRAINT slugs_taken PRIMARY KEY (slug)
);

CREATE TABLE socket_departures (
  user_id bigint NOT NULL,
  left_at timestamp with time zone NOT NULL,
  CONSTRAINT socket_departures_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT socket_departures_pkey PRIMARY KEY (user_id)
);

CREATE TABLE socket_nodes (
  node uuid NOT NULL,
  alive_at timestamp with time zone NOT NULL,
  CONSTRAINT socket_nodes_pkey PRIMARY KEY (node)
);

CREATE TABLE socket_people (
  user_id bigint NOT NULL,
  node uuid NOT NULL,
  CONSTRAINT socket_people_node_fkey FOREIGN KEY (node) REFERENCES socket_nodes(node) ON DELETE CASCADE,
  CONSTRAINT socket_people_pkey PRIMARY KEY (user_id, node)
);

CREATE TABLE socket_tickets (
  ticket_hash text NOT NULL,
  user_id bigint NOT NULL,
  session_id bigint NOT NULL,
  token_expires_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT socket_tickets_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE,
  CONSTRAINT socket_tickets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT socket_tickets_pkey PRIMARY KEY (ticket_hash)
);

CREATE TABLE stream_entries (
  user_id bigint NOT NULL,
  seq bigint NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT stream_entries_seq_check CHECK ((seq > 0)),
  CONSTRAINT stream_entries_user_id_fkey FOREIGN KEY (user_id) REFERENCES streams(user_id) ON DELETE CASCADE,
  CONSTRAINT stream_entries_pkey PRIMARY KEY (user_id, seq)
);

CREATE TABLE streams (
  user_id bigint NOT NULL,
  last_seq bigint NOT NULL,
  CONSTRAINT streams_last_seq_check CHECK ((last_seq >= 0)),
  CONSTRAINT streams_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT streams_pkey PRIMARY KEY (user_id)
);

CREATE TABLE ticket_changes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  ticket_id uuid NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_id bigint,
  field text NOT NULL,
  before text,
  after text,
  CONSTRAINT ticket_changes_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT ticket_changes_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES tickets(id) ON DELETE CASCADE,
  CONSTRAINT ticket_changes_pkey PRIMARY KEY (id)
);

CREATE TABLE ticket_comments (
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  author_id bigint,
  body text NOT NULL,
  is_internal boolean NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT ticket_comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT ticket_comments_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES tickets(id) ON DELETE CASCADE,
  CONSTRAINT ticket_comments_pkey PRIMARY KEY (id)
);

CREATE TABLE ticket_desks (
  organization_id uuid NOT NULL,
  last_number integer DEFAULT 0 NOT NULL,
  low_hours integer DEFAULT 168 NOT NULL,
  normal_hours integer DEFAULT 72 NOT NULL,
  high_hours integer DEFAULT 24 NOT NULL,
  urgent_hours integer DEFAULT 4 NOT NULL,
  categories text[] DEFAULT '{}'::text[] NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT ticket_desks_high_hours_check CHECK (((high_hours >= 1) AND (high_hours <= 8760))),
  CONSTRAINT ticket_desks_low_hours_check CHECK (((low_hours >= 1) AND (low_hours <= 8760))),
  CONSTRAINT ticket_desks_normal_hours_check CHECK (((normal_hours >= 1) AND (normal_hours <= 8760))),
  CONSTRAINT ticket_desks_urgent_hours_check CHECK (((urgent_hours >= 1) AND (urgent_hours <= 8760))),
  CONSTRAINT ticket_desks_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  CONSTRAINT ticket_desks_pkey PRIMARY KEY (organization_id)
);

CREATE TABLE tickets (
  id uuid NOT NULL,
  organization_id uuid NOT NULL,
  number integer NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  status text NOT NULL,
  priority text NOT NULL,
  priority_rank smallint GENERATED ALWAYS AS (
CASE priority
    WHEN 'low'::text THEN 1
    WHEN 'normal'::text THEN 2
    WHEN 'high'::text THEN 3
    ELSE 4
END) STORED NOT NULL,
  category text DEFAULT ''::text NOT NULL,
  requester_id bigint,
  assignee_id bigint,
  search_text text NOT NULL,
  counted_from timestamp with time zone NOT NULL,
  warn_at timestamp with time zone NOT NULL,
  due_at timestamp with time zone NOT NULL,
  warned_at timestamp with time zone,
  breached_at timestamp with time zone,
  resolved_at timestamp with time zone,
  closed_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT tickets_priority_check CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
  CONSTRAINT tickets_status_check CHECK ((status = ANY (ARRAY['open'::text, 'in_progress'::text, 'resolved'::text, 'closed'::text]))),
  CONSTRAINT tickets_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT tickets_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  CONSTRAINT tickets_requester_id_fkey FOREIGN KEY (requester_id) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT tickets_pkey PRIMARY KEY (id),
  CONSTRAINT tickets_number_once UNIQUE (organization_id, number)
);

CREATE TABLE transfer_returns (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  withdrawal_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  status text NOT NULL,
  reason text,
  try_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT transfer_returns_amount_minor_check CHECK ((amount_minor > 0)),
  CONSTRAINT transfer_returns_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'done'::text, 'refused'::text]))),
  CONSTRAINT transfer_returns_withdrawal_id_fkey FOREIGN KEY (withdrawal_id) REFERENCES withdrawals(id),
  CONSTRAINT transfer_returns_pkey PRIMARY KEY (id)
);

CREATE TABLE two_factor (
  user_id bigint NOT NULL,
  secret text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  confirmed_at timestamp with time zone,
  last_step bigint DEFAULT '-1'::integer NOT NULL,
  failures integer DEFAULT 0 NOT NULL,
  failures_since timestamp with time zone NOT NULL,
  CONSTRAINT two_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT two_factor_pkey PRIMARY KEY (user_id)
);

CREATE TABLE uploads_of_days (
  user_id bigint NOT NULL,
  day date NOT NULL,
  bytes bigint NOT NULL,
  CONSTRAINT uploads_of_days_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT uploads_of_days_pkey PRIMARY KEY (user_id, day)
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

CREATE TABLE waiting_list (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  service_id bigint NOT NULL,
  provider_id bigint,
  customer_id bigint NOT NULL,
  from_at timestamp with time zone NOT NULL,
  to_at timestamp with time zone NOT NULL,
  seats integer DEFAULT 1 NOT NULL,
  created_at timestamp with time zone NOT NULL,
  offered_at timestamp with time zone,
  ended_at timestamp with time zone,
  CONSTRAINT waiting_list_check CHECK ((from_at < to_at)),
  CONSTRAINT waiting_list_seats_check CHECK ((seats > 0)),
  CONSTRAINT waiting_list_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES users(id),
  CONSTRAINT waiting_list_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT waiting_list_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id),
  CONSTRAINT waiting_list_pkey PRIMARY KEY (id)
);

CREATE TABLE waiting_offers (
  freed_id bigint NOT NULL,
  waiting_id bigint NOT NULL,
  starts_at timestamp with time zone NOT NULL,
  offered_at timestamp with time zone NOT NULL,
  CONSTRAINT waiting_offers_freed_id_fkey FOREIGN KEY (freed_id) REFERENCES freed_times(id) ON DELETE CASCADE,
  CONSTRAINT waiting_offers_waiting_id_fkey FOREIGN KEY (waiting_id) REFERENCES waiting_list(id) ON DELETE CASCADE,
  CONSTRAINT waiting_offers_pkey PRIMARY KEY (freed_id, waiting_id)
);

CREATE TABLE webhook_attempts (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  delivery_id uuid NOT NULL,
  number integer NOT NULL,
  at timestamp with time zone NOT NULL,
  duration_ms integer NOT NULL,
  status_code integer,
  error text,
  response_body text,
  CONSTRAINT webhook_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(id) ON DELETE CASCADE,
  CONSTRAINT webhook_attempts_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_attempts_once UNIQUE (delivery_id, number)
);

CREATE TABLE webhook_deliveries (
  id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  message_id uuid NOT NULL,
  status text DEFAULT 'pending'::text NOT NULL,
  reason text,
  tries integer DEFAULT 0 NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  next_attempt_at timestamp with time zone,
  leased_until timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  CONSTRAINT webhook_deliveries_reason CHECK (((status = 'failed'::text) = (reason IS NOT NULL))),
  CONSTRAINT webhook_deliveries_reason_check CHECK ((reason = ANY (ARRAY['exhausted'::text, 'endpoint_off'::text, 'erased'::text]))),
  CONSTRAINT webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text]))),
  CONSTRAINT webhook_deliveries_waiting CHECK (((status = 'pending'::text) = (next_attempt_at IS NOT NULL))),
  CONSTRAINT webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(id) ON DELETE CASCADE,
  CONSTRAINT webhook_deliveries_message_id_fkey FOREIGN KEY (message_id) REFERENCES webhook_messages(id) ON DELETE CASCADE,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_deliveries_once UNIQUE (endpoint_id, message_id)
);

CREATE TABLE webhook_endpoints (
  id uuid NOT NULL,
  owner_kind text NOT NULL,
  organization_id uuid,
  provider_id bigint,
  created_by bigint,
  url text NOT NULL,
  description text NOT NULL,
  event_types text[] NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  off_reason text,
  off_at timestamp with time zone,
  secret text NOT NULL,
  previous_secret text,
  previous_until timestamp with time zone,
  failing_since timestamp with time zone,
  last_failure_at timestamp with time zone,
  last_success_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT webhook_endpoints_event_types_check CHECK ((cardinality(event_types) > 0)),
  CONSTRAINT webhook_endpoints_off CHECK (((is_active = (off_reason IS NULL)) AND (is_active = (off_at IS NULL)))),
  CONSTRAINT webhook_endpoints_off_reason_check CHECK ((off_reason = ANY (ARRAY['owner'::text, 'failing'::text, 'gone'::text]))),
  CONSTRAINT webhook_endpoints_owner CHECK ((((owner_kind = 'organization'::text) = (organization_id IS NOT NULL)) AND ((owner_kind = 'provider'::text) = (provider_id IS NOT NULL)))),
  CONSTRAINT webhook_endpoints_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['organization'::text, 'provider'::text, 'platform'::text]))),
  CONSTRAINT webhook_endpoints_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  CONSTRAINT webhook_endpoints_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT webhook_endpoints_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES users(id),
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id)
);

CREATE TABLE webhook_events (
  id text NOT NULL,
  type text NOT NULL,
  object_id text,
  outcome text NOT NULL,
  happened_at timestamp with time zone NOT NULL,
  received_at timestamp with time zone NOT NULL,
  CONSTRAINT webhook_events_pkey PRIMARY KEY (id)
);

CREATE TABLE webhook_messages (
  id uuid NOT NULL,
  type text NOT NULL,
  body text,
  people bigint[] NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT webhook_messages_pkey PRIMARY KEY (id)
);

CREATE TABLE withdrawals (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  account_id bigint NOT NULL,
  currency text NOT NULL,
  requested_by bigint NOT NULL,
  amount_minor bigint NOT NULL,
  method text NOT NULL,
  status text NOT NULL,
  reference text,
  reason text,
  decided_by bigint,
  decided_at timestamp with time zone,
  paid_by bigint,
  paid_at timestamp with time zone,
  destination text,
  transfer_id text,
  transfer_open boolean DEFAULT false NOT NULL,
  transfer_error text,
  transfer_at timestamp with time zone,
  refusals integer DEFAULT 0 NOT NULL,
  returned_minor bigint DEFAULT 0 NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT withdrawals_amount_minor_check CHECK ((amount_minor > 0)),
  CONSTRAINT withdrawals_check CHECK (((returned_minor >= 0) AND (returned_minor <= amount_minor))),
  CONSTRAINT withdrawals_check1 CHECK (((status <> 'paid'::text) OR ((paid_at IS NOT NULL) AND (reference IS NOT NULL)))),
  CONSTRAINT withdrawals_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'paid'::text, 'rejected'::text, 'cancelled'::text]))),
  CONSTRAINT withdrawals_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger_accounts(id),
  CONSTRAINT withdrawals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES users(id),
  CONSTRAINT withdrawals_paid_by_fkey FOREIGN KEY (paid_by) REFERENCES users(id),
  CONSTRAINT withdrawals_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES users(id),
  CONSTRAINT withdrawals_pkey PRIMARY KEY (id),
  CONSTRAINT withdrawals_transfer_id_key UNIQUE (transfer_id)
);

CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
CREATE INDEX app_passwords_of_user ON public.app_passwords USING btree (user_id, created_at);
CREATE INDEX attachments_of_owner ON public.attachments USING btree (owner_id, id DESC);
CREATE INDEX attachments_of_target ON public.attachments USING btree (target_kind, target_id, id) WHERE (target_kind IS NOT NULL);
CREATE INDEX attachments_to_scan ON public.attachments USING btree (id) WHERE (scan = 'pending'::text);
CREATE INDEX attachments_unused ON public.attachments USING btree (created_at) WHERE (target_kind IS NULL);
CREATE INDEX audit_log_action ON public.audit_log USING btree (action, id DESC);
CREATE INDEX audit_log_actor ON public.audit_log USING btree (actor_id, id DESC);
CREATE INDEX audit_log_at ON public.audit_log USING btree (at);
CREATE INDEX audit_log_outcome ON public.audit_log USING btree (outcome, id DESC);
CREATE INDEX audit_log_target ON public.audit_log USING btree (target_kind, target_id, id DESC);
CREATE INDEX audit_people_user ON public.audit_people USING btree (user_id);
CREATE INDEX backups_good ON public.backups USING btree (kind, finished_at) WHERE (status = 'done'::text);
CREATE INDEX backups_requested_by ON public.backups USING btree (requested_by) WHERE (requested_by IS NOT NULL);
CREATE INDEX blocks_of_blocked ON public.blocks USING btree (blocked_id);
CREATE INDEX booking_history_of_booking ON public.booking_history USING btree (booking_id, id);
CREATE INDEX booking_series_of_customer ON public.booking_series USING btree (customer_id, id DESC);
CREATE INDEX booking_series_of_organization ON public.booking_series USING btree (organization_id, id DESC);
CREATE INDEX booking_sessions_of_provider ON public.booking_sessions USING btree (provider_id, starts_at);
CREATE UNIQUE INDEX booking_sessions_one_a_start ON public.booking_sessions USING btree (service_id, provider_id, starts_at) WHERE (seats_taken > 0);
CREATE INDEX bookings_by_start ON public.bookings USING btree (starts_at) INCLUDE (status, service_id, customer_id);
CREATE INDEX bookings_confirmed_by_end ON public.bookings USING btree (ends_at) WHERE (status = 'confirmed'::text);
CREATE INDEX bookings_of_customer ON public.bookings USING btree (customer_id, id DESC);
CREATE INDEX bookings_of_customer_by_start ON public.bookings USING btree (customer_id, starts_at);
CREATE INDEX bookings_of_organization ON public.bookings USING btree (organization_id, id DESC);
CREATE INDEX bookings_of_organization_by_start ON public.bookings USING btree (organization_id, starts_at) WHERE (organization_id IS NOT NULL);
CREATE INDEX bookings_of_provider ON public.bookings USING btree (provider_id, id DESC);
CREATE INDEX bookings_of_provider_by_start ON public.bookings USING btree (provider_id, starts_at);
CREATE INDEX bookings_of_series ON public.bookings USING btree (series_id, occurrence_at) WHERE (series_id IS NOT NULL);
CREATE INDEX bookings_of_service ON public.bookings USING btree (service_id, starts_at);
CREATE INDEX bookings_of_session ON public.bookings USING btree (session_id);
CREATE INDEX bookings_to_expire ON public.bookings USING btree (expires_at) WHERE ((status = 'pending'::text) AND (expires_at IS NOT NULL));
CREATE INDEX calendar_shares_of_department ON public.calendar_shares USING btree (department_id) WHERE (department_id IS NOT NULL);
CREATE INDEX calendar_shares_of_organization ON public.calendar_shares USING btree (organization_id) WHERE ((user_id IS NULL) AND (department_id IS NULL));
CREATE INDEX calendar_shares_of_user ON public.calendar_shares USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE UNIQUE INDEX calendars_href_once ON public.calendars USING btree (owner_id, href) WHERE (href IS NOT NULL);
CREATE INDEX calendars_of_owner ON public.calendars USING btree (owner_id);
CREATE UNIQUE INDEX calendars_one_first ON public.calendars USING btree (owner_id) WHERE is_first;
CREATE INDEX calendars_public ON public.calendars USING btree (organization_id) WHERE is_public;
CREATE INDEX chat_members_of_user ON public.chat_members USING btree (user_id, active_at DESC, chat_id DESC);
CREATE INDEX chats_of_b ON public.chats USING btree (person_b) WHERE (person_b IS NOT NULL);
CREATE UNIQUE INDEX chats_one_a_pair ON public.chats USING btree (person_a, person_b) WHERE (kind = 'direct'::text);
CREATE UNIQUE INDEX chats_one_support ON public.chats USING btree (person_a) WHERE (kind = 'support'::text);
CREATE INDEX claims_during ON public.claims USING gist (resource_id, during);
CREATE INDEX claims_expires_at ON public.claims USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX claims_of_source ON public.claims USING btree (source_kind, source_id);
CREATE INDEX codes_expires_at ON public.codes USING btree (expires_at);
CREATE INDEX codes_of_email ON public.codes USING btree (email_key, purpose, id DESC);
CREATE INDEX codes_of_user ON public.codes USING btree (user_id, purpose, id DESC);
CREATE INDEX dav_properties_of_calendar ON public.dav_properties USING btree (calendar_id);
CREATE INDEX departments_of_head ON public.departments USING btree (organization_id, head_id) WHERE (head_id IS NOT NULL);
CREATE INDEX departments_of_parent ON public.departments USING btree (parent_id);
CREATE INDEX devices_of_session ON public.devices USING btree (session_id);
CREATE INDEX devices_of_user ON public.devices USING btree (user_id, registered_at);
CREATE INDEX disputes_of_payment ON public.disputes USING btree (payment_id);
CREATE INDEX documents_by_status ON public.documents USING btree (status, id);
CREATE INDEX documents_expiring ON public.documents USING btree (valid_until) WHERE ((status = 'approved'::text) AND (valid_until IS NOT NULL));
CREATE INDEX documents_of_owner ON public.documents USING btree (owner_id, id DESC);
CREATE INDEX event_comments_of_event ON public.event_comments USING btree (event_id, id);
CREATE INDEX event_overrides_of_room ON public.event_overrides USING btree (room_id) WHERE (room_id IS NOT NULL);
CREATE INDEX event_participants_of_user ON public.event_participants USING btree (user_id, event_id) WHERE (user_id IS NOT NULL);
CREATE INDEX event_reminding_due ON public.event_reminding USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX event_tombstones_changed ON public.event_tombstones USING btree (calendar_id, change, event_id);
CREATE INDEX event_tombstones_old ON public.event_tombstones USING btree (deleted_at);
CREATE INDEX events_changed ON public.events USING btree (calendar_id, change);
CREATE UNIQUE INDEX events_href_once ON public.events USING btree (calendar_id, href) WHERE (href IS NOT NULL);
CREATE INDEX events_in_span ON public.events USING gist (calendar_id, span);
CREATE INDEX events_of_organizer ON public.events USING btree (organizer_id);
CREATE INDEX events_of_room ON public.events USING btree (room_id) WHERE (room_id IS NOT NULL);
CREATE INDEX events_to_extend ON public.events USING btree (created_at, id) WHERE (claimed_until IS NOT NULL);
CREATE INDEX exports_of_user ON public.exports USING btree (user_id, id DESC);
CREATE UNIQUE INDEX exports_one_at_a_time ON public.exports USING btree (user_id) WHERE (status = 'pending'::text);
CREATE INDEX exports_to_clean ON public.exports USING btree (requested_at);
CREATE INDEX freed_times_next_at ON public.freed_times USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX gateway_operations_of_subject ON public.gateway_operations USING btree (kind, subject_id, id);
CREATE INDEX gateway_operations_open ON public.gateway_operations USING btree (next_at) WHERE (state = 'begun'::text);
CREATE INDEX google_channels_connection ON public.google_channels USING btree (connection_id);
CREATE UNIQUE INDEX google_connections_one ON public.google_connections USING btree (user_id) WHERE (state <> 'ending'::text);
CREATE INDEX google_consents_user ON public.google_consents USING btree (user_id);
CREATE INDEX google_events_connection ON public.google_events USING btree (connection_id);
CREATE INDEX google_events_dirty ON public.google_events USING btree (dirty_at) WHERE (dirty_at IS NOT NULL);
CREATE INDEX idempotency_keys_created_at ON public.idempotency_keys USING btree (created_at);
CREATE INDEX insight_quarters_empty ON public.insight_quarters USING btree (scope) WHERE ((count = 0) AND (minutes = 0) AND (amount_minor = 0) AND (fee_minor = 0));
CREATE INDEX invitations_of_email ON public.invitations USING btree (email_key) WHERE ((accepted_at IS NULL) AND (cancelled_at IS NULL));
CREATE UNIQUE INDEX invitations_open_once ON public.invitations USING btree (organization_id, email_key) WHERE ((accepted_at IS NULL) AND (cancelled_at IS NULL));
CREATE INDEX ledger_earnings_of_account ON public.ledger_earnings USING btree (account_id, available_at) INCLUDE (net_minor);
CREATE INDEX ledger_earnings_of_booking ON public.ledger_earnings USING btree (booking_id);
CREATE INDEX ledger_entries_of_account ON public.ledger_entries USING btree (account_id, id) INCLUDE (amount_minor, balance_minor);
CREATE INDEX ledger_entries_of_transaction ON public.ledger_entries USING btree (transaction_id);
CREATE INDEX ledger_transactions_of_payment ON public.ledger_transactions USING btree (payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX ledger_transactions_of_withdrawal ON public.ledger_transactions USING btree (withdrawal_id) WHERE (withdrawal_id IS NOT NULL);
CREATE INDEX memberships_of_department ON public.memberships USING btree (department_id) WHERE (department_id IS NOT NULL);
CREATE INDEX memberships_of_manager ON public.memberships USING btree (organization_id, manager_id) WHERE (manager_id IS NOT NULL);
CREATE INDEX memberships_of_user ON public.memberships USING btree (user_id, id);
CREATE INDEX messages_of_a ON public.messages USING btree (person_a, id DESC);
CREATE INDEX messages_of_b ON public.messages USING btree (person_b, id DESC) WHERE (person_b IS NOT NULL);
CREATE INDEX messages_of_support ON public.messages USING btree (sender_id) WHERE (person_b IS NULL);
CREATE UNIQUE INDEX messages_one_a_wish ON public.messages USING btree (sender_id, client_id) WHERE (client_id IS NOT NULL);
CREATE INDEX messages_search ON public.messages USING gin ((ARRAY[person_a, person_b]), search_text gin_trgm_ops) WHERE (search_text <> ''::text);
CREATE INDEX notification_people_user ON public.notification_people USING btree (user_id, notification_id);
CREATE INDEX notifications_created_at ON public.notifications USING btree (created_at);
CREATE INDEX notifications_of_user ON public.notifications USING btree (user_id, id DESC);
CREATE INDEX notifications_unread ON public.notifications USING btree (user_id, id DESC) WHERE (read_at IS NULL);
CREATE INDEX payments_of_organization ON public.payments USING btree (organization_id, id DESC) WHERE (organization_id IS NOT NULL);
CREATE INDEX payments_of_payable ON public.payments USING btree (payable_id);
CREATE INDEX payments_of_payer ON public.payments USING btree (payer_id, id DESC);
CREATE INDEX payments_of_provider ON public.payments USING btree (provider_id, id DESC);
CREATE UNIQUE INDEX payments_one_open ON public.payments USING btree (payable_id) WHERE (status = ANY (ARRAY['requires_payment_method'::text, 'requires_action'::text, 'processing'::text, 'failed'::text]));
CREATE INDEX payments_to_check ON public.payments USING btree (check_at) WHERE (check_at IS NOT NULL);
CREATE INDEX provider_listings_by_name ON public.provider_listings USING btree (name_key, user_id) WHERE is_listed;
CREATE INDEX provider_listings_by_rating ON public.provider_listings USING btree (rating_tenths, user_id) WHERE is_listed;
CREATE INDEX provider_listings_search ON public.provider_listings USING gin (search_text gin_trgm_ops) WHERE is_listed;
CREATE INDEX provider_listings_verified ON public.provider_listings USING btree (rating_tenths, user_id) WHERE (is_listed AND is_verified);
CREATE INDEX rate_limits_started_at ON public.rate_limits USING btree (started_at);
CREATE INDEX receipts_of_payment ON public.receipts USING btree (payment_id, id);
CREATE UNIQUE INDEX receipts_one_a_payment ON public.receipts USING btree (payment_id) WHERE (kind = 'receipt'::text);
CREATE UNIQUE INDEX receipts_one_a_refund ON public.receipts USING btree (refund_id) WHERE (kind = 'credit_note'::text);
CREATE INDEX refresh_tokens_of_session ON public.refresh_tokens USING btree (session_id);
CREATE INDEX refunds_of_payment ON public.refunds USING btree (payment_id, id);
CREATE INDEX refunds_pending ON public.refunds USING btree (updated_at) WHERE (status = 'pending'::text);
CREATE INDEX reports_by_status ON public.reports USING btree (status, id DESC);
CREATE INDEX review_reports_by_reporter ON public.review_reports USING btree (reporter_id);
CREATE INDEX review_reports_by_status ON public.review_reports USING btree (status, id);
CREATE INDEX reviews_by_answerer ON public.reviews USING btree (answered_by) WHERE (answered_by IS NOT NULL);
CREATE INDEX reviews_by_customer ON public.reviews USING btree (customer_id, id) WHERE (customer_id IS NOT NULL);
CREATE INDEX reviews_hidden ON public.reviews USING btree (id) WHERE (hidden_at IS NOT NULL);
CREATE INDEX reviews_of_organization ON public.reviews USING btree (organization_id, id) WHERE ((hidden_at IS NULL) AND (organization_id IS NOT NULL));
CREATE INDEX reviews_of_organization_by_rating ON public.reviews USING btree (organization_id, rating, id) WHERE ((hidden_at IS NULL) AND (organization_id IS NOT NULL));
CREATE INDEX reviews_of_provider ON public.reviews USING btree (provider_id, id) WHERE (hidden_at IS NULL);
CREATE INDEX reviews_of_provider_by_rating ON public.reviews USING btree (provider_id, rating, id) WHERE (hidden_at IS NULL);
CREATE INDEX reviews_of_service ON public.reviews USING btree (service_id, id) WHERE (hidden_at IS NULL);
CREATE INDEX reviews_of_service_by_rating ON public.reviews USING btree (service_id, rating, id) WHERE (hidden_at IS NULL);
CREATE INDEX reviews_to_organization ON public.reviews USING btree (organization_id, id) WHERE (organization_id IS NOT NULL);
CREATE INDEX reviews_to_provider ON public.reviews USING btree (provider_id, id);
CREATE INDEX rooms_of_organization ON public.rooms USING btree (organization_id, name, id) WHERE (archived_at IS NULL);
CREATE INDEX sandbox_objects_of_parent ON public.sandbox_objects USING btree (parent, created_at) WHERE (parent IS NOT NULL);
CREATE INDEX saved_methods_of_user ON public.saved_methods USING btree (user_id, gateway, chosen_at DESC, id DESC);
CREATE INDEX schedule_entries_of_resource ON public.schedule_entries USING btree (resource_id, kind);
CREATE UNIQUE INDEX schedule_entries_one_override_a_date ON public.schedule_entries USING btree (resource_id, date) WHERE (kind = 'override'::text);
CREATE INDEX service_photos_of_service ON public.service_photos USING btree (service_id, "position");
CREATE INDEX service_rooms_of_room ON public.service_rooms USING btree (room_id);
CREATE INDEX service_staff_of_user ON public.service_staff USING btree (user_id);
CREATE INDEX services_by_category ON public.services USING btree (category_key, created_at, id) WHERE is_listed;
CREATE INDEX services_by_city ON public.services USING btree (city_key, created_at, id) WHERE is_listed;
CREATE INDEX services_by_price ON public.services USING btree (price_rank, id) WHERE is_listed;
CREATE INDEX services_by_rating ON public.services USING btree (rating_tenths, id) WHERE is_listed;
CREATE INDEX services_by_title ON public.services USING btree (title_key, id) WHERE is_listed;
CREATE INDEX services_newest ON public.services USING btree (created_at, id) WHERE is_listed;
CREATE INDEX services_of_organization ON public.services USING btree (organization_id, id) WHERE (archived_at IS NULL);
CREATE INDEX services_of_provider ON public.services USING btree (provider_id, id) WHERE (archived_at IS NULL);
CREATE INDEX services_search ON public.services USING gin (search_text gin_trgm_ops) WHERE is_listed;
CREATE INDEX sessions_expires_at ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id, id DESC) WHERE (ended_at IS NULL);
CREATE INDEX sign_in_challenges_expires_at ON public.sign_in_challenges USING btree (expires_at);
CREATE INDEX sign_in_challenges_of_user ON public.sign_in_challenges USING btree (user_id);
CREATE UNIQUE INDEX slugs_current ON public.slugs USING btree (owner_kind, owner_id) WHERE is_current;
CREATE INDEX slugs_owner ON public.slugs USING btree (owner_kind, owner_id, nth DESC);
CREATE INDEX socket_people_node ON public.socket_people USING btree (node);
CREATE INDEX socket_tickets_expires_at ON public.socket_tickets USING btree (expires_at);
CREATE INDEX stream_entries_created_at ON public.stream_entries USING btree (created_at);
CREATE INDEX ticket_changes_of_ticket ON public.ticket_changes USING btree (ticket_id, id);
CREATE INDEX ticket_comments_of_ticket ON public.ticket_comments USING btree (ticket_id, id);
CREATE INDEX tickets_by_change ON public.tickets USING btree (organization_id, updated_at, id);
CREATE INDEX tickets_by_due ON public.tickets USING btree (organization_id, due_at, id);
CREATE INDEX tickets_by_priority ON public.tickets USING btree (organization_id, priority_rank, id);
CREATE INDEX tickets_by_status ON public.tickets USING btree (organization_id, status, id);
CREATE INDEX tickets_of_assignee ON public.tickets USING btree (assignee_id, id) WHERE (assignee_id IS NOT NULL);
CREATE INDEX tickets_of_organization ON public.tickets USING btree (organization_id, id);
CREATE INDEX tickets_of_requester ON public.tickets USING btree (requester_id, id);
CREATE INDEX tickets_search ON public.tickets USING gin (search_text gin_trgm_ops);
CREATE INDEX tickets_to_breach ON public.tickets USING btree (due_at) WHERE ((breached_at IS NULL) AND (status = ANY (ARRAY['open'::text, 'in_progress'::text])));
CREATE INDEX tickets_to_warn ON public.tickets USING btree (warn_at) WHERE ((warned_at IS NULL) AND (status = ANY (ARRAY['open'::text, 'in_progress'::text])));
CREATE INDEX transfer_returns_of_withdrawal ON public.transfer_returns USING btree (withdrawal_id);
CREATE INDEX transfer_returns_to_try ON public.transfer_returns USING btree (try_at) WHERE (try_at IS NOT NULL);
CREATE INDEX uploads_of_days_day ON public.uploads_of_days USING btree (day);
CREATE INDEX users_created_at ON public.users USING btree (created_at) INCLUDE (role);
CREATE INDEX users_role ON public.users USING btree (role, id) WHERE (deleted_at IS NULL);
CREATE INDEX users_search ON public.users USING gin (search_text gin_trgm_ops) WHERE (deleted_at IS NULL);
CREATE INDEX waiting_list_of_customer ON public.waiting_list USING btree (customer_id, id DESC) WHERE (ended_at IS NULL);
CREATE INDEX waiting_list_open ON public.waiting_list USING btree (service_id, id) WHERE (ended_at IS NULL);
CREATE INDEX waiting_offers_of_waiting ON public.waiting_offers USING btree (waiting_id, starts_at);
CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (endpoint_id, next_attempt_at, id) WHERE (status = 'pending'::text);
CREATE INDEX webhook_deliveries_log ON public.webhook_deliveries USING btree (endpoint_id, id DESC);
CREATE INDEX webhook_deliveries_of_message ON public.webhook_deliveries USING btree (message_id);
CREATE INDEX webhook_endpoints_of_creator ON public.webhook_endpoints USING btree (created_by);
CREATE INDEX webhook_endpoints_of_organization ON public.webhook_endpoints USING btree (organization_id) WHERE (organization_id IS NOT NULL);
CREATE INDEX webhook_endpoints_of_provider ON public.webhook_endpoints USING btree (provider_id) WHERE (provider_id IS NOT NULL);
CREATE INDEX webhook_messages_by_time ON public.webhook_messages USING btree (created_at);
CREATE INDEX webhook_messages_of_people ON public.webhook_messages USING gin (people);
CREATE INDEX withdrawals_by_status ON public.withdrawals USING btree (status, id DESC);
CREATE INDEX withdrawals_of_account ON public.withdrawals USING btree (account_id, id DESC);
CREATE INDEX withdrawals_paid ON public.withdrawals USING btree (account_id) INCLUDE (amount_minor, returned_minor) WHERE (status = 'paid'::text);
CREATE INDEX withdrawals_to_transfer ON public.withdrawals USING btree (transfer_at) WHERE (transfer_at IS NOT NULL);
CREATE OR REPLACE FUNCTION public.insight_booking_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT scope, at, kind, currency, sum(count), sum(minutes), sum(amount_minor), sum(fee_minor)
    FROM (SELECT f.scope, f.at, f.kind, f.currency, -f.count AS count, -f.minutes AS minutes, -f.amount_minor AS amount_minor, -f.fee_minor AS fee_minor
        FROM before b CROSS JOIN LATERAL insight_facts(b::bookings) f
      UNION ALL SELECT f.* FROM after b CROSS JOIN LATERAL insight_facts(b::bookings) f) both_sides
    GROUP BY scope, at, kind, currency
    HAVING sum(count) <> 0 OR sum(minutes) <> 0 OR sum(amount_minor) <> 0;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.insight_booking_gone()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT f.scope, f.at, f.kind, f.currency, -f.count, -f.minutes, -f.amount_minor, -f.fee_minor
    FROM gone b CROSS JOIN LATERAL insight_facts(b::bookings) f;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.insight_booking_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT f.* FROM made b CROSS JOIN LATERAL insight_facts(b::bookings) f;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.insight_facts(b bookings)
 RETURNS TABLE(scope text, at timestamp with time zone, kind text, currency text, count bigint, minutes bigint, amount_minor bigint, fee_minor bigint)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 2
AS $function$
  SELECT 'organization:' || b.organization_id, insight_quarter(b.starts_at),
    CASE WHEN b.status = 'cancelled' AND b.cancel_reason = 'expired' THEN 'expired' ELSE b.status END, b.currency,
    1::bigint, (extract(epoch FROM b.ends_at - b.starts_at) / 60)::bigint, b.price_minor, 0::bigint
  UNION ALL
  SELECT 'organization:' || b.organization_id, insight_quarter(b.created_at), 'created', b.currency, 1, 0, 0, 0
$function$;
CREATE OR REPLACE FUNCTION public.insight_facts(t ledger_transactions)
 RETURNS TABLE(scope text, at timestamp with time zone, kind text, currency text, count bigint, minutes bigint, amount_minor bigint, fee_minor bigint)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 1
AS $function$
  SELECT CASE WHEN p.organization_id IS NOT NULL THEN 'organization:' || p.organization_id ELSE 'provider:' || p.provider_id END,
    insight_quarter(t.at), k.kind, t.currency, k.sign, 0::bigint, k.sign * t.amount_minor, k.sign * t.fee_minor
  FROM (SELECT t.kind, 1::bigint AS sign WHERE t.reverses_id IS NULL
    UNION ALL SELECT o.kind, -1 FROM ledger_transactions o WHERE o.id = t.reverses_id) k
  LEFT JOIN payments p ON p.id = t.payment_id
  WHERE k.kind IN ('charge', 'refund', 'dispute')
$function$;
CREATE OR REPLACE FUNCTION public.insight_money_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT f.* FROM made t CROSS JOIN LATERAL insight_facts(t::ledger_transactions) f;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.insight_quarter(at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN date_bin('00:15:00'::interval, at, '2000-01-01 00:00:00+00'::timestamp with time zone);
CREATE OR REPLACE FUNCTION public.insights_fold(most integer)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
DECLARE
  folded bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7216536) THEN
    RETURN 0;
  END IF;
  WITH taken AS (
    DELETE FROM insight_changes WHERE id IN (SELECT id FROM insight_changes ORDER BY id LIMIT most) RETURNING *
  ), written AS (
    INSERT INTO insight_quarters AS q (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
      SELECT s.scope, at, kind, currency, sum(count), sum(minutes), sum(amount_minor), sum(fee_minor)
      FROM taken CROSS JOIN LATERAL (VALUES (''), (taken.scope)) s (scope)
      WHERE s.scope IS NOT NULL GROUP BY s.scope, at, kind, currency
    ON CONFLICT (scope, at, kind, currency) DO UPDATE SET count = q.count + excluded.count, minutes = q.minutes + excluded.minutes,
      amount_minor = q.amount_minor + excluded.amount_minor, fee_minor = q.fee_minor + excluded.fee_minor
    RETURNING 1
  )
  SELECT count(*) INTO folded FROM taken;
  DELETE FROM insight_quarters WHERE count = 0 AND minutes = 0 AND amount_minor = 0 AND fee_minor = 0;
  RETURN folded;
END $function$;
CREATE OR REPLACE FUNCTION public.insights_rebuild()
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
DECLARE
  made bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7216536);
  LOCK TABLE bookings, ledger_transactions IN SHARE MODE;
  DELETE FROM insight_changes;
  DELETE FROM insight_quarters;
  INSERT INTO insight_quarters (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT s.scope, f.at, f.kind, f.currency, sum(f.count), sum(f.minutes), sum(f.amount_minor), sum(f.fee_minor)
    FROM (SELECT f.* FROM bookings b CROSS JOIN LATERAL insight_facts(b) f
      UNION ALL SELECT f.* FROM ledger_transactions t CROSS JOIN LATERAL insight_facts(t) f) f
    CROSS JOIN LATERAL (VALUES (''), (f.scope)) s (scope)
    WHERE s.scope IS NOT NULL GROUP BY s.scope, f.at, f.kind, f.currency;
  GET DIAGNOSTICS made = ROW_COUNT;
  RETURN made;
END $function$;
CREATE OR REPLACE FUNCTION public.keep_slug()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  kind text := TG_ARGV[0];
  whose text := to_jsonb(NEW) ->> TG_ARGV[1];
BEGIN
  IF NEW.slug IS NULL THEN
    DELETE FROM slugs WHERE owner_kind = kind AND owner_id = whose;
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT FROM slugs WHERE slug = NEW.slug AND owner_kind = kind AND owner_id = whose AND is_current) THEN RETURN NULL; END IF;
  UPDATE slugs SET is_current = false WHERE owner_kind = kind AND owner_id = whose AND is_current;
  INSERT INTO slugs AS s (slug, owner_kind, owner_id) VALUES (NEW.slug, kind, whose)
  ON CONFLICT ON CONSTRAINT slugs_taken DO UPDATE SET is_current = true, nth = DEFAULT WHERE s.owner_kind = kind AND s.owner_id = whose;
  IF NOT FOUND THEN
    RAISE unique_violation USING MESSAGE = 'the slug is the name of another page', CONSTRAINT = 'slugs_taken';
  END IF;
  DELETE FROM slugs WHERE owner_kind = kind AND owner_id = whose AND NOT is_current AND nth NOT IN
    (SELECT nth FROM slugs WHERE owner_kind = kind AND owner_id = whose AND NOT is_current ORDER BY nth DESC LIMIT 3);
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_balances()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  posted bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
  wrong boolean;
BEGIN
  SELECT count(e.id) < 2 OR sum(e.amount_minor) <> 0 OR bool_or(a.currency <> t.currency) INTO wrong
    FROM ledger_transactions t
    LEFT JOIN ledger_entries e ON e.transaction_id = t.id
    LEFT JOIN ledger_accounts a ON a.id = e.account_id
    WHERE t.id = posted;
  IF wrong THEN
    RAISE EXCEPTION 'ledger transaction % does not balance', posted USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
  END IF;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$;
CREATE OR REPLACE FUNCTION public.refuse_unless_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (SELECT FROM users WHERE id = OLD.user_id AND deleted_at IS NULL) THEN
    RAISE EXCEPTION '% of a person goes only with their account', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $function$;
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_people_append_only BEFORE UPDATE OR TRUNCATE ON public.audit_people FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_people_of_erased BEFORE DELETE ON public.audit_people FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased();
CREATE TRIGGER insight_booking_changed AFTER UPDATE ON public.bookings REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION insight_booking_changed();
CREATE TRIGGER insight_booking_gone AFTER DELETE ON public.bookings REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION insight_booking_gone();
CREATE TRIGGER insight_booking_made AFTER INSERT ON public.bookings REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION insight_booking_made();
CREATE TRIGGER insight_money_moved AFTER INSERT ON public.ledger_transactions REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION insight_money_moved();
CREATE TRIGGER ledger_accounts_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON public.ledger_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances('transaction_id');
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON public.ledger_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances('id');
CREATE TRIGGER ledger_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_releases_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_releases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transactions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_transactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER organizations_slug AFTER INSERT OR UPDATE OF slug ON public.organizations FOR EACH ROW EXECUTE FUNCTION keep_slug('organization', 'id');
CREATE TRIGGER provider_profiles_slug AFTER INSERT OR UPDATE OF slug ON public.provider_profiles FOR EACH ROW EXECUTE FUNCTION keep_slug('provider', 'user_id');
CREATE TRIGGER receipts_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.receipts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
