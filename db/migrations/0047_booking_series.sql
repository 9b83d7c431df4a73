-- A series: bookings that were made in one go by a rule. Each of them is an ordinary booking; the series names them.

CREATE TABLE booking_series (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id      bigint NOT NULL REFERENCES services,
  organization_id uuid REFERENCES organizations,
  -- Null: of a guest.
  customer_id     bigint REFERENCES users,
  created_by      bigint REFERENCES users,
  -- How it was made (RFC 5545); what stands are the bookings.
  rule            text NOT NULL,
  time_zone       text NOT NULL,
  starts_at       timestamptz NOT NULL,
  seats           integer NOT NULL CHECK (seats > 0),
  -- Occurrences that could not be booked then: [{date, rule, code}]
  skipped         jsonb NOT NULL DEFAULT '[]',
  -- Until when the whole was held when it was made; null: it stood at once.
  held_until      timestamptz,
  -- When the first of its bookings was paid: from then on the others are held until shortly before each.
  secured_at      timestamptz,
  -- That the whole has expired is told once.
  expiry_told_at  timestamptz,
  created_at      timestamptz NOT NULL
);
CREATE INDEX booking_series_of_customer ON booking_series (customer_id, id DESC);
CREATE INDEX booking_series_of_organization ON booking_series (organization_id, id DESC);

ALTER TABLE bookings
  ADD COLUMN series_id bigint REFERENCES booking_series,
  -- The start that the series gives it; another one than starts_at once it was moved singly.
  ADD COLUMN occurrence_at timestamptz,
  ADD CONSTRAINT bookings_occurrence CHECK ((series_id IS NULL) = (occurrence_at IS NULL));
CREATE INDEX bookings_of_series ON bookings (series_id, occurrence_at) WHERE series_id IS NOT NULL;
