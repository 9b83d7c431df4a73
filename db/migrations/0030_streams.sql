-- Streams and the socket: what a person is told live, numbered without gaps for each person, so that a client that comes back needs to say one number.

-- The row is the lock: whoever appends for a person holds it until commit, so that numbers become visible in their order.
CREATE TABLE streams (
  user_id  bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  last_seq bigint NOT NULL CHECK (last_seq >= 0)
);

CREATE TABLE stream_entries (
  user_id    bigint NOT NULL REFERENCES streams (user_id) ON DELETE CASCADE,
  seq        bigint NOT NULL CHECK (seq > 0),
  type       text NOT NULL,
  data       jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, seq)
);
-- What is over its 30 days is found without reading the rest.
CREATE INDEX stream_entries_created_at ON stream_entries (created_at);

-- One-use tickets onto the socket; only their hash is kept. The access token's own end goes with them: a ticket opens nothing for longer than the token would have.
CREATE TABLE socket_tickets (
  ticket_hash      text PRIMARY KEY,
  user_id          bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  session_id       bigint NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  token_expires_at timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL
);
CREATE INDEX socket_tickets_expires_at ON socket_tickets (expires_at);

-- Who is connected where. A process that ends without saying so stops telling that it is alive, and what it held counts no more; so nothing here must survive a crash.
CREATE UNLOGGED TABLE socket_nodes (
  node     uuid PRIMARY KEY,
  alive_at timestamptz NOT NULL
);
CREATE UNLOGGED TABLE socket_people (
  user_id bigint NOT NULL,
  node    uuid NOT NULL REFERENCES socket_nodes (node) ON DELETE CASCADE,
  PRIMARY KEY (user_id, node)
);
CREATE INDEX socket_people_node ON socket_people (node);

CREATE TABLE socket_departures (
  user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  left_at timestamptz NOT NULL
);
