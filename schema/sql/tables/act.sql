-- What was changed at this node by a command, and by whom: the newest ACTS_MAX. `who` is the person who was signed in at the console, or empty for somebody
-- at the machine. `words` are the command's words without secrets, as a JSON array. Local, never replicated.
CREATE TABLE act (
    number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    words TEXT NOT NULL,
    exit INTEGER NOT NULL
) STRICT;
