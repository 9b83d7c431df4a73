-- What rooms are found by, folded (lower case, without accents): their words, and each piece of equipment.

ALTER TABLE rooms
  ADD COLUMN search_text text NOT NULL DEFAULT '',
  ADD COLUMN equipment_keys text[] NOT NULL DEFAULT '{}';
