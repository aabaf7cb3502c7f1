-- What statements are found by is kept in the order of arrival (node/store/people/posting.h). What `record_term` holds becomes a segment by posting_gather(), which
-- drops that table: a list of records is packed, which SQL cannot do.
CREATE TABLE record_tail (
    id INTEGER PRIMARY KEY,
    total INTEGER NOT NULL,
    entries BLOB NOT NULL
) STRICT;
CREATE TABLE record_segment (
    id INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
CREATE INDEX record_segment_by_first ON record_segment (first, last);
CREATE INDEX record_segment_by_last ON record_segment (last, first);
CREATE TABLE record_posting (
    segment INTEGER NOT NULL,
    term INTEGER NOT NULL,
    records BLOB NOT NULL,
    PRIMARY KEY (segment, term)
) STRICT, WITHOUT ROWID;
