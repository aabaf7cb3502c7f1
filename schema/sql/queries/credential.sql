-- Issued credentials: node/store/people/credential.c.

-- name: credential_insert
INSERT INTO credential (credential, person, course, lang, version, cohort, issued_ms, list, list_index, document, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '');

-- name: credential_find
SELECT c.id, c.credential, c.person, c.course, c.lang, c.version, c.cohort, c.issued_ms, c.list, c.list_index, c.document, c.revoked_ms, c.reason, p.person
FROM credential c LEFT JOIN person p ON p.id = c.person WHERE c.credential = ?1;

-- name: credential_page
-- All of them, the newest first, a page at a time.
SELECT c.id, c.credential, c.person, c.course, c.lang, c.version, c.cohort, c.issued_ms, c.list, c.list_index, c.document, c.revoked_ms, c.reason, p.person
FROM credential c LEFT JOIN person p ON p.id = c.person WHERE c.id < ?1 ORDER BY c.id DESC LIMIT ?2;

-- name: credential_page_of
SELECT c.id, c.credential, c.person, c.course, c.lang, c.version, c.cohort, c.issued_ms, c.list, c.list_index, c.document, c.revoked_ms, c.reason, p.person
FROM credential c LEFT JOIN person p ON p.id = c.person WHERE c.person IN (SELECT ?3 UNION ALL SELECT id FROM person WHERE merged_into = ?3) AND c.id < ?1 ORDER BY c.id DESC LIMIT ?2;

-- The one that stands, of a person in a course.
-- name: credential_standing
SELECT credential FROM credential WHERE person IN (SELECT ?1 UNION ALL SELECT id FROM person WHERE merged_into = ?1) AND course = ?2 AND cohort = ?3 AND revoked_ms IS NULL ORDER BY id DESC LIMIT 1;

-- The how manieth of its person in a course and cohort it is.
-- name: credential_number
SELECT count(*) FROM credential c JOIN credential b ON b.person = c.person AND b.course = c.course AND b.cohort = c.cohort AND b.id < c.id WHERE c.credential = ?1;

-- name: credential_count_of
SELECT count(*) FROM credential WHERE person = ?1 AND course = ?2;

-- name: credential_list_next
SELECT coalesce(max(list_index) + 1, 0) FROM credential WHERE list = ?1;

-- name: credential_revoke
UPDATE credential SET revoked_ms = ?2, reason = ?3 WHERE id = ?1;

-- name: credential_forget
UPDATE credential SET person = NULL, document = '' WHERE person = ?1;

-- The last completion of a course: when, with which score.
-- name: credential_completion
SELECT e.at_ms, e.score FROM event e JOIN event_group g ON g.id = e.event_group
WHERE e.person IN (SELECT ?1 UNION ALL SELECT id FROM person WHERE merged_into = ?1) AND e.kind = 3 AND g.course = ?2 ORDER BY e.at_ms DESC LIMIT 1;
