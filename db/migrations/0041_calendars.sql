-- Calendars and what stands in them: events with their rule, exceptions, participants and comments (RFC 5545), and how far their time is claimed.

CREATE TABLE calendars (
  id              uuid PRIMARY KEY,
  owner_id        bigint NOT NULL REFERENCES users,
  -- Whose members see it where it is public; null: a calendar of the person alone.
  organization_id uuid REFERENCES organizations ON DELETE SET NULL,
  name            text NOT NULL,
  description     text NOT NULL DEFAULT '',
  color           text NOT NULL CHECK (color ~ '^#[0-9a-f]{6}$'),
  is_public       boolean NOT NULL DEFAULT false,
  time_zone       text NOT NULL,
  -- The one that every person has: it is there on first use and cannot be deleted.
  is_first        boolean NOT NULL DEFAULT false,
  -- Of the address of its feed; null: there is none. Only its hash is kept.
  feed_hash       text CONSTRAINT calendars_feed UNIQUE,
  -- Counts the changes of what stands in it: the sync token of its clients (RFC 6578).
  change          bigint NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL
);
CREATE INDEX calendars_of_owner ON calendars (owner_id);
CREATE INDEX calendars_public ON calendars (organization_id) WHERE is_public;
CREATE UNIQUE INDEX calendars_one_first ON calendars (owner_id) WHERE is_first;

-- With a person, a department, or (neither) all members of the organization. It holds as long as both sides belong to that organization.
CREATE TABLE calendar_shares (
  id              uuid PRIMARY KEY,
  calendar_id     uuid NOT NULL REFERENCES calendars ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  user_id         bigint REFERENCES users ON DELETE CASCADE,
  department_id   uuid REFERENCES departments ON DELETE CASCADE,
  access          text NOT NULL CHECK (access IN ('free_busy', 'read', 'write')),
  created_at      timestamptz NOT NULL,
  CHECK (user_id IS NULL OR department_id IS NULL),
  CONSTRAINT calendar_shares_once UNIQUE NULLS NOT DISTINCT (calendar_id, organization_id, user_id, department_id)
);
CREATE INDEX calendar_shares_of_user ON calendar_shares (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX calendar_shares_of_department ON calendar_shares (department_id) WHERE department_id IS NOT NULL;
CREATE INDEX calendar_shares_of_organization ON calendar_shares (organization_id) WHERE user_id IS NULL AND department_id IS NULL;

-- One VEVENT: a series or a single event. Times are as server/time writes them (SeriesText): wall clock in the zone, an instant in UTC, floating, or a date.
CREATE TABLE events (
  id                uuid PRIMARY KEY,
  calendar_id       uuid NOT NULL REFERENCES calendars ON DELETE CASCADE,
  -- UID and SEQUENCE of RFC 5545.
  uid               text NOT NULL,
  sequence          integer NOT NULL DEFAULT 0,
  organizer_id      bigint NOT NULL REFERENCES users,
  title             text NOT NULL,
  description       text NOT NULL DEFAULT '',
  location          text NOT NULL DEFAULT '',
  kind              text NOT NULL CHECK (kind IN ('zoned', 'utc', 'floating', 'date')),
  time_zone         text,
  dtstart           text NOT NULL,
  -- Exact, also over a change of clocks (RFC 5545 3.8.5.3); of all-day events whole days.
  duration_seconds  bigint NOT NULL CHECK (duration_seconds >= 0),
  recurrence_rule   text,
  rdates            text[] NOT NULL DEFAULT '{}',
  exdates           text[] NOT NULL DEFAULT '{}',
  -- Where its occurrences can lie at all, in any zone; endless for a series without an end. A window reads only what touches it.
  span              tstzrange NOT NULL CHECK (NOT isempty(span)),
  status            text NOT NULL DEFAULT 'confirmed' CHECK (status IN ('confirmed', 'tentative', 'cancelled')),
  -- Null: opaque, and transparent for all-day events.
  transparency      text CHECK (transparency IN ('opaque', 'transparent')),
  visibility        text NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'private')),
  room_id           uuid REFERENCES rooms,
  -- Minutes before the start.
  reminders         integer[] NOT NULL DEFAULT '{}',
  -- Properties of iCalendar that we know nothing of, kept for the way back.
  raw               jsonb,
  -- Occurrences that start before this have their claims; null: all have.
  claimed_until     timestamptz,
  -- Of calendars.change, as of the last change of this.
  change            bigint NOT NULL DEFAULT 0,
  version           integer NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  CONSTRAINT events_uid_once UNIQUE (calendar_id, uid),
  CHECK ((kind = 'zoned') = (time_zone IS NOT NULL))
);
CREATE INDEX events_in_span ON events USING gist (calendar_id, span);
CREATE INDEX events_of_organizer ON events (organizer_id);
CREATE INDEX events_of_room ON events (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX events_changed ON events (calendar_id, change);
CREATE INDEX events_to_extend ON events (created_at, id) WHERE claimed_until IS NOT NULL;

-- One occurrence that differs from its series (RECURRENCE-ID). `point` is the start that the series gives it as server/time counts it:
-- epoch seconds, or seconds of the wall clock for floating and all-day events.
CREATE TABLE event_overrides (
  event_id         uuid NOT NULL REFERENCES events ON DELETE CASCADE,
  point            bigint NOT NULL,
  -- As the series writes it.
  recurrence_id    text NOT NULL,
  -- Null: not moved.
  start_point      bigint,
  start_text       text,
  duration_seconds bigint CHECK (duration_seconds >= 0),
  -- Other fields that differ: title, description, location, status, transparency.
  changes          jsonb NOT NULL DEFAULT '{}',
  -- Does `room_id` stand instead of the series' room? Null then means: without a room.
  has_own_room     boolean NOT NULL DEFAULT false,
  room_id          uuid REFERENCES rooms,
  sequence         integer NOT NULL DEFAULT 0,
  raw              jsonb,
  updated_at       timestamptz NOT NULL,
  PRIMARY KEY (event_id, point)
);
CREATE INDEX event_overrides_of_room ON event_overrides (room_id) WHERE room_id IS NOT NULL;

CREATE TABLE event_participants (
  id           uuid PRIMARY KEY,
  event_id     uuid NOT NULL REFERENCES events ON DELETE CASCADE,
  -- A colleague of the organizer; null: somebody known by an address only.
  user_id      bigint REFERENCES users ON DELETE CASCADE,
  email        text,
  email_key    text,
  name         text NOT NULL DEFAULT '',
  role         text NOT NULL DEFAULT 'required' CHECK (role IN ('required', 'optional')),
  status       text NOT NULL DEFAULT 'needs_action' CHECK (status IN ('needs_action', 'accepted', 'declined', 'tentative')),
  responded_at timestamptz,
  created_at   timestamptz NOT NULL,
  CHECK ((user_id IS NULL) = (email IS NOT NULL) AND (email IS NULL) = (email_key IS NULL)),
  CONSTRAINT event_participants_person_once UNIQUE (event_id, user_id),
  CONSTRAINT event_participants_address_once UNIQUE (event_id, email_key)
);
CREATE INDEX event_participants_of_user ON event_participants (user_id, event_id) WHERE user_id IS NOT NULL;

-- An answer to one occurrence; it stands instead of the answer to all.
CREATE TABLE event_answers (
  participant_id uuid NOT NULL REFERENCES event_participants ON DELETE CASCADE,
  point          bigint NOT NULL,
  recurrence_id  text NOT NULL,
  status         text NOT NULL CHECK (status IN ('needs_action', 'accepted', 'declined', 'tentative')),
  responded_at   timestamptz NOT NULL,
  PRIMARY KEY (participant_id, point)
);

CREATE TABLE event_comments (
  id         uuid PRIMARY KEY,
  event_id   uuid NOT NULL REFERENCES events ON DELETE CASCADE,
  author_id  bigint NOT NULL REFERENCES users,
  text       text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX event_comments_of_event ON event_comments (event_id, id);

-- What was deleted, for clients that synchronize.
CREATE TABLE event_tombstones (
  calendar_id uuid NOT NULL REFERENCES calendars ON DELETE CASCADE,
  event_id    uuid NOT NULL,
  uid         text NOT NULL,
  change      bigint NOT NULL,
  deleted_at  timestamptz NOT NULL,
  PRIMARY KEY (calendar_id, event_id)
);

-- Until when time can be claimed by events (SPEC section 5: 18 months): one row, moved on by the nightly job after all series have got their time up to it.
CREATE TABLE claim_horizon (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  until timestamptz NOT NULL
);
