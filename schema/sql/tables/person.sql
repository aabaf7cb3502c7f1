-- People of this node: learners, facilitators, managers. They never leave it; what leaves is cells.
--   person      the id that the institution uses, unique here
--   gender,role numbers of node/learn/vocabulary.h
--   lang        BCP 47 tag of the pages the person reads, or empty: the browser's
--   password    argon2id string, or NULL: no password sign-in
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    gender INTEGER NOT NULL,
    role INTEGER NOT NULL,
    institution TEXT NOT NULL,
    lang TEXT NOT NULL,
    password TEXT,
    registered_ms INTEGER NOT NULL
) STRICT;
