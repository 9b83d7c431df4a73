-- Rooms: treatment rooms of a salon and meeting rooms of an office are one thing.

CREATE TABLE rooms (
  id              uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  name            text NOT NULL,
  description     text NOT NULL DEFAULT '',
  capacity        integer NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
  location        text NOT NULL DEFAULT '',
  equipment       text[] NOT NULL DEFAULT '{}',
  time_zone       text NOT NULL DEFAULT 'UTC',
  is_active       boolean NOT NULL DEFAULT true,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  archived_at     timestamptz
);
CREATE INDEX rooms_of_organization ON rooms (organization_id, name, id) WHERE archived_at IS NULL;
