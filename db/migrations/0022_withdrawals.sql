-- What sellers take out of what they have earned.

-- Whoever moves a seller's money takes a turn: an UPDATE and not only a lock, since under repeatable read it also refuses an outdated view of the books.
CREATE TABLE ledger_turns (
  account_id bigint PRIMARY KEY REFERENCES ledger_accounts,
  turns      bigint NOT NULL DEFAULT 0
);
INSERT INTO ledger_turns (account_id) SELECT id FROM ledger_accounts WHERE kind = 'seller';

CREATE TABLE withdrawals (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The seller's account of the books, in one currency.
  account_id     bigint NOT NULL REFERENCES ledger_accounts,
  currency       text NOT NULL,
  requested_by   bigint NOT NULL REFERENCES users,
  amount_minor   bigint NOT NULL CHECK (amount_minor > 0),
  method         text NOT NULL,
  status         text NOT NULL CHECK (status IN ('pending', 'approved', 'paid', 'rejected', 'cancelled')),
  -- The bank's or the gateway's name for the payment.
  reference      text,
  reason         text,
  decided_by     bigint REFERENCES users,
  decided_at     timestamptz,
  paid_by        bigint REFERENCES users,
  paid_at        timestamptz,
  -- The gateway's transfer: to whom, its id, why it failed last, when it is tried (again).
  destination    text,
  transfer_id    text UNIQUE,
  -- A call is under way, or nobody knows what became of it.
  transfer_open  boolean NOT NULL DEFAULT false,
  transfer_error text,
  transfer_at    timestamptz,
  -- How often the gateway has refused: each try after a refusal has a key of its own.
  refusals       integer NOT NULL DEFAULT 0,
  -- What was fetched back of the transfer, or is being fetched.
  returned_minor bigint NOT NULL DEFAULT 0 CHECK (returned_minor BETWEEN 0 AND amount_minor),
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  CHECK (status <> 'paid' OR (paid_at IS NOT NULL AND reference IS NOT NULL))
);
CREATE INDEX withdrawals_of_account ON withdrawals (account_id, id DESC);
CREATE INDEX withdrawals_paid ON withdrawals (account_id) INCLUDE (amount_minor, returned_minor) WHERE status = 'paid';
CREATE INDEX withdrawals_by_status ON withdrawals (status, id DESC);
CREATE INDEX withdrawals_to_transfer ON withdrawals (transfer_at) WHERE transfer_at IS NOT NULL;

-- Where the gateway pays a seller's withdrawals to.
CREATE TABLE connected_accounts (
  seller      text NOT NULL,
  gateway     text NOT NULL,
  destination text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (seller, gateway)
);

-- Parts of transfers that are fetched back, because refunds or disputes left the seller owing.
CREATE TABLE transfer_returns (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  withdrawal_id bigint NOT NULL REFERENCES withdrawals,
  amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
  status        text NOT NULL CHECK (status IN ('pending', 'done', 'refused')),
  reason        text,
  try_at        timestamptz,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
);
CREATE INDEX transfer_returns_of_withdrawal ON transfer_returns (withdrawal_id);
CREATE INDEX transfer_returns_to_try ON transfer_returns (try_at) WHERE try_at IS NOT NULL;
