-- Figures that can hardly be right, as of the last look (node/stats/plausible.h), at most 64: for `qanat status`, which must not read all figures each time.
--   node, period  as in statistics; kind: enum implausible_kind
--   since_ms      this machine's clock when it was first seen
CREATE TABLE doubt (
    node TEXT NOT NULL,
    kind INTEGER NOT NULL,
    period TEXT NOT NULL,
    figure INTEGER NOT NULL,
    bound INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (node, kind, period)
) STRICT, WITHOUT ROWID;
