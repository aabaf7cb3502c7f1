-- Cohorts: node/store/people/cohort_row.c.

-- name: cohort_row_find
SELECT id, cohort, title, course, lang, trains, starts_ms, ends_ms, created_ms FROM cohort WHERE cohort = ?1;

-- name: cohort_row_page
-- scan: all cohorts, a page at a time, in the order of their names
SELECT id, cohort, title, course, lang, trains, starts_ms, ends_ms, created_ms FROM cohort WHERE cohort > ?1 ORDER BY cohort LIMIT ?2;

-- name: cohort_row_insert
INSERT INTO cohort (cohort, title, course, lang, trains, starts_ms, ends_ms, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: cohort_row_update
UPDATE cohort SET title = ?2, course = ?3, lang = ?4, trains = ?5, starts_ms = ?6, ends_ms = ?7 WHERE id = ?1;

-- name: cohort_row_delete
DELETE FROM cohort WHERE id = ?1;

-- name: cohort_member_counts
SELECT count(*) FILTER (WHERE is_trainer = 0), count(*) FILTER (WHERE is_trainer = 1) FROM cohort_member WHERE cohort = ?1;

-- name: cohort_member_find
SELECT is_trainer FROM cohort_member WHERE cohort = ?1 AND person = ?2;

-- name: cohort_member_put
INSERT INTO cohort_member (cohort, person, is_trainer, added_ms) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (cohort, person) DO UPDATE SET is_trainer = excluded.is_trainer;

-- name: cohort_member_delete
DELETE FROM cohort_member WHERE cohort = ?1 AND person = ?2;

-- name: cohort_member_delete_all
DELETE FROM cohort_member WHERE cohort = ?1;

-- One page of a class list: each member with their registration in the cohort's course and how many of its sessions they attended.
-- name: cohort_member_page
SELECT m.person, p.person, p.name, p.gender, m.is_trainer,
    coalesce(r.id, 0), coalesce(r.status, -1), coalesce(r.progress, 0), r.score, coalesce(r.seconds, 0), coalesce(r.completed_ms, 0),
    coalesce(r.certified_ms, 0), coalesce(r.mark_status, -1), coalesce(r.mark_reason, ''),
    (SELECT count(*) FROM cohort_session s JOIN attendance a ON a.session = s.id AND a.person = m.person WHERE s.cohort = m.cohort)
FROM cohort_member m JOIN person p ON p.id = m.person
LEFT JOIN registration r ON r.person = m.person AND r.course = ?2 AND r.cohort = ?3
WHERE m.cohort = ?1 AND m.person > ?4 ORDER BY m.person LIMIT ?5;

-- name: cohort_of_person
SELECT c.id, c.cohort, c.title, c.course, c.lang, c.trains, c.starts_ms, c.ends_ms, c.created_ms
FROM cohort_member m JOIN cohort c ON c.id = m.cohort WHERE m.person = ?1 AND m.is_trainer >= ?2 ORDER BY c.cohort;

-- Did this person finish a cohort that trains trainers of a course?
-- name: cohort_is_trained
SELECT 1 FROM cohort c JOIN registration r ON r.person = ?1 AND r.course = c.course AND r.cohort = c.cohort AND r.status = 2
WHERE c.trains = ?2 LIMIT 1;

-- name: cohort_session_find
SELECT id, at_ms, minutes FROM cohort_session WHERE cohort = ?1 AND session = ?2;

-- name: cohort_session_put
INSERT INTO cohort_session (cohort, session, at_ms, minutes) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (cohort, session) DO UPDATE SET at_ms = excluded.at_ms, minutes = excluded.minutes;

-- name: cohort_session_list
SELECT s.id, s.session, s.at_ms, s.minutes, (SELECT count(*) FROM attendance a WHERE a.session = s.id) FROM cohort_session s
WHERE s.cohort = ?1 ORDER BY s.at_ms, s.session;

-- name: attendance_delete_all
DELETE FROM attendance WHERE session IN (SELECT id FROM cohort_session WHERE cohort = ?1);

-- name: cohort_session_delete_all
DELETE FROM cohort_session WHERE cohort = ?1;

-- name: attendance_put
INSERT OR IGNORE INTO attendance (session, person) VALUES (?1, ?2);

-- name: attendance_delete
DELETE FROM attendance WHERE session = ?1 AND person = ?2;

-- name: attendance_list
SELECT p.person FROM attendance a JOIN person p ON p.id = a.person WHERE a.session = ?1 ORDER BY p.person;

-- name: attendance_forget
DELETE FROM attendance WHERE person = ?1;

-- name: cohort_member_forget
DELETE FROM cohort_member WHERE person = ?1;
