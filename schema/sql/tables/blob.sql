-- One content of a file, addressed by its BLAKE2b-256: the file blobs/ab/<64 hex>, or while chunks of it are still missing
-- blobs/ab/<64 hex>.part. Written by imports and by objects that come from peers; as many rows as there are different files in all packages.
--   is_whole  1: the file is there, durable, and was verified when it was put there
CREATE TABLE blob (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    is_whole INTEGER NOT NULL
) STRICT;

-- The content-defined chunks of blobs over a MiB, in order: where each begins, and whether its bytes are in the file. It is the index by which a
-- chunk is found for a peer, and the bitmap of a .part file.
CREATE TABLE blob_chunk (
    blob INTEGER NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    start INTEGER NOT NULL,
    size INTEGER NOT NULL,
    is_held INTEGER NOT NULL,
    PRIMARY KEY (blob, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_chunk_by_hash ON blob_chunk (hash, is_held);

-- Files that may lie in blobs/ without a row: noted before an import moves them there and when a package is removed. The sweep deletes each file
-- that has no row by then, and the note. So a crash leaves nothing behind and nothing has to be searched for.
CREATE TABLE blob_stray (
    hash BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
