-- A master who has left a salon reads its customers' chats no more: which side of a chat has left it, and when. Their lines stand in nobody's list then: of
-- messages, the person of that side is 0.
ALTER TABLE chats ADD COLUMN left_side text CONSTRAINT chats_left_side_check CHECK (left_side IN ('a', 'b'));
ALTER TABLE chat_members ADD COLUMN left_at timestamptz;
