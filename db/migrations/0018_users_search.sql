-- Words of names and e-mails are looked for anywhere in them, among all who are not erased.

CREATE INDEX users_search ON users USING gin (search_text gin_trgm_ops) WHERE deleted_at IS NULL;
