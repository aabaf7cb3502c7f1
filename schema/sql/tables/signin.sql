-- Who is signed in: one row for each browser. `token` is the BLAKE2b-256 of the cookie's value, which is kept nowhere else. A row is worth nothing after
-- `expires_ms` (this machine's clock) and is deleted at some later sign-in.
--   is_kept  the browser was asked to remember: the cookie outlives it
CREATE TABLE signin (
    token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    person INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    is_kept INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_by_person ON signin (person);
CREATE INDEX signin_by_end ON signin (expires_ms);
