-- People: node/store/person.c.

-- name: person_find
SELECT id, person, name, gender, role, institution, password, registered_ms, lang FROM person WHERE person = ?1;

-- name: person_find_dims
SELECT id, gender, role FROM person WHERE person = ?1;

-- name: person_page
-- scan: an export reads all people, a page at a time, in the order of their ids
SELECT id, person, name, gender, role, institution, password, registered_ms, lang FROM person
WHERE person > ?1 ORDER BY person LIMIT ?2;

-- name: person_count
-- scan: counts all
SELECT count(*) FROM person;

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

-- name: person_erase_secure
-- Deleted pages of people are overwritten; of replicated tables they are not.
PRAGMA secure_delete = ON;

-- name: person_erase_fast
PRAGMA secure_delete = OFF;
