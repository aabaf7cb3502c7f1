-- Result events: what happened between a person and a course, as it was recorded here. Local: what leaves is cells.
-- Rows are added. Events that this node derives from attempts (node/learn/attempt) are revised in place when what they say changes; erasing a person
-- takes the person and the event's own id out of them.

-- What events have in common: the dimensions under which they were counted, fixed when they were recorded.
CREATE TABLE event_group (
    id INTEGER PRIMARY KEY,
    course TEXT NOT NULL,
    lang TEXT NOT NULL,
    version TEXT NOT NULL,
    cohort TEXT NOT NULL,
    role INTEGER NOT NULL,
    gender INTEGER NOT NULL,
    UNIQUE (course, lang, version, cohort, role, gender)
) STRICT;

--   event    the unique id that came with it; empty after its person was erased
--   person   person.id; NULL after erasure
--   kind     number of node/learn/vocabulary.h, or -1: taken back, counts nothing
--   score    hundredths of a point, 0 to 10000, or NULL
--   minutes  hundredths of a minute
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    person INTEGER,
    event_group INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    score INTEGER,
    minutes INTEGER NOT NULL
) STRICT;

-- Who completed what: of the one kind (3) that certificates and trainers' rights follow from, so that the index stays small.
CREATE INDEX event_by_completion ON event (person) WHERE kind = 3;

-- Exactly once: a keyed 64-bit hash of each event's id, moved up by one until free where two ids share it. `content` is a keyed hash of the id with all
-- that was said, so that the same event again is known without reading it.
CREATE TABLE event_key (
    hash INTEGER PRIMARY KEY,
    event INTEGER NOT NULL,
    content INTEGER NOT NULL
) STRICT;
