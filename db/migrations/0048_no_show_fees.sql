-- What is asked of a customer who does not come: a part of the price, agreed to by booking and frozen on the booking like it.
ALTER TABLE services ADD COLUMN no_show_fee_minor bigint CHECK (no_show_fee_minor > 0);
ALTER TABLE bookings
  ADD COLUMN no_show_fee_minor bigint CHECK (no_show_fee_minor > 0),
  -- What became of it when nobody came: covered by what had been paid, collected (by a payable of its own), waived by the provider, or lapsed because it was told
  -- too late or the account is erased.
  ADD COLUMN no_show_outcome text CHECK (no_show_outcome IN ('covered', 'collected', 'waived', 'late', 'erased'));

-- Where nobody came and a fee was agreed on, nothing else is to be paid any more; and a fee can be waived.
ALTER TABLE payables DROP CONSTRAINT payables_close_reason_check,
  ADD CONSTRAINT payables_close_reason_check CHECK (close_reason IN ('expired', 'cancelled', 'no_show', 'waived'));

-- The payment methods that people have saved, as far as the gateway has told: so that a booking can ask for one in its own transaction. The one chosen last is
-- charged what somebody owes for not having come.
CREATE TABLE saved_methods (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id   bigint NOT NULL REFERENCES users,
  gateway   text NOT NULL,
  method_id text NOT NULL,
  type      text NOT NULL,
  brand     text,
  last4     text,
  saved_at  timestamptz NOT NULL,
  chosen_at timestamptz NOT NULL,
  CONSTRAINT saved_methods_once UNIQUE (gateway, method_id)
);
CREATE INDEX saved_methods_of_user ON saved_methods (user_id, gateway, chosen_at DESC, id DESC);
