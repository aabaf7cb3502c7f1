-- Objects (manifests, small members, chunks) that subscribed versions still lack: what a session asks peers for, in the order of rank and size.
-- Written when the catalogue or the subscriptions change; a row goes when its object arrives.
--   rank  0 manifests, 1 small members, 2 chunks of large ones, 3 what a node below asked for and no catalogue entry here names
CREATE TABLE want (
    object BLOB NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    rank INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX want_by_rank ON want (rank, size, object);
