-- What was counted once, by fingerprint (node/store/stream/known.h).
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
