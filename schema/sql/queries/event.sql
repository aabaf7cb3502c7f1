-- Result events: node/store/people/event.c.

-- name: event_last
SELECT coalesce(max(id), 0) FROM event;

-- name: event_insert
INSERT INTO event (id, event, person, event_group, kind, at_ms, score, minutes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: event_text
SELECT event FROM event WHERE id = ?1;

-- name: event_get
SELECT event, person, event_group, kind, at_ms, score, minutes FROM event WHERE id = ?1;

-- name: event_group_get
SELECT course, lang, version, cohort, role, gender FROM event_group WHERE id = ?1;

-- name: event_group_last
SELECT coalesce(max(id), 0) FROM event_group;

-- name: event_group_list
-- scan: after a loss, and there are far fewer groups than events
SELECT id, course, lang, version, cohort, role, gender FROM event_group;

-- name: event_revise
UPDATE event SET kind = ?2, at_ms = ?3, score = ?4, minutes = ?5 WHERE id = ?1;

-- name: event_key_revise
UPDATE event_key SET content = ?3 WHERE hash = ?1 AND event = ?2;

-- name: event_forget
-- scan: erasing a person is rare, an index by person would cost every import
UPDATE event SET event = '', person = NULL WHERE person = ?1;

-- name: event_key_insert
INSERT OR IGNORE INTO event_key (hash, event, content) VALUES (?1, ?2, ?3);

-- name: event_key_find
SELECT event, content FROM event_key WHERE hash = ?1;

-- name: event_group_find
SELECT id FROM event_group WHERE course = ?1 AND lang = ?2 AND version = ?3 AND cohort = ?4 AND role = ?5 AND gender = ?6;

-- name: event_group_insert
INSERT INTO event_group (course, lang, version, cohort, role, gender) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: event_course_find
-- Is anything recorded of a course?
SELECT 1 FROM event_group WHERE course = ?1 LIMIT 1;

-- name: event_cohort_find
-- Is anything recorded of a course in a cohort?
SELECT 1 FROM event_group WHERE course = ?1 AND cohort = ?2 LIMIT 1;
