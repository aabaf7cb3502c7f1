-- One version of one localisation of a course, as one publisher made it: imported here, or known from the catalogue of the federation. Written by
-- `qanat course`, by the fold of catalogue cells and by the arrival of objects. A few hundred to some ten thousand rows.
--   publisher    node id of who imported or published it
--   stamp        hybrid logical clock of its publication, 0 before: the newer is the later
--   state        imported, published (own, held whole); catalogued (known, not wanted), fetching, waiting (no room: see problem),
--                installed (another's, held whole), refused (see problem)
--   missing      blobs that a fetching one still lacks
--   is_current   the one that is served when nobody asks for a version: at most one of (course, lang)
--   is_pinned    stays current when newer ones come; when it is not held, it is fetched
--   is_listed    its members are in course_member
--   source_lang, source_version  what a translation was made from: a version of the course `localises`, or of this one; empty: an original
--   is_asked     a node below asked for it: fetched although nobody subscribed here
CREATE TABLE course (
    id INTEGER PRIMARY KEY,
    course TEXT NOT NULL,
    lang TEXT NOT NULL,
    version TEXT NOT NULL,
    publisher BLOB NOT NULL,
    title TEXT NOT NULL,
    series TEXT NOT NULL,
    localises TEXT NOT NULL,
    format INTEGER NOT NULL,
    manifest BLOB NOT NULL,
    manifest_size INTEGER NOT NULL,
    size INTEGER NOT NULL,
    member_count INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    published_ms INTEGER NOT NULL,
    imported_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    missing INTEGER NOT NULL,
    problem TEXT NOT NULL,
    is_current INTEGER NOT NULL,
    is_pinned INTEGER NOT NULL,
    is_listed INTEGER NOT NULL,
    is_asked INTEGER NOT NULL,
    is_withdrawn INTEGER NOT NULL,
    source_lang TEXT NOT NULL,
    source_version TEXT NOT NULL,
    UNIQUE (course, lang, version, publisher)
) STRICT;
CREATE INDEX course_by_manifest ON course (manifest);
CREATE INDEX course_by_state ON course (state);

-- The files of a version that is held or being fetched: path to content. What is served, exported, verified and kept alive.
--   path  of a file; or the character 1 and a number: what makes the imported archive again (its recipe is number 0)
CREATE TABLE course_member (
    course INTEGER NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    blob INTEGER NOT NULL REFERENCES blob (id),
    media_type TEXT NOT NULL,
    PRIMARY KEY (course, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX course_member_by_blob ON course_member (blob, course);

-- Versions that one cohort stays with, whatever is current for everybody else: fetched, kept, and meant by that cohort's results. Written by
-- `qanat course pin --cohort`. A few rows for each cohort.
CREATE TABLE course_cohort (
    course TEXT NOT NULL,
    lang TEXT NOT NULL,
    cohort TEXT NOT NULL,
    version TEXT NOT NULL,
    publisher BLOB NOT NULL,
    PRIMARY KEY (course, cohort, lang)
) STRICT, WITHOUT ROWID;

-- The table of contents of a version that is listed, in its order: what learners open, and what must be done for the course to be completed. At most
-- 10,000 rows a version. They outlive its files while anybody is registered in the course: what learners still say of it is judged by them.
--   mastery  percent, or -1
--   kind, details  replication/package/manifest.h
CREATE TABLE course_item (
    course INTEGER NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    item TEXT NOT NULL,
    title TEXT NOT NULL,
    entry TEXT NOT NULL,
    depth INTEGER NOT NULL,
    mastery INTEGER NOT NULL,
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (course, number)
) STRICT, WITHOUT ROWID;

-- Full-text index: one row for each version that is listed (rowid: course.id), its texts folded by node/learn/search.c.
CREATE VIRTUAL TABLE course_search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');

-- What this node wants of the catalogue; an empty text means any. Written by `qanat course subscribe`.
--   publisher       name of a node
--   has_all_versions  0: the newest version of each localisation only
CREATE TABLE course_subscription (
    course TEXT NOT NULL,
    series TEXT NOT NULL,
    lang TEXT NOT NULL,
    publisher TEXT NOT NULL,
    has_all_versions INTEGER NOT NULL,
    PRIMARY KEY (course, series, lang, publisher)
) STRICT, WITHOUT ROWID;
