-- Facts about this database as a whole, one row each:
--   database     16 bytes drawn when it was made; names it in the anchor
--   written_by   version of the program that last opened it for writing (text), for the refusal of a newer one
--   incarnation  16 bytes: the living incarnation of this node's own streams
CREATE TABLE property (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
