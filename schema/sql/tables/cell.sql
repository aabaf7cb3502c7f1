-- Segments of cell keys that are shared by many cells. Never deleted, so that a number means the same for ever.
CREATE TABLE term (
    number INTEGER PRIMARY KEY,
    text BLOB NOT NULL UNIQUE
) STRICT;

-- The cells of all streams. `dot` is stream number << 36 | seq of the last change: what changed since a seq is one range of rows. `key` is the stream
-- number and the key's segments packed by node/store/stream/key.c; `value` is the cell's value, kind byte first. A million rows, 60 bytes each with the index.
CREATE TABLE cell (
    dot INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX cell_by_key ON cell (key);
