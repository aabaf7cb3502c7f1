/* past.h: which closed streams of this node no other machine goes on with.
 *
 * A stream that comes back from a peer may be of a life that this database forgot, or the living one of a
 * copy of this machine; both look alike. Who adopts the second kind takes over what another machine still
 * adds to, and is that machine heard no more, what it added since counts nowhere
 * (replication/stream/adoption.h, rule 2). So a stream is taken over only when it is over:
 *
 *   - this database drew its incarnation itself (the last PAST_KEPT_MAX are remembered), and has been on this
 * machine ever since (machine.h), or
 *   - nothing was added to it for PAST_QUIET_MS, by this machine's clock.
 *
 * That people say that one machine is left (`qanat peer settle`) is not enough: they may be wrong, and a stream that goes on after it was taken
 * over cannot be told apart any more once who took it over goes back to a backup (tests/sim: seed 17700173). What counts twice is given up for it
 * (adopt.h), which is right also when both live.
 *
 * The other side of it: no stream is added to after PAST_LEASE_MS without a change; the node goes on under a
 * fresh incarnation then (own.c). Clocks that are wrong by more than the difference make this what it would
 * be without: the end of a stream waits for the other machine. */
#ifndef QANAT_NODE_STORE_STREAM_PAST_H
#define QANAT_NODE_STORE_STREAM_PAST_H

#include "node/store/db.h"
#include "replication/stream/stream.h"

enum { PAST_KEPT_MAX = 64 };
#define PAST_QUIET_MS (30ULL * 24 * 3600 * 1000)
#define PAST_LEASE_MS (15ULL * 24 * 3600 * 1000)

/* This database draws `incarnation` for `self`. What it drew on another machine is forgotten: that may go on
 * there. Of one that drew some before they were remembered, all that it holds of `self` counts as its own.
 * Writer thread. */
enum status past_note(struct db *db, const struct id *self, const struct id *incarnation);

/* People say at `now_ms` that this machine is the one now, and no other (a restore): what was drawn before goes nowhere on. Writer thread. */
enum status past_move(struct db *db, uint64_t now_ms);

/* Whatever wrote as this node up to this stamp is gone, so people said when they last moved it here; 0: never. What such a machine was to give up
 * (adopt.h), this one does. Any thread. */
hlc past_moved(struct db *db);

/* Did this database draw `incarnation` itself, as far as it remembers? Any thread. */
bool past_drew(struct db *db, const struct id *incarnation);

/* True when the stream of `head`, of this node, is over. Any thread. */
bool past_is_over(struct db *db, const struct stream_head *head, uint64_t now_ms);

/* True when a stream whose last stamp is `stamp` must not be added to any more. */
bool past_is_left(hlc stamp, uint64_t now_ms);

#endif
