-- Where integrators want to be told what happens: of an organization, of one provider, or of the whole platform.
CREATE TABLE webhook_endpoints (
  id              uuid PRIMARY KEY,
  owner_kind      text NOT NULL CHECK (owner_kind IN ('organization', 'provider', 'platform')),
  organization_id uuid REFERENCES organizations,
  provider_id     bigint REFERENCES users,
  created_by      bigint REFERENCES users,
  url             text NOT NULL,
  description     text NOT NULL,
  -- Names of types, or `*` alone.
  event_types     text[] NOT NULL CHECK (cardinality(event_types) > 0),
  is_active       boolean NOT NULL DEFAULT true,
  off_reason      text CHECK (off_reason IN ('owner', 'failing', 'gone')),
  off_at          timestamptz,
  -- Sealed with a key of its own, bound to the id of the row. The secret before signs too until its time is over.
  secret          text NOT NULL,
  previous_secret text,
  previous_until  timestamptz,
  -- Since when no call has succeeded; null while the last one did.
  failing_since   timestamptz,
  last_failure_at timestamptz,
  last_success_at timestamptz,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CONSTRAINT webhook_endpoints_owner CHECK (
    (owner_kind = 'organization') = (organization_id IS NOT NULL) AND (owner_kind = 'provider') = (provider_id IS NOT NULL)),
  CONSTRAINT webhook_endpoints_off CHECK (is_active = (off_reason IS NULL) AND is_active = (off_at IS NULL))
);
CREATE INDEX webhook_endpoints_of_organization ON webhook_endpoints (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX webhook_endpoints_of_provider ON webhook_endpoints (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX webhook_endpoints_of_creator ON webhook_endpoints (created_by);

-- What happened, as it is sent: the very text, so that each try sends the same.
CREATE TABLE webhook_messages (
  id         uuid PRIMARY KEY,
  type       text NOT NULL,
  -- Null once somebody of whom it told is erased.
  body       text,
  -- Of whom it tells.
  people     bigint[] NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX webhook_messages_of_people ON webhook_messages USING gin (people);
CREATE INDEX webhook_messages_by_time ON webhook_messages (created_at);

-- One message for one endpoint.
CREATE TABLE webhook_deliveries (
  id              uuid PRIMARY KEY,
  endpoint_id     uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
  message_id      uuid NOT NULL REFERENCES webhook_messages ON DELETE CASCADE,
  status          text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  reason          text CHECK (reason IN ('exhausted', 'endpoint_off', 'erased')),
  -- Tries of the schedule since it began or was put back.
  tries           integer NOT NULL DEFAULT 0,
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  -- While a process calls: nobody else does. Past it, that process is taken for dead.
  leased_until    timestamptz,
  created_at      timestamptz NOT NULL,
  finished_at     timestamptz,
  CONSTRAINT webhook_deliveries_once UNIQUE (endpoint_id, message_id),
  CONSTRAINT webhook_deliveries_waiting CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
  CONSTRAINT webhook_deliveries_reason CHECK ((status = 'failed') = (reason IS NOT NULL))
);
-- From one endpoint with something to do to the next, and of each what is due first.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (endpoint_id, id DESC);
CREATE INDEX webhook_deliveries_of_message ON webhook_deliveries (message_id);

-- One call and what came of it.
CREATE TABLE webhook_attempts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery_id   uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
  number        integer NOT NULL,
  at            timestamptz NOT NULL,
  duration_ms   integer NOT NULL,
  status_code   integer,
  error         text,
  response_body text,
  CONSTRAINT webhook_attempts_once UNIQUE (delivery_id, number)
);
