-- Google: whose calendar is connected, what was written there of bookings, and by which channels Google tells of changes.

-- A person's own calendar, by their consent (OAuth). Tokens are sealed with a key derived from SECRET_KEY.
CREATE TABLE google_connections (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id        bigint NOT NULL REFERENCES users (id),
  -- The Google account, as it is shown to its person; gone with the connection.
  account        text,
  calendar_id    text NOT NULL,
  refresh_token  text,
  -- `ending`: switched off here, and what stands at Google of it is being ended. `revoked`: Google says that the consent is gone.
  state          text NOT NULL CHECK (state IN ('active', 'revoked', 'ending')),
  -- Which consent it is: an answer of Google to an earlier one says nothing of this.
  consent        integer NOT NULL DEFAULT 1,
  sync_token     text,
  -- Counts the syncs, so that of two at once only one is written.
  sync_turn      bigint NOT NULL DEFAULT 0,
  full_sync_at   timestamptz,
  synced_at      timestamptz,
  -- A sync was asked for and has not begun: nobody need ask for another.
  sync_wanted_at timestamptz,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  CONSTRAINT google_connections_token CHECK ((refresh_token IS NULL) = (state = 'revoked'))
);
CREATE UNIQUE INDEX google_connections_one ON google_connections (user_id) WHERE state <> 'ending';

-- A consent that was begun: the state of RFC 6749 as a hash, bound to who began it, and the verifier of RFC 7636, sealed.
CREATE TABLE google_consents (
  state_hash text PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES users (id),
  verifier   text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX google_consents_user ON google_consents (user_id);

-- Channels by which Google tells that a calendar has changed (events.watch).
CREATE TABLE google_channels (
  id            uuid PRIMARY KEY,
  connection_id bigint NOT NULL REFERENCES google_connections (id) ON DELETE CASCADE,
  -- What Google calls that which is watched; null until it has answered.
  resource_id   text,
  expires_at    timestamptz,
  -- Replaced or not wanted any more: stopped at Google as soon as it answers.
  is_ending     boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL
);
CREATE INDEX google_channels_connection ON google_channels (connection_id);

-- What stands, or is to stand, of a booking in a Google calendar: one event at most.
CREATE TABLE google_events (
  booking_id    bigint PRIMARY KEY REFERENCES bookings (id),
  -- Made from the booking before Google is asked: so asking twice makes one event.
  event_id      text NOT NULL CONSTRAINT google_events_id UNIQUE,
  -- Where it stands: a person's calendar, or (null) the platform's; `calendar_id` null: nowhere.
  connection_id bigint REFERENCES google_connections (id) ON DELETE SET NULL,
  calendar_id   text,
  -- A hash of what was written, and when it begins and ends there; null: unknown, to be written again.
  written       text,
  written_from  timestamptz,
  written_to    timestamptz,
  -- Its person has deleted it in Google: it is not written again until the booking changes.
  is_removed    boolean NOT NULL DEFAULT false,
  -- Since when it is known to differ from the booking; null: it is as the booking.
  dirty_at      timestamptz,
  -- A Meet conference was asked for, and which it is.
  meet_wanted   boolean NOT NULL DEFAULT false,
  meet_nth      integer NOT NULL DEFAULT 1,
  meet_url      text,
  -- Who is at it now (a call to Google is no transaction), and until when that is believed.
  turn          uuid,
  turn_until    timestamptz,
  refusal       text
);
CREATE INDEX google_events_dirty ON google_events (dirty_at) WHERE dirty_at IS NOT NULL;
CREATE INDEX google_events_connection ON google_events (connection_id);

-- Who was mailed which conference of a booking: once, however often it is asked for.
CREATE TABLE google_invitations (
  booking_id bigint NOT NULL REFERENCES bookings (id),
  user_id    bigint NOT NULL REFERENCES users (id),
  meet_url   text NOT NULL,
  sent_at    timestamptz NOT NULL,
  PRIMARY KEY (booking_id, user_id, meet_url)
);
