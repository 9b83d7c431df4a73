-- The books: double entry, append-only. Debits are positive, credits negative: what the gateway holds is positive, what is owed to a seller negative.

CREATE TABLE ledger_accounts (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('gateway', 'bank', 'platform_fee', 'payouts', 'seller')),
  -- 'provider:12', 'organization:0199...', '' for the platform's own.
  seller          text NOT NULL,
  provider_id     bigint REFERENCES users,
  organization_id uuid REFERENCES organizations,
  currency        text NOT NULL,
  created_at      timestamptz NOT NULL,
  CONSTRAINT ledger_accounts_once UNIQUE (seller, kind, currency),
  CONSTRAINT ledger_accounts_seller CHECK (seller = CASE
    WHEN organization_id IS NOT NULL THEN 'organization:' || organization_id::text
    WHEN provider_id IS NOT NULL THEN 'provider:' || provider_id::text
    ELSE '' END),
  CHECK ((kind = 'seller') = (seller <> '')),
  CHECK (provider_id IS NULL OR organization_id IS NULL)
);

CREATE TABLE ledger_transactions (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What it is in business: 'charge:12', 'refund:3', 'withdrawal:7:paid'. It is posted once.
  reference     text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('charge', 'refund', 'dispute', 'withdrawal', 'payout', 'payout_return', 'reversal')),
  currency      text NOT NULL,
  amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
  -- The platform's part of it.
  fee_minor     bigint NOT NULL DEFAULT 0 CHECK (fee_minor BETWEEN 0 AND amount_minor),
  payment_id    bigint,
  withdrawal_id bigint,
  -- The transaction that this one takes back; each is taken back once.
  reverses_id   bigint REFERENCES ledger_transactions,
  at            timestamptz NOT NULL,
  CONSTRAINT ledger_transactions_once UNIQUE (reference),
  CONSTRAINT ledger_transactions_reversed_once UNIQUE (reverses_id),
  CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL))
);
CREATE INDEX ledger_transactions_of_payment ON ledger_transactions (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX ledger_transactions_of_withdrawal ON ledger_transactions (withdrawal_id) WHERE withdrawal_id IS NOT NULL;

CREATE TABLE ledger_entries (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id bigint NOT NULL REFERENCES ledger_transactions,
  account_id     bigint NOT NULL REFERENCES ledger_accounts,
  amount_minor   bigint NOT NULL CHECK (amount_minor <> 0),
  -- The account's balance after this entry, for a seller's account, whose row is locked while one is posted. The platform's accounts have none: a running
  -- sum would make every payment of the house wait for every other.
  balance_minor  bigint
);
CREATE INDEX ledger_entries_of_account ON ledger_entries (account_id, id) INCLUDE (amount_minor, balance_minor);
CREATE INDEX ledger_entries_of_transaction ON ledger_entries (transaction_id);

-- When the earnings of a booking can be withdrawn: written once, when it has taken place.
CREATE TABLE ledger_releases (
  booking_id   bigint PRIMARY KEY,
  completed_at timestamptz NOT NULL,
  available_at timestamptz NOT NULL
);

-- What is left of the seller's share of each payment, and when it can be withdrawn: a cache of the books, which `ledger-check` proves.
CREATE TABLE ledger_earnings (
  payment_id   bigint PRIMARY KEY,
  account_id   bigint NOT NULL REFERENCES ledger_accounts,
  booking_id   bigint NOT NULL,
  net_minor    bigint NOT NULL,
  available_at timestamptz NOT NULL DEFAULT 'infinity'
);
CREATE INDEX ledger_earnings_of_account ON ledger_earnings (account_id, available_at) INCLUDE (net_minor);
CREATE INDEX ledger_earnings_of_booking ON ledger_earnings (booking_id);

CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_transactions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_balances('id');
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_balances('transaction_id');

CREATE TRIGGER ledger_accounts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_accounts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_releases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_releases
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
