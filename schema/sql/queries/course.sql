-- Versions of courses, their members, subscriptions.

-- name: course_get
SELECT id, course, lang, version, publisher, title, series, localises, format, manifest, manifest_size, size, member_count, stamp, published_ms,
    imported_ms, state, missing, problem, is_current, is_pinned, is_listed, is_asked, is_withdrawn, source_lang,
    source_version
FROM course WHERE id = ?1;

-- name: course_find
SELECT id FROM course WHERE course = ?1 AND lang = ?2 AND version = ?3 AND publisher = ?4;

-- The version that is served; ?2 empty: of any language.
-- name: course_find_current
SELECT id FROM course WHERE course = ?1 AND is_current = 1 AND (?2 = '' OR lang = ?2) ORDER BY lang LIMIT 1;

-- All versions, one after the other, in the order of course, language and age.
-- name: course_list
-- scan: a list of everything
SELECT id FROM course ORDER BY course, lang, stamp, imported_ms, id;

-- What is held or under way, and of what is only known so many: the newest of each publisher before the second of any, so that nobody who publishes thousands
-- hides what others published. Language and series, where they are said.
-- name: course_list_shown
-- scan: all that are known are weighed against each other
SELECT id FROM course
WHERE (?2 = '' OR lang = ?2 COLLATE NOCASE) AND (?3 = '' OR series = ?3) AND id IN (
    SELECT id FROM course WHERE state IN ('imported', 'published', 'fetching', 'waiting', 'installed', 'refused')
    UNION ALL
    SELECT id FROM (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY publisher ORDER BY stamp DESC, id) AS place FROM course
            WHERE state = 'catalogued' AND is_withdrawn = 0 AND (?2 = '' OR lang = ?2 COLLATE NOCASE) AND (?3 = '' OR series = ?3))
        ORDER BY place, id LIMIT ?1))
ORDER BY course, lang, stamp, imported_ms, id;

-- All versions of one course.
-- name: course_list_of
SELECT id FROM course WHERE course = ?1 ORDER BY lang, stamp, imported_ms, id;

-- name: course_list_in_state
SELECT id FROM course WHERE state = ?1 ORDER BY id;

-- What versions in a state weigh.
-- name: course_size_in_state
SELECT coalesce(sum(size), 0) FROM course WHERE state = ?1;

-- Versions with a given manifest.
-- name: course_list_with_manifest
SELECT id FROM course WHERE manifest = ?1 ORDER BY id;

-- Versions that hold a given blob.
-- name: course_list_with_blob
SELECT course FROM course_member WHERE blob = ?1 GROUP BY course;

-- The number of the next one is said: launches may still name a row that was deleted.
-- name: course_last_id
SELECT coalesce(max(id), 0) FROM course;

-- name: course_insert
INSERT INTO course (id, course, lang, version, publisher, title, series, localises, format, manifest, manifest_size, size, member_count, stamp, published_ms,
    imported_ms, state, missing, problem, is_current, is_pinned, is_listed, is_asked, is_withdrawn, source_lang,
    source_version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26);

-- name: course_update
UPDATE course SET title = ?2, series = ?3, localises = ?4, format = ?5, manifest = ?6, manifest_size = ?7, size = ?8, member_count = ?9, stamp = ?10,
    published_ms = ?11, imported_ms = ?12, state = ?13, missing = ?14, problem = ?15, is_current = ?16, is_pinned = ?17, is_listed = ?18, is_asked = ?19,
    is_withdrawn = ?20, source_lang = ?21, source_version = ?22
WHERE id = ?1;

-- name: course_delete
DELETE FROM course WHERE id = ?1;

-- name: course_member_count
SELECT count(*) FROM course_member WHERE course = ?1;

-- name: course_member_drop_blob
DELETE FROM course_member WHERE blob = ?1;

-- name: course_member_insert
INSERT INTO course_member (course, path, blob, media_type) VALUES (?1, ?2, ?3, ?4);

-- name: course_member_get
SELECT m.path, m.blob, m.media_type, b.hash, b.size, b.is_whole FROM course_member m JOIN blob b ON b.id = m.blob
WHERE m.course = ?1 AND m.path = ?2;

-- The same path in other letters of A to Z, among the first 4,096 of a version: who asks for what is not there must not make the node read a hundred thousand rows.
-- name: course_member_get_any_case
-- scan: of the rows that the inner query gives, 4,096 at most
SELECT m.path, m.blob, m.media_type, b.hash, b.size, b.is_whole FROM (
    SELECT path, blob, media_type FROM course_member WHERE course = ?1 ORDER BY path LIMIT 4096
) m JOIN blob b ON b.id = m.blob WHERE m.path = ?2 COLLATE NOCASE LIMIT 1;

-- The members of a version, one after the other.
-- name: course_member_next
SELECT m.path, m.blob, m.media_type, b.hash, b.size, b.is_whole FROM course_member m JOIN blob b ON b.id = m.blob
WHERE m.course = ?1 AND m.path > ?2 ORDER BY m.path LIMIT 1;

-- The last member with a smaller path.
-- name: course_member_before
SELECT m.path, m.blob, m.media_type, b.hash, b.size, b.is_whole FROM course_member m JOIN blob b ON b.id = m.blob
WHERE m.course = ?1 AND m.path < ?2 ORDER BY m.path DESC LIMIT 1;

-- The different blobs of a version.
-- name: course_blob_list
SELECT DISTINCT blob FROM course_member WHERE course = ?1;

-- Different blobs of a version that are not whole, and the bytes that they lack.
-- name: course_blob_missing
SELECT count(*), coalesce(sum(b.size - (SELECT coalesce(sum(k.size), 0) FROM blob_chunk k WHERE k.blob = b.id AND k.is_held = 1)), 0)
FROM blob b WHERE b.is_whole = 0 AND b.id IN (SELECT blob FROM course_member WHERE course = ?1);

-- name: course_member_delete_all
DELETE FROM course_member WHERE course = ?1;

-- Is a blob a member of any version?
-- name: course_member_any
SELECT 1 FROM course_member WHERE blob = ?1 LIMIT 1;

-- How far translation ?3 is behind its source, which went from version ?1 to ?2: files that are new or other there and that it has not got, and files
-- that went away there and that it still has.
-- name: course_member_behind
SELECT (SELECT count(*) FROM course_member n WHERE n.course = ?2 AND unicode(n.path) > 1
        AND NOT EXISTS (SELECT 1 FROM course_member t WHERE t.course = ?1 AND t.path = n.path AND t.blob = n.blob)
        AND NOT EXISTS (SELECT 1 FROM course_member l WHERE l.course = ?3 AND l.path = n.path AND l.blob = n.blob))
    + (SELECT count(*) FROM course_member t WHERE t.course = ?1 AND unicode(t.path) > 1
        AND NOT EXISTS (SELECT 1 FROM course_member n WHERE n.course = ?2 AND n.path = t.path)
        AND EXISTS (SELECT 1 FROM course_member l WHERE l.course = ?3 AND l.path = t.path));

-- Contents that no version names: what was asked for on behalf of others, or left behind.
-- name: course_orphan_list
-- scan: everything is looked at, when a person asks for a clean-up
SELECT b.id FROM blob b WHERE NOT EXISTS (SELECT 1 FROM course_member m WHERE m.blob = b.id)
    AND NOT EXISTS (SELECT 1 FROM course c WHERE c.manifest = b.hash AND c.state NOT IN ('catalogued', 'refused'));

-- name: course_cohort_put
INSERT OR REPLACE INTO course_cohort (course, lang, cohort, version, publisher) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: course_cohort_delete
DELETE FROM course_cohort WHERE course = ?1 AND cohort = ?2 AND lang = ?3;

-- The version that a cohort stays with; ?3 empty: in any language.
-- name: course_cohort_find
SELECT lang, version, publisher FROM course_cohort WHERE course = ?1 AND cohort = ?2 AND (?3 = '' OR lang = ?3) ORDER BY lang LIMIT 2;

-- Cohorts that stay with a version.
-- name: course_cohort_of
SELECT cohort FROM course_cohort WHERE course = ?1 AND lang = ?2 AND version = ?3 AND publisher = ?4 ORDER BY cohort;

-- name: course_cohort_drop_version
DELETE FROM course_cohort WHERE course = ?1 AND lang = ?2 AND version = ?3 AND publisher = ?4;

-- name: course_item_insert
INSERT INTO course_item (course, number, item, title, entry, depth, mastery, kind, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: course_item_list
SELECT number, item, title, entry, depth, mastery, kind, details FROM course_item WHERE course = ?1 ORDER BY number;

-- name: course_item_count
SELECT count(*) FROM course_item WHERE course = ?1 AND kind <> 'heading';

-- name: course_item_find
SELECT number, item, title, entry, depth, mastery, kind, details FROM course_item WHERE course = ?1 AND item = ?2 AND kind <> 'heading' ORDER BY number LIMIT 1;

-- name: course_item_delete_all
DELETE FROM course_item WHERE course = ?1;

-- name: course_search_insert
INSERT INTO course_search (rowid, text) VALUES (?1, ?2);

-- name: course_search_delete
-- scan: a virtual table finds its rowid so
DELETE FROM course_search WHERE rowid = ?1;

-- Versions whose texts match, the best first.
-- name: course_search_find
-- scan: the plan of a full-text index is called so
SELECT rowid FROM course_search WHERE course_search MATCH ?1 ORDER BY rank LIMIT ?2;

-- name: course_subscription_put
INSERT OR REPLACE INTO course_subscription (course, series, lang, publisher, has_all_versions) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: course_subscription_room
-- scan: a handful of rows
-- Is there room for one more, or is it there already?
SELECT (SELECT count(*) FROM course_subscription) < ?1
    OR EXISTS (SELECT 1 FROM course_subscription WHERE course = ?2 AND series = ?3 AND lang = ?4 AND publisher = ?5);

-- name: course_subscription_delete
DELETE FROM course_subscription WHERE course = ?1 AND series = ?2 AND lang = ?3 AND publisher = ?4;

-- name: course_subscription_delete_all
-- scan: deletes everything
DELETE FROM course_subscription;

-- name: course_subscription_list
-- scan: a handful of rows
SELECT course, series, lang, publisher, has_all_versions FROM course_subscription ORDER BY course, series, lang, publisher;
