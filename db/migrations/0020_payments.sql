-- What is to be paid for something (a booking), and to whom. The module that sells opens it in its own transaction.

CREATE TABLE payables (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_kind     text NOT NULL,
  source_id       bigint NOT NULL,
  title           text NOT NULL,
  payer_id        bigint NOT NULL REFERENCES users,
  -- Who gives it; the seller is the organization where there is one.
  provider_id     bigint NOT NULL REFERENCES users,
  organization_id uuid REFERENCES organizations,
  amount_minor    bigint NOT NULL CHECK (amount_minor > 0),
  -- What is due first; the rest may be paid later.
  deposit_minor   bigint CHECK (deposit_minor BETWEEN 1 AND amount_minor),
  currency        text NOT NULL,
  -- Sums of its payments, kept under its lock: lists read them instead of adding up.
  paid_minor      bigint NOT NULL DEFAULT 0,
  refunded_minor  bigint NOT NULL DEFAULT 0,
  is_processing   boolean NOT NULL DEFAULT false,
  -- Until when what it pays for is held.
  expires_at      timestamptz,
  closed_at       timestamptz,
  close_reason    text CHECK (close_reason IN ('expired', 'cancelled')),
  created_at      timestamptz NOT NULL,
  CONSTRAINT payables_one_a_source UNIQUE (source_kind, source_id),
  CHECK ((closed_at IS NULL) = (close_reason IS NULL))
);

CREATE TABLE payments (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payable_id      bigint NOT NULL REFERENCES payables,
  payer_id        bigint NOT NULL REFERENCES users,
  provider_id     bigint NOT NULL REFERENCES users,
  organization_id uuid REFERENCES organizations,
  amount_minor    bigint NOT NULL CHECK (amount_minor > 0),
  fee_minor       bigint NOT NULL CHECK (fee_minor BETWEEN 0 AND amount_minor),
  currency        text NOT NULL,
  status          text NOT NULL CHECK (status IN ('requires_payment_method', 'requires_action', 'processing', 'succeeded', 'failed', 'refunded', 'partially_refunded', 'cancelled')),
  -- Refunds that were made, refunds under way, and what the gateway holds back because of a dispute.
  refunded_minor  bigint NOT NULL DEFAULT 0,
  refunding_minor bigint NOT NULL DEFAULT 0,
  disputed_minor  bigint NOT NULL DEFAULT 0,
  gateway         text NOT NULL CHECK (gateway IN ('sandbox', 'stripe')),
  intent_id       text UNIQUE,
  client_secret   text,
  card_brand      text,
  card_last4      text,
  failure_code    text,
  decline_code    text,
  -- Of what moment the state is that the gateway last told; an older one changes nothing.
  told_at         timestamptz,
  -- When the gateway is asked again what no webhook told, and how often it was.
  check_at        timestamptz,
  checks          integer NOT NULL DEFAULT 0,
  paid_at         timestamptz,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CONSTRAINT payments_no_more_back CHECK (refunded_minor >= 0 AND refunding_minor >= 0 AND refunded_minor + refunding_minor <= amount_minor)
);
-- One payment at a time is open for a payable: asking for an intent again finds the same one.
CREATE UNIQUE INDEX payments_one_open ON payments (payable_id) WHERE status IN ('requires_payment_method', 'requires_action', 'processing', 'failed');
CREATE INDEX payments_of_payable ON payments (payable_id);
CREATE INDEX payments_of_payer ON payments (payer_id, id DESC);
CREATE INDEX payments_of_provider ON payments (provider_id, id DESC);
CREATE INDEX payments_of_organization ON payments (organization_id, id DESC) WHERE organization_id IS NOT NULL;
CREATE INDEX payments_to_check ON payments (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE refunds (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id   bigint NOT NULL REFERENCES payments,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  -- The part of the platform's fee that goes back with it.
  fee_minor    bigint NOT NULL DEFAULT 0,
  status       text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
  cause        text NOT NULL CHECK (cause IN ('request', 'cancellation', 'late', 'gateway')),
  reason       text,
  requested_by bigint REFERENCES users,
  refund_id    text UNIQUE,
  failure_code text,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL
);
CREATE INDEX refunds_of_payment ON refunds (payment_id, id);
CREATE INDEX refunds_pending ON refunds (updated_at) WHERE status = 'pending';

CREATE TABLE disputes (
  id           text PRIMARY KEY,
  payment_id   bigint NOT NULL REFERENCES payments,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  status       text NOT NULL,
  reason       text,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL
);
CREATE INDEX disputes_of_payment ON disputes (payment_id);

-- A call to the gateway: written down before it is made, so that a crash leaves something to resume. The business key is the gateway's idempotency key.
CREATE TABLE gateway_operations (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_key text NOT NULL CONSTRAINT gateway_operations_one_a_key UNIQUE,
  gateway      text NOT NULL,
  kind         text NOT NULL,
  subject_id   bigint NOT NULL,
  request      jsonb NOT NULL,
  state        text NOT NULL DEFAULT 'begun' CHECK (state IN ('begun', 'done')),
  result       jsonb,
  attempts     integer NOT NULL DEFAULT 0,
  last_error   text,
  next_at      timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  finished_at  timestamptz
);
CREATE INDEX gateway_operations_open ON gateway_operations (next_at) WHERE state = 'begun';
CREATE INDEX gateway_operations_of_subject ON gateway_operations (kind, subject_id, id);

CREATE TABLE gateway_customers (
  user_id     bigint NOT NULL REFERENCES users,
  gateway     text NOT NULL,
  customer_id text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (user_id, gateway),
  UNIQUE (gateway, customer_id)
);

-- Every signed event once, whatever became of it.
CREATE TABLE webhook_events (
  id          text PRIMARY KEY,
  type        text NOT NULL,
  object_id   text,
  outcome     text NOT NULL,
  happened_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL
);

-- The sandbox keeps its own books, as a gateway elsewhere would.
CREATE TABLE sandbox_objects (
  id         text PRIMARY KEY,
  kind       text NOT NULL,
  parent     text,
  data       jsonb NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX sandbox_objects_of_parent ON sandbox_objects (parent, created_at) WHERE parent IS NOT NULL;
CREATE TABLE sandbox_answers (
  key          text PRIMARY KEY,
  request_hash text NOT NULL,
  answer       jsonb NOT NULL,
  created_at   timestamptz NOT NULL
);
