-- Talk between two people, or between a person and the support, who answer as one.

CREATE TABLE chats (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('direct', 'support')),
  -- Of two people the one with the lower id, of a support chat the person; so each pair has one chat, whoever began.
  person_a   bigint NOT NULL REFERENCES users,
  person_b   bigint REFERENCES users,
  opened_by  text NOT NULL CHECK (opened_by IN ('booking', 'inquiry', 'support')),
  -- What it began with. Bookings are a matter of a module to the right: no foreign key.
  booking_id bigint,
  service_id bigint REFERENCES services,
  -- The number of the last line, and of the last one that a person wrote. The row is locked by whoever adds a line, so numbers have no gaps.
  last_seq   bigint NOT NULL DEFAULT 0,
  said_seq   bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((kind = 'support') = (person_b IS NULL)),
  CHECK (person_a < person_b)
);
CREATE UNIQUE INDEX chats_one_a_pair ON chats (person_a, person_b) WHERE kind = 'direct';
CREATE UNIQUE INDEX chats_one_support ON chats (person_a) WHERE kind = 'support';
CREATE INDEX chats_of_b ON chats (person_b) WHERE person_b IS NOT NULL;

-- The two sides of a chat. The side of the support belongs to no account: all who may answer share it.
CREATE TABLE chat_members (
  chat_id   bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
  side      text NOT NULL CHECK (side IN ('a', 'b')),
  user_id   bigint REFERENCES users,
  read_seq  bigint NOT NULL DEFAULT 0,
  -- How many lines of the other side after read_seq are not deleted: kept exact under the lock of the chat.
  unread    integer NOT NULL DEFAULT 0 CHECK (unread >= 0),
  muted     boolean NOT NULL DEFAULT false,
  -- A notification of unread lines stands, or is due: until they are read, no other one is made.
  notified  boolean NOT NULL DEFAULT false,
  -- When the last line came, as in the chat: what the list of chats is ordered by.
  active_at timestamptz NOT NULL,
  PRIMARY KEY (chat_id, side)
);
CREATE INDEX chat_members_of_user ON chat_members (user_id, active_at DESC, chat_id DESC);

CREATE TABLE messages (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chat_id         bigint NOT NULL REFERENCES chats,
  seq             bigint NOT NULL,
  -- As in the chat, so that everything of one person is found by an index.
  person_a        bigint NOT NULL,
  person_b        bigint,
  -- Who wrote it; a system line was written by nobody.
  side            text CHECK (side IN ('a', 'b')),
  sender_id       bigint REFERENCES users,
  -- The words; of a system line the English sentence, told in the reader's language with its values.
  text            text NOT NULL,
  params          jsonb,
  search_text     text NOT NULL DEFAULT '',
  has_attachments boolean NOT NULL DEFAULT false,
  -- What the client called it, and what it asked for then: so that sending again is harmless.
  client_id       text,
  request_hash    text,
  created_at      timestamptz NOT NULL,
  edited_at       timestamptz,
  deleted_at      timestamptz,
  CONSTRAINT messages_in_order UNIQUE (chat_id, seq),
  CHECK ((sender_id IS NULL) = (side IS NULL))
);
CREATE UNIQUE INDEX messages_one_a_wish ON messages (sender_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX messages_of_a ON messages (person_a, id DESC);
CREATE INDEX messages_of_b ON messages (person_b, id DESC) WHERE person_b IS NOT NULL;
-- What the support has written, by who wrote it for them.
CREATE INDEX messages_of_support ON messages (sender_id) WHERE person_b IS NULL;
-- Both in one index: a search reads what is this person's, however often a word is written by others.
CREATE INDEX messages_search ON messages USING gin ((ARRAY[person_a, person_b]), search_text gin_trgm_ops) WHERE search_text <> '';

CREATE TABLE blocks (
  blocker_id bigint NOT NULL REFERENCES users,
  blocked_id bigint NOT NULL REFERENCES users,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (blocker_id, blocked_id),
  CHECK (blocker_id <> blocked_id)
);
CREATE INDEX blocks_of_blocked ON blocks (blocked_id);

CREATE TABLE reports (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id  bigint NOT NULL REFERENCES messages,
  reporter_id bigint NOT NULL REFERENCES users,
  reason      text NOT NULL,
  -- The words as they were reported: their author may change or delete them meanwhile.
  text        text NOT NULL,
  status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved', 'dismissed')),
  note        text NOT NULL DEFAULT '',
  resolved_by bigint REFERENCES users,
  resolved_at timestamptz,
  created_at  timestamptz NOT NULL,
  CONSTRAINT reports_once UNIQUE (message_id, reporter_id),
  CHECK ((status = 'open') = (resolved_at IS NULL))
);
CREATE INDEX reports_by_status ON reports (status, id DESC);

-- Bookings that were made before there was talk allow it as well.
INSERT INTO chats (kind, person_a, person_b, opened_by, booking_id, service_id, created_at, updated_at)
SELECT 'direct', low, high, 'booking', id, service_id, created_at, created_at FROM (
  SELECT DISTINCT ON (low, high) low, high, id, service_id, created_at FROM (
    SELECT LEAST(b.customer_id, b.provider_id) AS low, GREATEST(b.customer_id, b.provider_id) AS high, b.id, b.service_id, b.created_at
    FROM bookings b WHERE b.customer_id IS NOT NULL AND b.customer_id <> b.provider_id) pairs
  ORDER BY low, high, id) firsts;
INSERT INTO chat_members (chat_id, side, user_id, active_at)
SELECT c.id, s.side, CASE s.side WHEN 'a' THEN c.person_a ELSE c.person_b END, c.updated_at FROM chats c, (VALUES ('a'), ('b')) s (side);
