-- What this node counted once, by fingerprint: published with the figures (results topic), so that it comes back with them when this database was lost
-- or is older than it was. Written by imports (own entries) and by own streams that come back from peers (recovered ones). node/store/stream/known.h.
--   kind         1 an event's id, 2 a large batch of events, 3 a person's id
--   fingerprint  48 bits of a keyed hash
--   life         the first four bytes of the incarnation in which it was counted, and `number`: which publication of that life
--   change       1 counted, -1 taken back
--   subject      row of the event, the batch's first event, the person; 0: not known here
--   count        events of a batch
--   is_due       1: recovered, and not yet held against what was counted here
CREATE TABLE known (
    kind INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    life INTEGER NOT NULL,
    number INTEGER NOT NULL,
    change INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    count INTEGER NOT NULL,
    is_due INTEGER NOT NULL,
    PRIMARY KEY (kind, fingerprint, life, number, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_by_due ON known (kind, fingerprint) WHERE is_due = 1;
CREATE INDEX known_batches_lost ON known (kind, fingerprint) WHERE kind = 2 AND subject = 0;
