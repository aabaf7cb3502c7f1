-- Cohorts: groups of people who take one course together, with trainers, dates and sessions on site. Local; the name of a cohort goes into the
-- events of its members, and with them into cells. The version a cohort stays with is in course_cohort.
--   cohort   its name, unique here
--   lang     of the course, or empty: each member's own
--   trains   the course whose cohorts somebody may run who finished this one (training of trainers), or empty
--   starts_ms, ends_ms  midnights, or 0
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

-- Who belongs to a cohort. One cohort may hold all people of a node.
CREATE TABLE cohort_member (
    cohort INTEGER NOT NULL,
    person INTEGER NOT NULL,
    is_trainer INTEGER NOT NULL,
    added_ms INTEGER NOT NULL,
    PRIMARY KEY (cohort, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX cohort_member_by_person ON cohort_member (person);

-- Sessions on site: a name that is unique in the cohort (a day, often), when it was and how long, in hundredths of a minute.
CREATE TABLE cohort_session (
    id INTEGER PRIMARY KEY,
    cohort INTEGER NOT NULL,
    session TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    UNIQUE (cohort, session)
) STRICT;

-- Who was there.
CREATE TABLE attendance (
    session INTEGER NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (session, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX attendance_by_person ON attendance (person);
