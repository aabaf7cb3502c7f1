-- The learning record store: statements, documents and who may write them. All of it is people's data: it never leaves this database, and what is
-- deleted is overwritten. Written by node/lrs through node/store/people/record.c, xapi_document.c, xapi_client.c.

-- Statements. `id` is the stored time in milliseconds << 11 | a number in it, so that ids are in the order of the stored times. `body` is the statement
-- as it is answered (JSON, with id, stored and authority). A million rows, 1 KB each.
CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    is_voided INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- What statements can be found by (node/store/people/posting.h): a term is a keyed 64-bit hash of a role (agent, related agent, verb, activity, ...) and a value.
-- The newest ones, one row for each job that stored statements; `total` is how many bytes of entries there are up to this row. 1 MiB at most.
CREATE TABLE record_tail (
    id INTEGER PRIMARY KEY,
    total INTEGER NOT NULL,
    entries BLOB NOT NULL
) STRICT;

-- What was a tail once: ten thousand statements each, their lowest and their highest id. A hundred rows a million statements.
CREATE TABLE record_segment (
    id INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
CREATE INDEX record_segment_by_first ON record_segment (first, last);
CREATE INDEX record_segment_by_last ON record_segment (last, first);

-- In a segment, the statements that are found by a term. Three rows a statement where every learner is another, fewer else.
CREATE TABLE record_posting (
    segment INTEGER NOT NULL,
    term INTEGER NOT NULL,
    records BLOB NOT NULL,
    PRIMARY KEY (segment, term)
) STRICT, WITHOUT ROWID;

-- Which statement refers to which UUID by a StatementRef as its object, whether or not that one is here.
CREATE TABLE record_reference (
    target BLOB NOT NULL,
    record INTEGER NOT NULL,
    is_voiding INTEGER NOT NULL,
    PRIMARY KEY (target, record)
) STRICT, WITHOUT ROWID;

-- Data of attachments by its SHA-2 (as sent, in lower case), and which statement uses it.
CREATE TABLE xapi_attachment (
    sha2 TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE xapi_attachment_use (
    record INTEGER NOT NULL,
    sha2 TEXT NOT NULL,
    PRIMARY KEY (record, sha2)
) STRICT, WITHOUT ROWID;
CREATE INDEX xapi_attachment_use_by_sha2 ON xapi_attachment_use (sha2);

-- The canonical definition of each activity that a statement defined: `activity` is a keyed hash of its IRI, `last` one of the definition that was
-- merged last.
CREATE TABLE xapi_activity (
    activity INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    definition BLOB NOT NULL
) STRICT;

-- Names under which agents were seen; `agent` is a keyed hash of their identifier.
CREATE TABLE xapi_name (
    agent INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (agent, name)
) STRICT, WITHOUT ROWID;

-- Documents: state (kind 0), activity profile (1), agent profile (2). What a kind does not have is empty. `agent` is the identifier as text
-- ("mbox mailto:a@b.org", "account HOMEPAGE NAME"), `etag` the SHA-1 of the body in hexadecimal digits.
CREATE TABLE xapi_document (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    agent TEXT NOT NULL,
    activity TEXT NOT NULL,
    registration BLOB NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    etag TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, agent, activity, registration, name)
) STRICT;

-- Who may speak xAPI from outside with a key. `secret` is a BLAKE2b of it (secrets are 32 random bytes, so nothing slower is needed); rights: 1 read,
-- 2 write.
CREATE TABLE xapi_key (
    key TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    secret BLOB NOT NULL,
    rights INTEGER NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;

-- Sessions of launched content (node/lrs/session.h). `token` and `secret` are hashes of what the content was given; `volume` is how many
-- bytes it has stored.
CREATE TABLE xapi_session (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    token BLOB NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    launch INTEGER NOT NULL,
    person TEXT NOT NULL,
    registration BLOB NOT NULL,
    activity TEXT NOT NULL,
    said INTEGER NOT NULL,
    was_fetched INTEGER NOT NULL,
    initialized_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    volume INTEGER NOT NULL,
    details BLOB NOT NULL
) STRICT;
CREATE INDEX xapi_session_by_activity ON xapi_session (registration, activity);
CREATE INDEX xapi_session_by_person ON xapi_session (person);
