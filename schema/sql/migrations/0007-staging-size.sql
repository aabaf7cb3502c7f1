-- Staged batches may be packed. What is staged now is asked for again.
DROP TABLE staging;
CREATE TABLE staging (
    number INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL,
    size INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX staging_by_stream ON staging (stream, seq);
