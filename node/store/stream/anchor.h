/* anchor.h: a small volatile file that says how far this node's own streams have come.
 *
 * A seq must never be issued twice, but a database can be older than it was: restored, copied, rolled back.
 * So the last seqs are also kept where a backup does not reach and a reboot erases: in /dev/shm, or else in
 * $XDG_RUNTIME_DIR, in a file named after the data directory's path and the database. It is written before
 * each commit that issues seqs. An incarnation goes on only when database and anchor say exactly the same;
 * when there is no anchor, an older or a newer one, the node draws a fresh incarnation, which is always safe.
 * Runs on the writer thread only. */
#ifndef QANAT_NODE_STORE_STREAM_ANCHOR_H
#define QANAT_NODE_STORE_STREAM_ANCHOR_H

#include "replication/base/status.h"
#include "replication/stream/stream.h"

struct anchor;

/* How far an incarnation has come: the seq of each topic's stream, by topic. */
struct anchor_mark {
    struct id incarnation;
    uint64_t seq[TOPIC_LAST + 1];
};

/* Finds the file of the database with id `database` in `data_dir`. `place` is the directory for anchors, NULL
 * for the usual ones. Never NULL: without a place it is an anchor that never matches. */
struct anchor *anchor_open(const char *place, const char *data_dir, const struct id *database);
void anchor_close(struct anchor *anchor);

/* True when the anchor was written since this machine was started and says exactly `mark`. */
bool anchor_matches(const struct anchor *anchor, const struct anchor_mark *mark);

/* Replaces what it says. When that fails the anchor is removed: it must not speak for an older state. */
void anchor_write(struct anchor *anchor, const struct anchor_mark *mark);

/* An incarnation of this node was counted in another one: a database beside this one, of before a restore, must not go on with it when it is started
 * again, for what it adds nobody counts. Removes the anchors of other databases in the same place, of this user, that say it. */
void anchor_forget(const struct anchor *anchor, const struct id *incarnation);

#endif
