-- Refusals and repairs are counted.
CREATE TABLE incident (
    name TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
