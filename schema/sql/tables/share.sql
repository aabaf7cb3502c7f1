-- What each life of this node has counted of a fact that it derived from learners' work and may still revise (completed, a month's minutes): so that it is
-- counted once after this database was lost or put back. Own shares are published with the figures (results topic), sealed; those of other lives were
-- written here or came back from peers. node/store/stream/share.h.
--   fingerprint   48 bits of a keyed hash of the fact's id
--   life          the first four bytes of the incarnation that counted it
--   revision      grows with each change in that life
--   content       what it counted (node/learn/attempt/share_sum.h); NULL: sealed by another key, not to be read here
--   is_recovered  1: it came back from a peer, saying more than this database knew
--   is_due        1: recovered, and not yet held against what is counted here
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
