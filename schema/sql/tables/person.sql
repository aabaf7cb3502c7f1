-- People of this node: learners, facilitators, managers. They never leave it; what leaves is cells.
--   person      the id that the institution uses, unique here
--   gender,role numbers of node/learn/vocabulary.h
--   lang        BCP 47 tag of the pages the person reads, or empty: the browser's
--   merged_into person.id of the one who is the same human being, or NULL: this id then means that one
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
    registered_ms INTEGER NOT NULL,
    merged_into INTEGER
) STRICT;
CREATE INDEX person_by_merge ON person (merged_into) WHERE merged_into IS NOT NULL;

-- Full-text index: one row for each person (rowid: person.id): ids and names, folded by node/learn/search.c. Prefixes have an index of
-- their own, because people type the beginning of a name.
CREATE VIRTUAL TABLE person_search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');
