-- Objects (manifests, small members, chunks) that subscribed versions still lack: what a session asks peers for, in the order of rank and size.
-- Written when the catalogue or the subscriptions change; a row goes when its object arrives.
--   rank  0 manifests, 1 small members, 2 chunks of large ones, 3 what a node below asked for and no catalogue entry here names
CREATE TABLE want (
    object BLOB NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    rank INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX want_by_rank ON want (rank, size, object);

-- What is held here and resembles a wanted object: named to peers, so that they can send what differs (learn/course_base.c). A hint, never needed.
--   number  0 is the best
CREATE TABLE want_base (
    object BLOB NOT NULL REFERENCES want (object) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    base BLOB NOT NULL,
    PRIMARY KEY (object, number)
) STRICT, WITHOUT ROWID;
