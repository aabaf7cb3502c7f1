/* finding.h: what was found wrong with a node: a code for scripts, the subject, the cause, and what to do.
 *
 * The codes are a promise to scripts: add at the end of a group, never rename. The remedy belongs to the code, so that the same trouble always
 * gets the same advice; subject and cause belong to the case. Tables and JSON are drawn from the same list. */
#ifndef QANAT_NODE_CARE_FINDING_H
#define QANAT_NODE_CARE_FINDING_H

#include <jansson.h>
#include <stddef.h>

/* X(NAME, level, "code", "what to do") */
#define FINDING_LIST(X)                                                                                                          \
    /* the directory and its files */                                                                                            \
    X(KEY_MISSING, FAULT, "key_missing", "put node.key back from a backup (qanat restore), or make a new node with qanat init")  \
    X(KEY_DAMAGED, FAULT, "key_damaged", "put node.key back from a backup (qanat restore); without one the node must join anew") \
    X(FEDERATION_MISSING, FAULT, "federation_missing", "get a token from the node above and run qanat join")                     \
    X(FEDERATION_DAMAGED, FAULT, "federation_damaged", "put federation.json back from a backup (qanat restore)")                 \
    X(CONFIG_WRONG, FAULT, "config_wrong", "correct the named line of qanat.conf; conf/centre.conf shows every option")          \
    X(CONFIG_TWICE, ADVICE, "config_twice", "take out the line of qanat.conf that is not meant")                                 \
    X(PERMISSIONS_OPEN, FAULT, "permissions_open", "chmod go-rwx the named file: it holds a secret")                             \
    X(AUTHORITY_ONLINE, ADVICE, "authority_online", "move authority.key to an offline medium; it is needed to admit other hubs only") \
    X(DIR_FOREIGN, FAULT, "dir_foreign", "run qanat as the user who owns the directory, or chown it; its mode is to be 700")                            \
    X(FILE_FOREIGN, FAULT, "file_foreign", "run qanat as the user who owns the directory, let the named file belong to that user (chown) and be of mode 600") \
    /* the database */                                                                                                           \
    X(DATABASE_MISSING, FAULT, "database_missing", "qanat restore the last backup into a new directory, or join again (qanat invite --replaces)") \
    X(DATABASE_UNUSABLE, FAULT, "database_unusable", "stop the node, then qanat scrub --repair; or qanat restore the last backup into a new directory") \
    X(DATABASE_NEWER, FAULT, "database_newer", "install the version that wrote it, or a newer one; nothing was changed")         \
    X(PAGES_DAMAGED, FAULT, "pages_damaged", "stop the node, then qanat scrub --repair; if this stays, qanat restore the last backup into a new directory") \
    X(BITS_FLIPPED, FAULT, "bits_flipped", "qanat scrub --repair writes them right; they are read right meanwhile. Look at the disk if there are more") \
    X(WAL_LARGE, ADVICE, "wal_large", "end what reads the database for long; the node shrinks it by itself then")                \
    X(DATABASE_OLDER, FAULT, "database_older", "start the node with this version: it changes the database, with a copy beside it")       \
    X(ROSTER_UNREADABLE, FAULT, "roster_unreadable", "qanat scrub --repair, then qanat sync with the node above")                \
    /* replicated streams */                                                                                                     \
    X(STREAM_UNREADABLE, FAULT, "stream_unreadable", "qanat scrub --repair drops it; it is pulled again from a peer")            \
    X(CELLS_DAMAGED, FAULT, "cells_damaged", "qanat scrub --repair drops the stream; it is pulled again from a peer")            \
    X(OWN_CELLS_DAMAGED, FAULT, "own_cells_damaged",                                                                             \
      "qanat scrub --repair: peers return what they hold (--drop-own: also of what none has acknowledged); newer cells need the last backup") \
    X(SUM_DAMAGED, FAULT, "sum_damaged", "qanat scrub --repair writes the sum anew from its cells")                              \
    X(SIGNATURE_WRONG, FAULT, "signature_wrong", "qanat scrub --repair drops the stream; it is pulled again from a peer")        \
    X(WRITER_UNKNOWN, ADVICE, "writer_unknown", "qanat sync with the node above, which brings the roster; then qanat verify again") \
    X(CELLS_STRAY, FAULT, "cells_stray", "qanat scrub --repair deletes them: they belong to no stream")                          \
    /* contents of courses */                                                                                                    \
    X(BLOB_MISSING, FAULT, "blob_missing", "qanat scrub --repair notes it; it is fetched again, or import the course again where it was made") \
    X(BLOB_DAMAGED, FAULT, "blob_damaged", "qanat scrub --repair removes it; it is fetched again, or import the course again where it was made") \
    X(BLOB_CLOSED, FAULT, "blob_closed", "run qanat as the owner of the directory and all in it (chown -R); raise the limit of open files; then look again") \
    /* the machine */                                                                                                            \
    X(CLOCK_WRONG, FAULT, "clock_wrong", "set the clock (timedatectl, or an NTP server on the local network)")                   \
    X(DISK_LOW, FAULT, "disk_low", "free some space: no course content is fetched below the floor (disk_floor_mib)")             \
    X(DISK_FULL, FAULT, "disk_full", "free some space now: results cannot be stored")                                            \
    X(INODES_FEW, FAULT, "inodes_few", "delete files on that file system, many small ones first (du --inodes -x / | sort -n): room alone makes no file there") \
    X(DISK_READ_ONLY, FAULT, "disk_read_only", "look at the disk (dmesg), remount it for writing")                               \
    X(FILES_FEW, ADVICE, "files_few", "raise the limit of open files (LimitNOFILE= of the unit, or ulimit -n)")                  \
    X(PORT_TAKEN, FAULT, "port_taken", "end the other program, or choose another port in qanat.conf")                            \
    X(PORT_SILENT, FAULT, "port_silent", "look at the node's log: it runs but does not listen there")                            \
    X(ADDRESS_WRONG, FAULT, "address_wrong", "correct the address in qanat.conf: it is not one of this machine")                 \
    /* peers */                                                                                                                  \
    X(UPLINK_UNSET, FAULT, "uplink_unset", "set uplink in qanat.conf to the address of the node above: tcp://HOST:PORT")         \
    X(UPLINK_UNKNOWN, FAULT, "uplink_unknown", "check the name in uplink and the machine's name servers")                        \
    X(UPLINK_UNREACHABLE, FAULT, "uplink_unreachable", "check the line and that the node above runs and its firewall lets the port through") \
    X(UPLINK_FOREIGN, FAULT, "uplink_foreign", "check address and port, and whether a proxy or a sign-in page stands between: what answers there is no node") \
    X(HANDSHAKE_REFUSED, FAULT, "handshake_refused", \
      "is it in qanat peer list there? of a backup there: a stick from here (bundle export --whole); put out: invite --replaces THIS there, rekey here") \
    X(KEY_BEFORE, FAULT, "key_before", "is this a restored backup? stop the node, put node.key.next in the place of node.key, start it") \
    X(KEY_LOST, FAULT, "key_lost", \
      "put node.key.next back from a backup made since; only asked for: qanat key rotate again; admitted, no backup: invite --replaces THIS there") \
    X(UPLINK_KEY, FAULT, "uplink_key", "is it a new machine? then qanat invite --moves THIS there, qanat join here; or a stick or qanat sync --peer HUB") \
    X(UPLINK_REVOKED, FAULT, "uplink_revoked", "where this node is to go on: qanat invite --moves THIS; here qanat join with that token, the node stopped. " \
      "Without any link: sticks for the hub and back (qanat bundle export --for HUB)") \
    X(COURSE_WAITING, ADVICE, "course_waiting", "make room (qanat course clean) or raise content_quota_mib, and it comes; or qanat course unsubscribe") \
    X(COURSE_REFUSED, ADVICE, "course_refused", "tell the people at its publisher: it has to be imported and published there once more") \
    X(SYNC_PAUSED, ADVICE, "sync_paused", "qanat sync resume, when this was not meant to last")                                  \
    X(WINDOW_NEVER, FAULT, "window_never", "look at qanat window list: add a window that opens, or remove those that never do")  \
    X(WINDOW_MISSED, ADVICE, "window_missed", "keep machine and line on during the windows (qanat window list), or add one: qanat window add") \
    X(NODE_OUTDATED, ADVICE, "node_outdated", "start the node anew: systemctl restart qanat")                                    \
    X(PEER_OLDER, ADVICE, "peer_older", "let its people upgrade it: what later versions added passes through it, not understood") \
    X(PEER_NEWER, ADVICE, "peer_newer", "upgrade this node: what later versions added passes through it, not understood") \
    X(SYNC_NEVER, ADVICE, "sync_never", "run qanat sync once and look at what it says")                                          \
    X(SYNC_LATE, FAULT, "sync_late", "run qanat sync and look at what it says")                                                  \
    X(STICK_LATE, ADVICE, "stick_late", "exchange bundles: qanat bundle export there, import here, and back")                        \
    X(SYNC_FAILED, FAULT, "sync_failed", "run qanat sync and look at what it says")                                              \
    X(NODE_STOPPED, ADVICE, "node_stopped", "start it: systemctl start qanat, or qanat run")                                     \
    X(ROSTER_ABSENT, FAULT, "roster_absent",                                                                                     \
      "the federation does not know this node here: qanat sync; a hub: let a member make a file (bundle export --whole --for it) " \
      "and qanat bundle import it; or join anew")                                                                                \
    X(REVOKED, FAULT, "revoked", "this node was revoked: ask the node above; with a token for another name, qanat rekey makes it a new one")                   \
    X(TWO_WRITERS, FAULT, "two_writers", "stop the machine with the copy, let it join anew (invite --replaces), then qanat peer settle above") \
    X(FIGURES_SHORT, FAULT, "figures_short", "a part of that node's results is held here and not counted yet: it counts when that node was in step again") \
    X(FIGURES_DOUBLED, FAULT, "figures_doubled", "sync both machines; when one is gone: qanat peer settle NAME, at the node above or a hub") \
    X(IDS_LOST, ADVICE, "ids_lost", "import files of that time again: what was counted is known (large files may ask for --after-restore)") \
    X(QUARANTINED, ADVICE, "quarantined", "look into its figures with the people there; then qanat peer release where it was set aside, or peer revoke") \
    X(AUTHORITY_DISPUTED, FAULT, "authority_disputed", "agree which one holds (qanat authority show), then qanat authority trust STATEMENT at every node") \
    X(AUTHORITY_LATE, ADVICE, "authority_late", "qanat authority show; a former president still signs: it has no effect, ask who holds that key") \
    X(WORD_UNHEARD, ADVICE, "word_unheard", \
      "where it is still meant, say it anew with the present keys (qanat promote, demote, peer revoke --key); else let it be: this ends after 30 days") \
    X(IMPLAUSIBLE, ADVICE, "implausible", "ask the people there; qanat peer quarantine sets a node's figures aside. Bounds: plausible_* in qanat.conf") \
    X(STAMP_AHEAD, ADVICE, "stamp_ahead", "set the clock of that node; if it is right by now, wait until that day: figures count all the same") \
    X(KEY_WAITS, ADVICE, "key_waits", "let this node come in step with the nodes above it, and see that its disk has room; results go on under the old key")

enum finding_code {
#define X(name, level, code, fix) FINDING_##name,
    FINDING_LIST(X)
#undef X
    FINDING_COUNT
};

enum finding_level {
    FINDING_LEVEL_ADVICE, /* worth knowing; nothing is wrong */
    FINDING_LEVEL_FAULT,  /* a problem: exit 1 */
};

enum { FINDING_SUBJECT_MAX = 160, FINDING_CAUSE_MAX = 400, FINDINGS_KEPT_MAX = 1000 };

struct findings {
    json_t *rows;   /* array of {"code","level","subject","cause","fix"}: at most FINDINGS_KEPT_MAX */
    size_t faults;  /* how many of level FAULT were added, kept or not */
    size_t total;
    json_t *checked; /* array of names: what was looked at */
};

void findings_init(struct findings *findings);
void findings_release(struct findings *findings);

/* Adds one; the cause is printf-style text. */
void findings_add(struct findings *findings, enum finding_code code, const char *subject, const char *cause, ...)
    __attribute__((format(printf, 4, 5)));

/* Notes that `what` was looked at. */
void findings_note(struct findings *findings, const char *what);

/* How many of `code` are among those kept. */
size_t findings_count(const struct findings *findings, enum finding_code code);

const char *finding_code_text(enum finding_code code);

#endif
