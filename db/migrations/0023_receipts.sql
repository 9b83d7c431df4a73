-- Receipts of payments and credit notes of refunds, as they were issued.

-- What a seller's receipts say: the name and address of the business, its tax.
CREATE TABLE receipt_settings (
  seller          text PRIMARY KEY,
  legal_name      text NOT NULL DEFAULT '',
  address         text NOT NULL DEFAULT '',
  tax_number      text NOT NULL DEFAULT '',
  tax_name        text NOT NULL DEFAULT '',
  -- In hundredths of a percent; prices include it.
  tax_rate        integer CHECK (tax_rate BETWEEN 0 AND 10000),
  updated_at      timestamptz NOT NULL
);

-- The last number of each series of a seller: locked by whoever issues the next, so that a rollback leaves no gap.
CREATE TABLE receipt_series (
  seller text NOT NULL,
  kind   text NOT NULL CHECK (kind IN ('receipt', 'credit_note')),
  last   bigint NOT NULL,
  PRIMARY KEY (seller, kind)
);

CREATE TABLE receipts (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seller     text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('receipt', 'credit_note')),
  number     bigint NOT NULL,
  payment_id bigint NOT NULL REFERENCES payments,
  refund_id  bigint REFERENCES refunds,
  -- Everything it says but the names of people, which are theirs to have erased.
  data       jsonb NOT NULL,
  issued_at  timestamptz NOT NULL,
  UNIQUE (seller, kind, number),
  CHECK ((kind = 'credit_note') = (refund_id IS NOT NULL))
);
CREATE UNIQUE INDEX receipts_one_a_payment ON receipts (payment_id) WHERE kind = 'receipt';
CREATE UNIQUE INDEX receipts_one_a_refund ON receipts (refund_id) WHERE kind = 'credit_note';
CREATE INDEX receipts_of_payment ON receipts (payment_id, id);
CREATE TRIGGER receipts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
