-- A time that has become free while people wait for the service, and who was told of it: one after another, while it stays free.

CREATE TABLE freed_times (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id  bigint NOT NULL REFERENCES services,
  -- Whose time; null where any provider of the service counts.
  provider_id bigint REFERENCES users,
  starts_at   timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL,
  freed_at    timestamptz NOT NULL,
  -- When the next person is told, unless it is taken by then; null once nobody is left or it is taken.
  next_at     timestamptz,
  CHECK (starts_at < ends_at)
);
CREATE INDEX freed_times_next_at ON freed_times (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE waiting_offers (
  freed_id   bigint NOT NULL REFERENCES freed_times ON DELETE CASCADE,
  waiting_id bigint NOT NULL REFERENCES waiting_list ON DELETE CASCADE,
  starts_at  timestamptz NOT NULL,
  offered_at timestamptz NOT NULL,
  PRIMARY KEY (freed_id, waiting_id)
);
CREATE INDEX waiting_offers_of_waiting ON waiting_offers (waiting_id, starts_at);
