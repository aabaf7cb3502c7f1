-- Facts about this database as a whole, one row each:
--   database     16 bytes drawn when it was made; names it in the anchor
--   written_by   version of the program that last opened it for writing (text), for the refusal of a newer one
--   incarnation  16 bytes: the living incarnation of this node's own streams
--   incarnation_since  8 bytes, little-endian: hybrid logical clock when it was drawn
--   results_recovered  8 bytes, little-endian: wall ms up to which results came back from peers whose events are not known here
--   ids_recovered  1 byte: 1 once fingerprints of what was counted came back (known.sql)
--   ids_number   8 bytes, little-endian: how many publications of fingerprints there were
--   follows HEX  1 byte: 1: what the node with that id counted is known here too
--   replaces HEX 16 bytes: the node whose place the invitation with that token takes
--   scoured      1 byte: 1: every page was written since pages are swept (node/store/disk/scour.h)
--   sync_paused  1 byte: 1 after `qanat sync pause`
--   course_deleted  8 bytes, little-endian: the highest course.id that was ever deleted; none up to it is given again
--   upgrade_from  1 byte: the schema from which an upgrade began that is under way
--   renew        8 bytes, little-endian: a migration wants texts folded anew (node/learn/renew.h), done up to this person.id
--   windows      8 bytes: counts the changes of transfer windows and of the pause, so that the running node sees them
--   proved       which statements of the roster were judged, and how: node/store/stream/proved.c
--   mirror_<hash>  struct mirror_record (node/store/course/mirror.h): how it went with a mirror, for people
CREATE TABLE property (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
