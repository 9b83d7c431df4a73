-- What a person has been told. The other channels (mail, push, socket) join here later.

CREATE TABLE notifications (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  -- What it is about: `booking_confirmed`. The sentence is kept in English with its values, and told in the reader's language.
  kind       text NOT NULL,
  title      text NOT NULL,
  body       text NOT NULL,
  params     jsonb NOT NULL DEFAULT '{}',
  -- What it leads to: {"kind": "booking", "id": 1}.
  target     jsonb,
  created_at timestamptz NOT NULL,
  read_at    timestamptz
);
CREATE INDEX notifications_of_user ON notifications (user_id, id DESC);
CREATE INDEX notifications_unread ON notifications (user_id, id DESC) WHERE read_at IS NULL;
CREATE INDEX notifications_created_at ON notifications (created_at);
