-- Sealed periods: the figures of a period as they stood when `qanat seal` said so, with their coverage. Written once, never changed: what changes later is
-- a restatement. One row for each period.
--   document  the JSON of stats, by centre, course, lang, version, role and gender
CREATE TABLE seal (
    period TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
