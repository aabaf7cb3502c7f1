-- What each life of this node counted of a fact (node/store/stream/share.h).
CREATE TABLE share (
    fingerprint INTEGER NOT NULL,
    life INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    content BLOB,
    is_recovered INTEGER NOT NULL,
    is_due INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, life)
) STRICT, WITHOUT ROWID;
CREATE INDEX share_by_due ON share (fingerprint) WHERE is_due = 1;
