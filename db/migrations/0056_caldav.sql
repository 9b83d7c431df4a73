-- What CalDAV needs (RFC 4791, 6578): names that clients gave to calendars and events, and what was deleted, for those who synchronize.

-- The last part of its address, as the client named it that made it; null: its id.
ALTER TABLE calendars ADD COLUMN href text;
CREATE UNIQUE INDEX calendars_href_once ON calendars (owner_id, href) WHERE href IS NOT NULL;
-- Changes up to this may have taken away what nobody remembers: a client that has seen less begins anew.
ALTER TABLE calendars ADD COLUMN forgotten bigint NOT NULL DEFAULT 0;

ALTER TABLE events ADD COLUMN href text;
CREATE UNIQUE INDEX events_href_once ON events (calendar_id, href) WHERE href IS NOT NULL;

ALTER TABLE event_tombstones ADD COLUMN href text;
CREATE INDEX event_tombstones_changed ON event_tombstones (calendar_id, change, event_id);
CREATE INDEX event_tombstones_old ON event_tombstones (deleted_at);

-- Properties of calendars that mean nothing to us, such as their order, as each person's clients have set them.
CREATE TABLE dav_properties (
  user_id     bigint NOT NULL REFERENCES users,
  calendar_id uuid NOT NULL REFERENCES calendars ON DELETE CASCADE,
  -- `{namespace}name`.
  name        text NOT NULL,
  -- Its element, as XML.
  value       text NOT NULL,
  PRIMARY KEY (user_id, calendar_id, name)
);
CREATE INDEX dav_properties_of_calendar ON dav_properties (calendar_id);
