-- Figures that can hardly be right, as status tells them.
CREATE TABLE doubt (
    node TEXT NOT NULL,
    kind INTEGER NOT NULL,
    period TEXT NOT NULL,
    figure INTEGER NOT NULL,
    bound INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (node, kind, period)
) STRICT, WITHOUT ROWID;
