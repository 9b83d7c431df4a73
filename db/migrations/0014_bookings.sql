-- A session is one start of a service with one provider (and a room); it owns the claims. Bookings take seats of it.

CREATE TABLE booking_sessions (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id    bigint NOT NULL REFERENCES services,
  provider_id   bigint NOT NULL REFERENCES users,
  room_id       uuid REFERENCES rooms,
  starts_at     timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL,
  buffer_before integer NOT NULL,
  buffer_after  integer NOT NULL,
  capacity      integer NOT NULL,
  seats_taken   integer NOT NULL,
  created_at    timestamptz NOT NULL,
  CONSTRAINT booking_sessions_seats CHECK (seats_taken BETWEEN 0 AND capacity)
);
-- A session without a seat taken has no claims and is not joined any more.
CREATE UNIQUE INDEX booking_sessions_one_a_start ON booking_sessions (service_id, provider_id, starts_at) WHERE seats_taken > 0;
CREATE INDEX booking_sessions_of_provider ON booking_sessions (provider_id, starts_at);

CREATE TABLE bookings (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id          bigint NOT NULL REFERENCES booking_sessions,
  service_id          bigint NOT NULL REFERENCES services,
  provider_id         bigint NOT NULL REFERENCES users,
  organization_id     uuid REFERENCES organizations,
  customer_id         bigint REFERENCES users,
  -- Somebody without an account, whom the staff booked for.
  guest_name          text,
  guest_phone         text,
  guest_email         text,
  starts_at           timestamptz NOT NULL,
  ends_at             timestamptz NOT NULL,
  seats               integer NOT NULL CHECK (seats > 0),
  status              text NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled', 'completed', 'no_show')),
  -- Frozen when it was booked.
  title               text NOT NULL,
  price_minor         bigint NOT NULL,
  deposit_minor       bigint,
  currency            text NOT NULL,
  payment             text NOT NULL CHECK (payment IN ('online', 'on_site')),
  requires_approval   boolean NOT NULL,
  cancellation_policy jsonb NOT NULL,
  location_type       text NOT NULL,
  note                text NOT NULL DEFAULT '',
  meeting_url         text,
  -- Another time that the provider proposes; the customer accepts it by rescheduling onto it.
  proposed_at         timestamptz,
  -- Until when a pending booking holds its time.
  expires_at          timestamptz,
  cancelled_by        text CHECK (cancelled_by IN ('customer', 'provider', 'platform')),
  cancel_reason       text,
  created_by          bigint REFERENCES users,
  created_at          timestamptz NOT NULL,
  updated_at          timestamptz NOT NULL,
  CHECK (customer_id IS NOT NULL OR guest_name IS NOT NULL)
);
CREATE INDEX bookings_of_customer ON bookings (customer_id, id DESC);
CREATE INDEX bookings_of_provider ON bookings (provider_id, id DESC);
CREATE INDEX bookings_of_provider_by_start ON bookings (provider_id, starts_at);
CREATE INDEX bookings_of_organization ON bookings (organization_id, id DESC);
CREATE INDEX bookings_of_session ON bookings (session_id);
CREATE INDEX bookings_of_service ON bookings (service_id, starts_at);
CREATE INDEX bookings_to_expire ON bookings (expires_at) WHERE status = 'pending' AND expires_at IS NOT NULL;
CREATE INDEX bookings_confirmed_by_end ON bookings (ends_at) WHERE status = 'confirmed';

CREATE TABLE booking_history (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booking_id bigint NOT NULL REFERENCES bookings,
  at         timestamptz NOT NULL,
  actor_id   bigint REFERENCES users ON DELETE SET NULL,
  change     text NOT NULL,
  status     text NOT NULL,
  details    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX booking_history_of_booking ON booking_history (booking_id, id);

-- A reminder is sent once: its row is made in the transaction that sends it.
CREATE TABLE booking_reminders (
  booking_id bigint NOT NULL REFERENCES bookings,
  kind       text NOT NULL,
  starts_at  timestamptz NOT NULL,
  sent_at    timestamptz NOT NULL,
  PRIMARY KEY (booking_id, kind, starts_at)
);

-- People who would take a place when one comes free.
CREATE TABLE waiting_list (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id  bigint NOT NULL REFERENCES services,
  provider_id bigint REFERENCES users,
  customer_id bigint NOT NULL REFERENCES users,
  from_at     timestamptz NOT NULL,
  to_at       timestamptz NOT NULL,
  seats       integer NOT NULL DEFAULT 1 CHECK (seats > 0),
  created_at  timestamptz NOT NULL,
  offered_at  timestamptz,
  ended_at    timestamptz,
  CHECK (from_at < to_at)
);
CREATE INDEX waiting_list_open ON waiting_list (service_id, id) WHERE ended_at IS NULL;
CREATE INDEX waiting_list_of_customer ON waiting_list (customer_id, id DESC) WHERE ended_at IS NULL;
