-- What was told of tickets, events, reviews, series and waiting lists before names could be taken out of it (0050): whose name it is where that can be traced,
-- by what the thing says of its people or by the name itself among them, so that it goes when that person is erased. The rest is gone after two months.
INSERT INTO notification_people (notification_id, user_id, param)
SELECT n.id, u.id, 'person'
FROM notifications n
JOIN tickets t ON n.target ->> 'kind' = 'ticket' AND t.id::text = n.target ->> 'id'
JOIN users u ON trim(u.first_name || ' ' || u.last_name) = n.params ->> 'person'
  AND (u.id IN (t.requester_id, t.assignee_id) OR EXISTS (SELECT FROM ticket_changes c WHERE c.ticket_id = t.id AND c.actor_id = u.id)
    OR EXISTS (SELECT FROM ticket_comments c WHERE c.ticket_id = t.id AND c.author_id = u.id)
    OR EXISTS (SELECT FROM memberships m WHERE m.organization_id = t.organization_id AND m.user_id = u.id))
WHERE n.params ->> 'person' <> '' AND u.id <> n.user_id
ON CONFLICT DO NOTHING;

INSERT INTO notification_people (notification_id, user_id, param)
SELECT n.id, u.id, p.param
FROM notifications n
JOIN events e ON n.target ->> 'kind' = 'event' AND e.id::text = n.target ->> 'id'
CROSS JOIN LATERAL (VALUES ('organizer'), ('person')) AS p (param)
JOIN users u ON trim(u.first_name || ' ' || u.last_name) = n.params ->> p.param
  AND (u.id = e.organizer_id OR EXISTS (SELECT FROM event_participants i WHERE i.event_id = e.id AND i.user_id = u.id)
    OR EXISTS (SELECT FROM event_comments c WHERE c.event_id = e.id AND c.author_id = u.id))
WHERE n.params ->> p.param <> '' AND u.id <> n.user_id
ON CONFLICT DO NOTHING;

INSERT INTO notification_people (notification_id, user_id, param)
SELECT n.id, p.user_id, p.param
FROM notifications n
JOIN reviews r ON n.target ->> 'kind' = 'review' AND r.id::text = n.target ->> 'id'
CROSS JOIN LATERAL (VALUES (r.customer_id, 'customer'), (r.provider_id, 'provider')) AS p (user_id, param)
WHERE n.params ? p.param AND p.user_id <> n.user_id
ON CONFLICT DO NOTHING;

INSERT INTO notification_people (notification_id, user_id, param)
SELECT DISTINCT n.id, p.user_id, p.param
FROM notifications n
JOIN bookings b ON n.target ->> 'kind' = 'booking_series' AND b.series_id::text = n.target ->> 'id'
CROSS JOIN LATERAL (VALUES (b.customer_id, 'customer'), (b.provider_id, 'provider')) AS p (user_id, param)
WHERE n.params ? p.param AND p.user_id <> n.user_id
ON CONFLICT DO NOTHING;

INSERT INTO notification_people (notification_id, user_id, param)
SELECT n.id, u.id, 'provider'
FROM notifications n
JOIN services s ON n.target ->> 'kind' = 'service' AND s.id::text = n.target ->> 'id'
JOIN users u ON trim(u.first_name || ' ' || u.last_name) = n.params ->> 'provider'
  AND (u.id = s.provider_id OR EXISTS (SELECT FROM service_staff t WHERE t.service_id = s.id AND t.user_id = u.id)
    OR EXISTS (SELECT FROM bookings b WHERE b.service_id = s.id AND b.provider_id = u.id))
WHERE n.params ->> 'provider' <> '' AND u.id <> n.user_id
ON CONFLICT DO NOTHING;
