-- Whose name stands in somebody's notification, and in which of its params: so that it can be taken out when that person is erased.
CREATE TABLE notification_people (
  notification_id bigint NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
  user_id         bigint NOT NULL,
  param           text NOT NULL,
  PRIMARY KEY (notification_id, param, user_id)
);
CREATE INDEX notification_people_user ON notification_people (user_id, notification_id);

-- What was told before and can be traced to a person; the rest is gone after two months.
INSERT INTO notification_people (notification_id, user_id, param)
SELECT n.id, p.user_id, p.param
FROM notifications n
JOIN bookings b ON b.id = CASE WHEN n.target ->> 'kind' = 'booking' THEN (n.target ->> 'id')::bigint END
CROSS JOIN LATERAL (VALUES (b.customer_id, 'customer'), (b.provider_id, 'provider')) AS p (user_id, param)
WHERE n.params ? p.param AND p.user_id <> n.user_id;
INSERT INTO notification_people (notification_id, user_id, param)
SELECT n.id, p.user_id, 'name'
FROM notifications n
JOIN chats c ON c.id = CASE WHEN n.target ->> 'kind' = 'chat' THEN (n.target ->> 'id')::bigint END
CROSS JOIN LATERAL (VALUES (c.person_a), (c.person_b)) AS p (user_id)
WHERE n.params ? 'name' AND p.user_id <> n.user_id;

-- What an entry of the audit log says of a person, held apart: the log itself stays as it was written, for good, and a person can be erased nevertheless.
CREATE TABLE audit_people (
  -- No foreign key: no entry ever goes, and each of the two says by itself that nothing may be changed.
  audit_id bigint NOT NULL,
  user_id  bigint NOT NULL,
  field    text NOT NULL CHECK (field IN ('actor_email', 'before', 'after')),
  value    jsonb NOT NULL,
  PRIMARY KEY (audit_id, field)
);
CREATE INDEX audit_people_user ON audit_people (user_id);

CREATE TRIGGER audit_people_append_only BEFORE UPDATE OR TRUNCATE ON audit_people
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM users WHERE id = OLD.user_id AND deleted_at IS NULL) THEN
    RAISE EXCEPTION '% of a person goes only with their account', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER audit_people_of_erased BEFORE DELETE ON audit_people
  FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased();

-- What the log said of people until now moves over, once; what it said of those who have been erased since goes.
ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only;
INSERT INTO audit_people (audit_id, user_id, field, value)
SELECT a.id, p.user_id, p.field, p.value
FROM audit_log a
CROSS JOIN LATERAL (VALUES
  (a.actor_id, 'actor_email', to_jsonb(a.actor_email)),
  (CASE WHEN a.target_kind = 'user' THEN a.target_id::bigint END, 'before', a.before - '{id,role,role_display,is_active,email_confirmed,permissions}'::text[]),
  (CASE WHEN a.target_kind = 'user' THEN a.target_id::bigint END, 'after', a.after - '{id,role,role_display,is_active,email_confirmed,permissions}'::text[])
) AS p (user_id, field, value)
JOIN users u ON u.id = p.user_id AND u.deleted_at IS NULL
WHERE p.value IS NOT NULL AND p.value NOT IN ('{}', 'null');
UPDATE audit_log SET
  actor_email = CASE WHEN actor_id IS NULL THEN actor_email END,
  before = CASE WHEN target_kind = 'user' THEN (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(before)
    WHERE key IN ('id', 'role', 'role_display', 'is_active', 'email_confirmed', 'permissions') HAVING before IS NOT NULL) ELSE before END,
  after = CASE WHEN target_kind = 'user' THEN (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(after)
    WHERE key IN ('id', 'role', 'role_display', 'is_active', 'email_confirmed', 'permissions') HAVING after IS NOT NULL) ELSE after END
WHERE actor_email IS NOT NULL OR target_kind = 'user';
ALTER TABLE audit_log ENABLE TRIGGER audit_log_append_only;
