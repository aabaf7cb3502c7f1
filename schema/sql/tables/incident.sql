-- How often something was refused or repaired here (node/incident.h): a row for each name that was ever counted, and for the latest
-- members one for each name and member ("frames of <node id, hex>"). Local, never replicated. `last_ms` is this machine's clock when it was last written.
CREATE TABLE incident (
    name TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
