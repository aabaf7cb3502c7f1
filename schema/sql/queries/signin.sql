-- Who is signed in: node/store/people/signin.c.

-- name: signin_insert
INSERT INTO signin (token, person, created_ms, expires_ms, is_kept) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: signin_find
SELECT p.id, p.person, p.name, p.role, p.lang, s.created_ms, s.expires_ms, s.is_kept FROM signin s JOIN person p ON p.id = s.person WHERE s.token = ?1;

-- name: signin_extend
UPDATE signin SET expires_ms = ?2 WHERE token = ?1;

-- name: signin_delete
DELETE FROM signin WHERE token = ?1;

-- All of one person but the one with token ?2 (empty: all).
-- name: signin_delete_of
DELETE FROM signin WHERE person = ?1 AND token <> ?2;

-- name: signin_sweep
DELETE FROM signin WHERE expires_ms < ?1;
