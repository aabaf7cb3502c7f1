-- Credentials that this node issued. They stay here, the holder has a copy; what leaves is the revocation (a cell). Rows are only ever added.
--   credential   its UUID
--   person       person.id; NULL after erasure
--   list         the status list (UUID, 16 bytes) and the place in it: never given twice
--   document     the signed JSON; empty after erasure
--   revoked_ms   NULL: it stands
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
