-- Tickets: what members of an organization ask of its IT and admins, until when it is to be done, what was said about it and every change.

-- One row an organization, made with its first ticket or setting: the last number given, how soon tickets are due by priority, and its categories.
CREATE TABLE ticket_desks (
  organization_id uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
  last_number     integer NOT NULL DEFAULT 0,
  low_hours       integer NOT NULL DEFAULT 168 CHECK (low_hours BETWEEN 1 AND 8760),
  normal_hours    integer NOT NULL DEFAULT 72 CHECK (normal_hours BETWEEN 1 AND 8760),
  high_hours      integer NOT NULL DEFAULT 24 CHECK (high_hours BETWEEN 1 AND 8760),
  urgent_hours    integer NOT NULL DEFAULT 4 CHECK (urgent_hours BETWEEN 1 AND 8760),
  categories      text[] NOT NULL DEFAULT '{}',
  updated_at      timestamptz NOT NULL
);

CREATE TABLE tickets (
  id              uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  number          integer NOT NULL,
  title           text NOT NULL,
  description     text NOT NULL,
  status          text NOT NULL CHECK (status IN ('open', 'in_progress', 'resolved', 'closed')),
  priority        text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  priority_rank   smallint NOT NULL GENERATED ALWAYS AS (CASE priority WHEN 'low' THEN 1 WHEN 'normal' THEN 2 WHEN 'high' THEN 3 ELSE 4 END) STORED,
  category        text NOT NULL DEFAULT '',
  requester_id    bigint REFERENCES users ON DELETE SET NULL,
  assignee_id     bigint REFERENCES users ON DELETE SET NULL,
  search_text     text NOT NULL,
  -- From when its time is counted: the opening, or the last reopening.
  counted_from    timestamptz NOT NULL,
  warn_at         timestamptz NOT NULL,
  due_at          timestamptz NOT NULL,
  warned_at       timestamptz,
  breached_at     timestamptz,
  resolved_at     timestamptz,
  closed_at       timestamptz,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CONSTRAINT tickets_number_once UNIQUE (organization_id, number)
);
-- Identifiers are of version 7, so that their order is that of opening.
CREATE INDEX tickets_of_organization ON tickets (organization_id, id);
CREATE INDEX tickets_by_status ON tickets (organization_id, status, id);
CREATE INDEX tickets_by_priority ON tickets (organization_id, priority_rank, id);
CREATE INDEX tickets_by_change ON tickets (organization_id, updated_at, id);
CREATE INDEX tickets_by_due ON tickets (organization_id, due_at, id);
CREATE INDEX tickets_of_requester ON tickets (requester_id, id);
CREATE INDEX tickets_of_assignee ON tickets (assignee_id, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tickets_search ON tickets USING gin (search_text gin_trgm_ops);
CREATE INDEX tickets_to_warn ON tickets (warn_at) WHERE warned_at IS NULL AND status IN ('open', 'in_progress');
CREATE INDEX tickets_to_breach ON tickets (due_at) WHERE breached_at IS NULL AND status IN ('open', 'in_progress');

CREATE TABLE ticket_comments (
  id          uuid PRIMARY KEY,
  ticket_id   uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
  author_id   bigint REFERENCES users ON DELETE SET NULL,
  body        text NOT NULL,
  is_internal boolean NOT NULL,
  created_at  timestamptz NOT NULL
);
CREATE INDEX ticket_comments_of_ticket ON ticket_comments (ticket_id, id);

CREATE TABLE ticket_changes (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
  at        timestamptz NOT NULL,
  actor_id  bigint REFERENCES users ON DELETE SET NULL,
  field     text NOT NULL,
  before    text,
  after     text
);
CREATE INDEX ticket_changes_of_ticket ON ticket_changes (ticket_id, id);
