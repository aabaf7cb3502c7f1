-- What people do with courses here: registrations and launches. Local: what leaves is the cells of the events derived from them.

-- One person's taking of one course (in one cohort, or none): what everything they do in it adds up to. Written when they are enrolled and with each
-- commit of a launch, always computed anew from the launches, so that the order in which commits arrive does not matter.
--   uuid       registration of xAPI and cmi5
--   lang, version  of the last launch, or empty
--   status     node/learn/attempt/registration.h
--   progress   hundredths of a percent; score: hundredths of a point, or NULL; seconds: all launches together
--   started_ms, completed_ms, certified_ms  0: not yet
--   mark...    what somebody decided by hand: it goes before what was computed. mark_status -1: nothing; mark_by: person.id
--   is_due     events and cells do not say this yet (node/learn/attempt/due.c)
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

-- One opening of one item by one person on one device: its last word on its own part, absolute, so that a commit that comes twice, late or out of order
-- changes nothing it should not. Launches of one item count together: completed when one says so, the best score, all times.
--   token      BLAKE2b-256 of the path token under which the content is served until `expires_ms`
--   course     course.id of the version that is served
--   attempt    begins at 1; "from the start" begins another, and only launches of the same one hand their state on
--   runtime    node/learn/attempt/launch.h
--   seq        of the last commit that was taken: lower and equal ones are old news
--   state      what the content wants back the next time (JSON); empty once a later launch of the attempt has one
--   completion, success  0 unknown, 1 incomplete or failed, 2 completed or passed
--   session    lrs session, or 0
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
