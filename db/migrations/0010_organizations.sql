-- Organizations (a salon, a company), who belongs to them, and whom they have invited.

CREATE TABLE organizations (
  id          uuid PRIMARY KEY,
  name        text NOT NULL,
  description text NOT NULL DEFAULT '',
  slug        text CONSTRAINT organizations_slug_taken UNIQUE,
  time_zone   text NOT NULL DEFAULT 'UTC',
  currency    text NOT NULL DEFAULT 'USD',
  city        text NOT NULL DEFAULT '',
  address     text NOT NULL DEFAULT '',
  created_by  bigint REFERENCES users ON DELETE SET NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  archived_at timestamptz
);

CREATE TABLE memberships (
  id                        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id           uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  user_id                   bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  role                      text NOT NULL CHECK (role IN ('admin', 'it', 'employee')),
  position                  text NOT NULL DEFAULT '',
  manager_id                bigint REFERENCES users ON DELETE SET NULL,
  access_org_structure      boolean NOT NULL DEFAULT true,
  access_tickets            boolean NOT NULL DEFAULT true,
  access_availability_slots boolean NOT NULL DEFAULT false,
  show_local_time           boolean NOT NULL DEFAULT true,
  show_moscow_time          boolean NOT NULL DEFAULT true,
  joined_at                 timestamptz NOT NULL,
  CONSTRAINT memberships_once UNIQUE (organization_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id, id);

CREATE TABLE invitations (
  id              uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  email           text NOT NULL,
  email_key       text NOT NULL,
  role            text NOT NULL CHECK (role IN ('admin', 'it', 'employee')),
  position        text NOT NULL DEFAULT '',
  nonce           text NOT NULL,
  invited_by      bigint REFERENCES users ON DELETE SET NULL,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  accepted_at     timestamptz,
  cancelled_at    timestamptz
);
CREATE UNIQUE INDEX invitations_open_once ON invitations (organization_id, email_key) WHERE accepted_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX invitations_of_email ON invitations (email_key) WHERE accepted_at IS NULL AND cancelled_at IS NULL;
