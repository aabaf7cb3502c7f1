-- Facts about the database as a whole.

-- name: property_get
SELECT value FROM property WHERE name = ?1;

-- name: property_put
INSERT INTO property (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: property_drop
DELETE FROM property WHERE name = ?1;

-- Takes free pages and gives them back, as zeros: node/store/disk/scour.c.
-- name: scour_fill
INSERT INTO property (name, value) VALUES (?1, zeroblob(?2));
