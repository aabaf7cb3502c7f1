-- One row for each stream this node holds something of, its own ones included. `id` is topic (1 byte), node (16), incarnation (16): its order is the
-- order of streams everywhere. `seq` is 0 while only staged batches are here. `seq`, `count`, `digest`, `stamp` and `signature` are the latest
-- certificate; `at_ms` is this node's clock when it was stored. Rows are small so that ten thousand heads are read at once.
-- `adopted`: up to which seq other streams held of its writer say that it is counted in them (replication/stream/adoption.h), 0 while `seq` is 0.
-- A stream with seq <= adopted is covered: only this node's own are kept then, a few, unseen.
-- A row with a seq of 0, a count above 0 and no digest is no stream: cells are put together there, or deleted, a part at a time (node/store/stream/beside.h).
CREATE TABLE stream (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 33),
    seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    digest BLOB NOT NULL,
    stamp INTEGER NOT NULL,
    signature BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    adopted INTEGER NOT NULL
) STRICT;

-- The LtHash of each stream's cells, 2,048 bytes, by stream number. Read and written only when the stream changes.
CREATE TABLE stream_state (
    number INTEGER PRIMARY KEY,
    state BLOB NOT NULL
) STRICT;

-- Batch bodies that wait for their certificate: as received, or, where a small frame held a large body, packed again (replication/wire/frame.h; `size`: how
-- large it is unpacked, 0: it is not packed), so that what takes little on the wire takes little of the disk. The rows of one stream join without a gap: each
-- one's `after_seq` is the `seq` of the one before, the first one's is the stream's own. Gone when the stream changes.
CREATE TABLE staging (
    number INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL,
    size INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX staging_by_stream ON staging (stream, seq);
