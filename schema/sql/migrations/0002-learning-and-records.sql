-- From the first session's databases (people, courses, results, streams) to those with learners' attempts, cohorts, certificates, the record store,
-- patches and adopted streams. Nothing is lost; what is new begins empty, except:
--   registration   for everybody whom `qanat enrol` enrolled
--   person_search  ids and names as they are; the running node folds them, and lists the contents of courses, because property `renew` says so
--                  (node/learn/renew.c)

-- person: lang, merged_into
CREATE TABLE person_new (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    gender INTEGER NOT NULL,
    role INTEGER NOT NULL,
    institution TEXT NOT NULL,
    lang TEXT NOT NULL,
    password TEXT,
    registered_ms INTEGER NOT NULL,
    merged_into INTEGER
) STRICT;
INSERT INTO person_new (id, person, name, gender, role, institution, lang, password, registered_ms, merged_into)
    SELECT id, person, name, gender, role, institution, '', password, registered_ms, NULL FROM person;
DROP TABLE person;
ALTER TABLE person_new RENAME TO person;
CREATE INDEX person_by_merge ON person (merged_into) WHERE merged_into IS NOT NULL;

-- course: source_lang, source_version
CREATE TABLE course_new (
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
INSERT INTO course_new (id, course, lang, version, publisher, title, series, localises, format, manifest, manifest_size, size, member_count, stamp, published_ms, imported_ms, state, missing, problem, is_current, is_pinned, is_listed, is_asked, is_withdrawn, source_lang, source_version)
    SELECT id, course, lang, version, publisher, title, series, localises, format, manifest, manifest_size, size, member_count, stamp, published_ms, imported_ms, state, missing, problem, is_current, is_pinned, is_listed, is_asked, is_withdrawn, '', '' FROM course;
DROP TABLE course;
ALTER TABLE course_new RENAME TO course;
CREATE INDEX course_by_manifest ON course (manifest);
CREATE INDEX course_by_state ON course (state);

-- peer_status: rate_bits
CREATE TABLE peer_status_new (
    node BLOB NOT NULL PRIMARY KEY CHECK (length(node) = 16),
    state INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    error TEXT NOT NULL,
    last_attempt_ms INTEGER NOT NULL,
    last_success_ms INTEGER NOT NULL,
    we_lack_cells INTEGER NOT NULL,
    we_lack_bytes INTEGER NOT NULL,
    they_lack_cells INTEGER NOT NULL,
    they_lack_bytes INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    rate_bits INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO peer_status_new (node, state, endpoint, error, last_attempt_ms, last_success_ms, we_lack_cells, we_lack_bytes, they_lack_cells, they_lack_bytes, sessions, bytes_in, bytes_out, refused, rate_bits)
    SELECT node, state, endpoint, error, last_attempt_ms, last_success_ms, we_lack_cells, we_lack_bytes, they_lack_cells, they_lack_bytes, sessions, bytes_in, bytes_out, refused, 0 FROM peer_status;
DROP TABLE peer_status;
ALTER TABLE peer_status_new RENAME TO peer_status;


-- stream: adopted
CREATE TABLE stream_new (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 33),
    seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    digest BLOB NOT NULL,
    stamp INTEGER NOT NULL,
    signature BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    adopted INTEGER NOT NULL
) STRICT;
INSERT INTO stream_new (number, id, seq, count, digest, stamp, signature, at_ms, adopted)
    SELECT number, id, seq, count, digest, stamp, signature, at_ms, 0 FROM stream;
DROP TABLE stream;
ALTER TABLE stream_new RENAME TO stream;


CREATE TABLE act (
    number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    words TEXT NOT NULL,
    exit INTEGER NOT NULL
) STRICT;

CREATE TABLE registration (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    person INTEGER NOT NULL,
    course TEXT NOT NULL,
    cohort TEXT NOT NULL,
    lang TEXT NOT NULL,
    version TEXT NOT NULL,
    status INTEGER NOT NULL,
    progress INTEGER NOT NULL,
    score INTEGER,
    seconds INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    completed_ms INTEGER NOT NULL,
    certified_ms INTEGER NOT NULL,
    mark_status INTEGER NOT NULL,
    mark_score INTEGER,
    mark_reason TEXT NOT NULL,
    mark_by INTEGER NOT NULL,
    marked_ms INTEGER NOT NULL,
    is_due INTEGER NOT NULL,
    UNIQUE (person, course, cohort)
) STRICT;

CREATE INDEX registration_by_course ON registration (course, cohort);

CREATE INDEX registration_due ON registration (id) WHERE is_due = 1;

CREATE TABLE launch (
    id INTEGER PRIMARY KEY,
    token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
    registration INTEGER NOT NULL,
    person INTEGER NOT NULL,
    course INTEGER NOT NULL,
    item TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    runtime INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    completion INTEGER NOT NULL,
    success INTEGER NOT NULL,
    score INTEGER,
    progress INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    completed_ms INTEGER NOT NULL,
    session INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT;

CREATE INDEX launch_by_registration ON launch (registration, item);

CREATE TABLE cohort (
    id INTEGER PRIMARY KEY,
    cohort TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    course TEXT NOT NULL,
    lang TEXT NOT NULL,
    trains TEXT NOT NULL,
    starts_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX cohort_by_trains ON cohort (trains) WHERE trains <> '';

CREATE TABLE cohort_member (
    cohort INTEGER NOT NULL,
    person INTEGER NOT NULL,
    is_trainer INTEGER NOT NULL,
    added_ms INTEGER NOT NULL,
    PRIMARY KEY (cohort, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX cohort_member_by_person ON cohort_member (person);

CREATE TABLE cohort_session (
    id INTEGER PRIMARY KEY,
    cohort INTEGER NOT NULL,
    session TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    UNIQUE (cohort, session)
) STRICT;

CREATE TABLE attendance (
    session INTEGER NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (session, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX attendance_by_person ON attendance (person);

CREATE TABLE course_cohort (
    course TEXT NOT NULL,
    lang TEXT NOT NULL,
    cohort TEXT NOT NULL,
    version TEXT NOT NULL,
    publisher BLOB NOT NULL,
    PRIMARY KEY (course, cohort, lang)
) STRICT, WITHOUT ROWID;

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

CREATE VIRTUAL TABLE course_search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE credential (
    id INTEGER PRIMARY KEY,
    credential TEXT NOT NULL UNIQUE,
    person INTEGER,
    course TEXT NOT NULL,
    lang TEXT NOT NULL,
    version TEXT NOT NULL,
    cohort TEXT NOT NULL,
    issued_ms INTEGER NOT NULL,
    list BLOB NOT NULL CHECK (length(list) = 16),
    list_index INTEGER NOT NULL,
    document TEXT NOT NULL,
    revoked_ms INTEGER,
    reason TEXT NOT NULL,
    UNIQUE (list, list_index)
) STRICT;

CREATE INDEX credential_by_person ON credential (person, course);

CREATE INDEX event_by_completion ON event (person) WHERE kind = 3;

CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    is_voided INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE record_term (
    term INTEGER NOT NULL,
    record INTEGER NOT NULL,
    base INTEGER NOT NULL,
    PRIMARY KEY (term, record, base)
) STRICT, WITHOUT ROWID;

CREATE TABLE record_reference (
    target BLOB NOT NULL,
    record INTEGER NOT NULL,
    is_voiding INTEGER NOT NULL,
    PRIMARY KEY (target, record)
) STRICT, WITHOUT ROWID;

CREATE TABLE xapi_attachment (
    sha2 TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE xapi_attachment_use (
    record INTEGER NOT NULL,
    sha2 TEXT NOT NULL,
    PRIMARY KEY (record, sha2)
) STRICT, WITHOUT ROWID;

CREATE INDEX xapi_attachment_use_by_sha2 ON xapi_attachment_use (sha2);

CREATE TABLE xapi_activity (
    activity INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    definition BLOB NOT NULL
) STRICT;

CREATE TABLE xapi_name (
    agent INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (agent, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE xapi_document (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    agent TEXT NOT NULL,
    activity TEXT NOT NULL,
    registration BLOB NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    etag TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, agent, activity, registration, name)
) STRICT;

CREATE TABLE xapi_key (
    key TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    secret BLOB NOT NULL,
    rights INTEGER NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE xapi_session (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    token BLOB NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    launch INTEGER NOT NULL,
    person TEXT NOT NULL,
    registration BLOB NOT NULL,
    activity TEXT NOT NULL,
    said INTEGER NOT NULL,
    was_fetched INTEGER NOT NULL,
    initialized_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    volume INTEGER NOT NULL,
    details BLOB NOT NULL
) STRICT;

CREATE INDEX xapi_session_by_activity ON xapi_session (registration, activity);

CREATE INDEX xapi_session_by_person ON xapi_session (person);

CREATE TABLE inventory (
    node BLOB NOT NULL PRIMARY KEY CHECK (length(node) = 16),
    at_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE person_search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');

CREATE TABLE signin (
    token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    person INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    is_kept INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX signin_by_person ON signin (person);

CREATE INDEX signin_by_end ON signin (expires_ms);

CREATE TABLE want_base (
    object BLOB NOT NULL REFERENCES want (object) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    base BLOB NOT NULL,
    PRIMARY KEY (object, number)
) STRICT, WITHOUT ROWID;

INSERT INTO person_search (rowid, text) SELECT id, person || ' ' || name FROM person;

INSERT INTO registration (uuid, person, course, cohort, lang, version, status, progress, score, seconds, created_ms, started_ms, completed_ms,
    certified_ms, mark_status, mark_score, mark_reason, mark_by, marked_ms, is_due)
    SELECT randomblob(16), event.person, event_group.course, event_group.cohort, '', '', 0, 0, NULL, 0, min(event.at_ms), 0, 0,
        0, -1, NULL, '', 0, 0, 0
    FROM event JOIN event_group ON event_group.id = event.event_group
    WHERE event.kind = 0 AND event.event LIKE 'enrol-%' AND event.person IS NOT NULL
    GROUP BY event.person, event_group.course, event_group.cohort;

INSERT INTO property (name, value) VALUES ('renew', x'0000000000000000');
