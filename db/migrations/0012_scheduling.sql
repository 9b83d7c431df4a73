-- Time is claimed once: whose time can be taken (resources), when it is open (schedule_entries), and what is taken (claims).

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE resources (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('person', 'room')),
  user_id         bigint CONSTRAINT resources_once_a_person UNIQUE REFERENCES users,
  room_id         uuid CONSTRAINT resources_once_a_room UNIQUE REFERENCES rooms,
  -- Of a room; a person may belong to several organizations.
  organization_id uuid REFERENCES organizations,
  -- The zone of its schedule: the first entry sets it (SPEC section 10).
  time_zone       text NOT NULL,
  -- Changes with every entry and claim: clients ask whether the slots they have seen still hold.
  version         bigint NOT NULL DEFAULT 0,
  CHECK ((kind = 'person') = (user_id IS NOT NULL) AND (kind = 'room') = (room_id IS NOT NULL))
);

-- Wall-clock times in the zone of the resource. Minutes are counted from 00:00 of the date.
CREATE TABLE schedule_entries (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_id  bigint NOT NULL REFERENCES resources,
  kind         text NOT NULL CHECK (kind IN ('weekly', 'override', 'time_off', 'slot')),
  weekday      smallint CHECK (weekday BETWEEN 1 AND 7),
  start_minute smallint CHECK (start_minute BETWEEN 0 AND 1439),
  end_minute   smallint CHECK (end_minute BETWEEN 0 AND 1440),
  date         date,
  -- Of an override: start and end minutes in turns; empty = closed.
  intervals    integer[],
  starts_at    timestamp,
  ends_at      timestamp,
  reason       text NOT NULL DEFAULT '',
  created_by   bigint REFERENCES users ON DELETE SET NULL,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  CHECK (CASE kind
    WHEN 'weekly' THEN weekday IS NOT NULL AND start_minute IS NOT NULL AND end_minute IS NOT NULL AND start_minute <> end_minute
    WHEN 'override' THEN date IS NOT NULL AND intervals IS NOT NULL
    ELSE starts_at IS NOT NULL AND ends_at IS NOT NULL AND starts_at < ends_at END)
);
CREATE INDEX schedule_entries_of_resource ON schedule_entries (resource_id, kind);
CREATE UNIQUE INDEX schedule_entries_one_override_a_date ON schedule_entries (resource_id, date) WHERE kind = 'override';

-- Who or what is taken, when, by what. Whatever takes time stands here, and the constraint is the last guard against a second claim.
CREATE TABLE claims (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_id bigint NOT NULL REFERENCES resources,
  during      tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
  -- A booking excludes every other; a meeting only makes its people busy (SPEC section 10).
  exclusive   boolean NOT NULL,
  source_kind text NOT NULL CHECK (source_kind IN ('booking_session', 'block', 'event', 'import')),
  source_id   text NOT NULL,
  occurrence  timestamptz,
  -- A hold: counts as free from then on.
  expires_at  timestamptz,
  created_at  timestamptz NOT NULL,
  CONSTRAINT claims_no_overlap EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (exclusive)
);
CREATE INDEX claims_during ON claims USING gist (resource_id, during);
CREATE INDEX claims_of_source ON claims (source_kind, source_id);
CREATE INDEX claims_expires_at ON claims (expires_at) WHERE expires_at IS NOT NULL;
