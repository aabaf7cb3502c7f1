-- Refusals and repairs: node/store/operation/incident_row.c.

-- name: incident_add
INSERT INTO incident (name, count, last_ms) VALUES (?1, ?2, ?3)
ON CONFLICT (name) DO UPDATE SET count = count + excluded.count, last_ms = excluded.last_ms;

-- name: incident_list
-- scan: there are never more rows than names in node/incident.h
SELECT name, count, last_ms FROM incident;
