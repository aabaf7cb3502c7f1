-- What a result event needs to know of a course: node/store/course/edition.c.

-- The versions that are served, in one language or in all.
-- name: edition_current
SELECT lang, version FROM course WHERE course = ?1 AND is_current = 1 AND (?2 = '' OR lang = ?2) LIMIT 2;

-- name: edition_known
SELECT 1 FROM course WHERE course = ?1 LIMIT 1;
