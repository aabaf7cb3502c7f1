-- Refusals and repairs: node/store/operation/incident_row.c.

-- name: incident_add
INSERT INTO incident (name, count, last_ms) VALUES (?1, ?2, ?3)
ON CONFLICT (name) DO UPDATE SET count = count + excluded.count, last_ms = excluded.last_ms;

-- name: incident_prune
-- scan: there are some hundred rows at most
DELETE FROM incident WHERE name GLOB '* of *' AND name NOT IN
    (SELECT name FROM incident WHERE name GLOB '* of *' ORDER BY last_ms DESC, name LIMIT ?1);

-- name: incident_list
-- scan: there are never more rows than names in node/incident.h, and INCIDENT_MEMBERS_MAX beside them
SELECT name, count, last_ms FROM incident;
