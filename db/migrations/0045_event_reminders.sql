-- Which events have a reminder to come, and up to when all reminders of an event have been told: a moment that only goes forward, so that each is told once.
CREATE TABLE event_reminding (
  event_id   uuid PRIMARY KEY REFERENCES events ON DELETE CASCADE,
  told_until timestamptz NOT NULL,
  -- Null: none is to come.
  next_at    timestamptz
);
CREATE INDEX event_reminding_due ON event_reminding (next_at) WHERE next_at IS NOT NULL;
INSERT INTO event_reminding (event_id, told_until, next_at)
  SELECT id, now(), now() FROM events WHERE reminders <> '{}';

-- A room that is given away again when nobody has checked in so many minutes after the beginning of a meeting; null: it is not.
ALTER TABLE rooms ADD COLUMN check_in_minutes integer CHECK (check_in_minutes BETWEEN 5 AND 120);

-- Somebody has come to this occurrence.
CREATE TABLE event_check_ins (
  event_id      uuid NOT NULL REFERENCES events ON DELETE CASCADE,
  point         bigint NOT NULL,
  checked_in_by bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  checked_in_at timestamptz NOT NULL,
  PRIMARY KEY (event_id, point)
);
