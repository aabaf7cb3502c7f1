-- What this node knows of its dealings with each peer, for `status` and `peer list`. One row for each node met; written by the sessions a few times a
-- minute at most. `state` is enum peer_state of the last report. Times are this node's clock, 0: never. `rate_bits` is what came a
-- second between the last two reports; `software` which version of the program it said that it runs (node/software.h), 0: it did not.
CREATE TABLE peer_status (
    node BLOB NOT NULL PRIMARY KEY CHECK (length(node) = 16),
    state INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    error TEXT NOT NULL,
    last_attempt_ms INTEGER NOT NULL,
    last_success_ms INTEGER NOT NULL,
    we_lack_cells INTEGER NOT NULL,
    we_lack_bytes INTEGER NOT NULL,
    they_lack_cells INTEGER NOT NULL,
    they_lack_bytes INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    rate_bits INTEGER NOT NULL,
    software INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Receipts: `holder` (a hub) durably holds `stream` (33 bytes as in the table stream) up to `seq`, as of its clock `at_ms`.
CREATE TABLE held (
    stream BLOB NOT NULL CHECK (length(stream) = 33),
    holder BLOB NOT NULL CHECK (length(holder) = 16),
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (stream, holder)
) STRICT, WITHOUT ROWID;

-- Open and used invitations, by the public half of the token's one-time key. `used_by` is the node that joined with it, or empty. Kept: a repeated
-- join of the same node is answered again.
CREATE TABLE invite (
    token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_by BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Objects that a peer below asked for and this node lacks: wanted on its behalf until `until_ms`.
CREATE TABLE demand (
    object BLOB NOT NULL PRIMARY KEY CHECK (length(object) = 32),
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX demand_by_end ON demand (until_ms);

-- What a node said in its last bundle of the courses that it holds and wants (node/bundle/inventory.h), as of its clock `at_ms`: the next bundle for it
-- does not carry that again. One row for each node that sends sticks.
CREATE TABLE inventory (
    node BLOB NOT NULL PRIMARY KEY CHECK (length(node) = 16),
    at_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
