-- People: node/store/people/person.c.

-- name: person_find
SELECT id, person, name, gender, role, institution, password, registered_ms, lang FROM person
WHERE id = (SELECT coalesce(merged_into, id) FROM person WHERE person = ?1);

-- name: person_get
SELECT id, person, name, gender, role, institution, password, registered_ms, lang FROM person WHERE id = ?1;

-- name: person_find_dims
SELECT id, gender, role FROM person WHERE id = (SELECT coalesce(merged_into, id) FROM person WHERE person = ?1);

-- name: person_page
-- scan: an export reads all people, a page at a time, in the order of their ids
SELECT id, person, name, gender, role, institution, password, registered_ms, lang FROM person
WHERE person > ?1 AND merged_into IS NULL ORDER BY person LIMIT ?2;

-- name: person_count
-- scan: counts all
SELECT count(*) FROM person WHERE merged_into IS NULL;

-- name: person_last
SELECT coalesce(max(id), 0) FROM person;

-- name: person_insert
INSERT INTO person (person, name, gender, role, institution, password, registered_ms, lang)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: person_update
UPDATE person SET name = ?2, gender = ?3, role = ?4, institution = ?5, password = ?6, registered_ms = ?7, lang = ?8 WHERE id = ?1;

-- name: person_set_lang
UPDATE person SET lang = ?2 WHERE id = ?1;

-- name: person_set_password
UPDATE person SET password = ?2 WHERE id = ?1;

-- name: person_delete
DELETE FROM person WHERE id = ?1;

-- A person by their own id, merged or not.
-- name: duplicate_find
SELECT p.id, p.gender, p.role, p.registered_ms, coalesce(p.merged_into, 0), coalesce(k.person, '') FROM person p LEFT JOIN person k ON k.id = p.merged_into
WHERE p.person = ?1;

-- name: duplicate_set
UPDATE person SET merged_into = nullif(?2, 0) WHERE id = ?1;

-- name: duplicate_list
SELECT id, person, name FROM person WHERE merged_into = ?1 ORDER BY person;

-- name: person_rows_after
SELECT id FROM person WHERE id > ?1 ORDER BY id LIMIT ?2;

-- name: person_search_put
INSERT INTO person_search (rowid, text) VALUES (?1, ?2);

-- name: person_search_delete
-- scan: one row of the index, by its number
DELETE FROM person_search WHERE rowid = ?1;

-- Squeezes what was deleted out of the index: an erased name must not stay in it.
-- name: person_search_optimize
INSERT INTO person_search (person_search) VALUES ('optimize');

-- name: person_search
-- scan: the full-text index finds the rows
SELECT p.id, p.person, p.name, p.gender, p.role, p.institution, p.password, p.registered_ms, p.lang
FROM person_search s CROSS JOIN person p ON p.id = s.rowid WHERE s.text MATCH ?1 LIMIT ?2;
