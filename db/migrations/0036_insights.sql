-- Figures that stay fast at a million bookings: counts by quarter of an hour, which add up to the days of every time zone there is (since 1972 every offset is a
-- multiple of 15 minutes). Writers append what changed and wait for nobody; a job folds it in each minute; who asks adds both, so figures are of this moment.

CREATE TABLE insight_changes (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- 'organization:0199...', 'provider:12' (a seller, of money only), null: of the platform alone.
  scope        text,
  at           timestamptz NOT NULL,
  -- A booking's status ('expired' for a hold that ran out), 'created'; of money 'charge', 'refund', 'dispute'.
  kind         text NOT NULL,
  currency     text NOT NULL,
  count        bigint NOT NULL,
  minutes      bigint NOT NULL,
  amount_minor bigint NOT NULL,
  fee_minor    bigint NOT NULL
);

CREATE TABLE insight_quarters (
  -- As above; '' is everything.
  scope        text NOT NULL,
  at           timestamptz NOT NULL,
  kind         text NOT NULL,
  currency     text NOT NULL,
  count        bigint NOT NULL,
  minutes      bigint NOT NULL,
  amount_minor bigint NOT NULL,
  fee_minor    bigint NOT NULL,
  PRIMARY KEY (scope, at, kind, currency)
) WITH (fillfactor = 80);
CREATE INDEX insight_quarters_empty ON insight_quarters (scope) WHERE count = 0 AND minutes = 0 AND amount_minor = 0 AND fee_minor = 0;

-- What single people's figures, and who came, are read from.
CREATE INDEX bookings_of_customer_by_start ON bookings (customer_id, starts_at);
CREATE INDEX bookings_of_organization_by_start ON bookings (organization_id, starts_at) WHERE organization_id IS NOT NULL;
CREATE INDEX bookings_by_start ON bookings (starts_at) INCLUDE (status, service_id, customer_id);
CREATE INDEX users_created_at ON users (created_at) INCLUDE (role);

CREATE FUNCTION insight_quarter(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN date_bin('15 minutes', at, '2000-01-01T00:00:00Z'::timestamptz);

-- What a booking counts as: once where it begins, under its status, and once where it was made.
CREATE FUNCTION insight_facts(b bookings) RETURNS TABLE (scope text, at timestamptz, kind text, currency text, count bigint, minutes bigint, amount_minor bigint, fee_minor bigint)
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 2 AS $$
  SELECT 'organization:' || b.organization_id, insight_quarter(b.starts_at),
    CASE WHEN b.status = 'cancelled' AND b.cancel_reason = 'expired' THEN 'expired' ELSE b.status END, b.currency,
    1::bigint, (extract(epoch FROM b.ends_at - b.starts_at) / 60)::bigint, b.price_minor, 0::bigint
  UNION ALL
  SELECT 'organization:' || b.organization_id, insight_quarter(b.created_at), 'created', b.currency, 1, 0, 0, 0
$$;

-- What a movement of the books counts as: a charge, what was taken back, and with a minus what became void.
CREATE FUNCTION insight_facts(t ledger_transactions) RETURNS TABLE (scope text, at timestamptz, kind text, currency text, count bigint, minutes bigint, amount_minor bigint, fee_minor bigint)
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
  SELECT CASE WHEN p.organization_id IS NOT NULL THEN 'organization:' || p.organization_id ELSE 'provider:' || p.provider_id END,
    insight_quarter(t.at), k.kind, t.currency, k.sign, 0::bigint, k.sign * t.amount_minor, k.sign * t.fee_minor
  FROM (SELECT t.kind, 1::bigint AS sign WHERE t.reverses_id IS NULL
    UNION ALL SELECT o.kind, -1 FROM ledger_transactions o WHERE o.id = t.reverses_id) k
  LEFT JOIN payments p ON p.id = t.payment_id
  WHERE k.kind IN ('charge', 'refund', 'dispute')
$$;

CREATE FUNCTION insight_booking_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT f.* FROM made b CROSS JOIN LATERAL insight_facts(b::bookings) f;
  RETURN NULL;
END $$;
CREATE FUNCTION insight_booking_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT scope, at, kind, currency, sum(count), sum(minutes), sum(amount_minor), sum(fee_minor)
    FROM (SELECT f.scope, f.at, f.kind, f.currency, -f.count AS count, -f.minutes AS minutes, -f.amount_minor AS amount_minor, -f.fee_minor AS fee_minor
        FROM before b CROSS JOIN LATERAL insight_facts(b::bookings) f
      UNION ALL SELECT f.* FROM after b CROSS JOIN LATERAL insight_facts(b::bookings) f) both_sides
    GROUP BY scope, at, kind, currency
    HAVING sum(count) <> 0 OR sum(minutes) <> 0 OR sum(amount_minor) <> 0;
  RETURN NULL;
END $$;
CREATE FUNCTION insight_booking_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT f.scope, f.at, f.kind, f.currency, -f.count, -f.minutes, -f.amount_minor, -f.fee_minor
    FROM gone b CROSS JOIN LATERAL insight_facts(b::bookings) f;
  RETURN NULL;
END $$;
CREATE FUNCTION insight_money_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO insight_changes (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT f.* FROM made t CROSS JOIN LATERAL insight_facts(t::ledger_transactions) f;
  RETURN NULL;
END $$;
CREATE TRIGGER insight_booking_made AFTER INSERT ON bookings REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION insight_booking_made();
CREATE TRIGGER insight_booking_changed AFTER UPDATE ON bookings REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION insight_booking_changed();
CREATE TRIGGER insight_booking_gone AFTER DELETE ON bookings REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION insight_booking_gone();
CREATE TRIGGER insight_money_moved AFTER INSERT ON ledger_transactions REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION insight_money_moved();

-- Folds the oldest changes in and answers how many there were; one at a time, whoever comes second does nothing.
CREATE FUNCTION insights_fold(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  folded bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7216536) THEN
    RETURN 0;
  END IF;
  WITH taken AS (
    DELETE FROM insight_changes WHERE id IN (SELECT id FROM insight_changes ORDER BY id LIMIT most) RETURNING *
  ), written AS (
    INSERT INTO insight_quarters AS q (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
      SELECT s.scope, at, kind, currency, sum(count), sum(minutes), sum(amount_minor), sum(fee_minor)
      FROM taken CROSS JOIN LATERAL (VALUES (''), (taken.scope)) s (scope)
      WHERE s.scope IS NOT NULL GROUP BY s.scope, at, kind, currency
    ON CONFLICT (scope, at, kind, currency) DO UPDATE SET count = q.count + excluded.count, minutes = q.minutes + excluded.minutes,
      amount_minor = q.amount_minor + excluded.amount_minor, fee_minor = q.fee_minor + excluded.fee_minor
    RETURNING 1
  )
  SELECT count(*) INTO folded FROM taken;
  DELETE FROM insight_quarters WHERE count = 0 AND minutes = 0 AND amount_minor = 0 AND fee_minor = 0;
  RETURN folded;
END $$;

-- Counts everything anew; bookings and the books take no writes meanwhile.
CREATE FUNCTION insights_rebuild() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  made bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7216536);
  LOCK TABLE bookings, ledger_transactions IN SHARE MODE;
  DELETE FROM insight_changes;
  DELETE FROM insight_quarters;
  INSERT INTO insight_quarters (scope, at, kind, currency, count, minutes, amount_minor, fee_minor)
    SELECT s.scope, f.at, f.kind, f.currency, sum(f.count), sum(f.minutes), sum(f.amount_minor), sum(f.fee_minor)
    FROM (SELECT f.* FROM bookings b CROSS JOIN LATERAL insight_facts(b) f
      UNION ALL SELECT f.* FROM ledger_transactions t CROSS JOIN LATERAL insight_facts(t) f) f
    CROSS JOIN LATERAL (VALUES (''), (f.scope)) s (scope)
    WHERE s.scope IS NOT NULL GROUP BY s.scope, f.at, f.kind, f.currency;
  GET DIAGNOSTICS made = ROW_COUNT;
  RETURN made;
END $$;

SELECT insights_rebuild();
