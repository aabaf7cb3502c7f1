-- When this node talks to its peers: a few lines, WINDOWS_MAX at most, as `qanat window add` took them. `peer` is the node a line is for, or empty: then it
-- is for every peer that has no line of its own. `text` is the canonical form (replication/schedule/window.h). A number is never
-- used again: what was counted for one is not counted for another.
CREATE TABLE transfer_window (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    peer BLOB NOT NULL CHECK (length(peer) IN (0, 16)),
    text TEXT NOT NULL,
    UNIQUE (peer, text)
) STRICT;

-- Bytes that went over a line in a period of its quota, which began at `start_ms`. Kept for the last few periods, so that a clock set back finds what was
-- spent. Written every few seconds while bytes move.
CREATE TABLE transfer_used (
    window INTEGER NOT NULL REFERENCES transfer_window (id),
    start_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (window, start_ms)
) STRICT, WITHOUT ROWID;
