-- The audit log is read by spans of time as well.
CREATE INDEX audit_log_at ON audit_log (at);
