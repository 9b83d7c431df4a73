-- What was refused is rare, and asked for by itself.
CREATE INDEX audit_log_outcome ON audit_log (outcome, id DESC);
