/* burden.h: what the cells of each member cost the store lately.
 *
 * What a member changed in a stream is folded in at some 9 us a cell, up to 25,000 of them in one transaction: for so long the one thread that writes
 * is kept from everybody else. On the wire they are 100 kB, and the same cells may be changed again and again. So what a member wrote is not folded in
 * for BURDEN_SHARE times as long as the last of it took, whoever brings it: its cells take a quarter of the writer's time at most, and who
 * comes at any moment mostly finds the writer free. Others wait for one such transaction at worst. What takes less than BURDEN_MIN_MS does not count.
 * More of them come a part at a time, between which others write (node/store/stream/delta.h), and of one stream at a time: each takes room on the disk
 * until it is whole. Then their writer rests as long as all parts took.
 * Moments are monotonic milliseconds. Loop thread only. */
#ifndef QANAT_NODE_LINK_BURDEN_H
#define QANAT_NODE_LINK_BURDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replication/base/bytes.h"

enum {
    BURDEN_MIN_MS = 10,
    BURDEN_SHARE = 3,
    BURDEN_MAX_MS = 30 * 1000,
    BURDEN_WRITERS_MAX = 128, /* over that the one whose rest ends first is forgotten */
    BURDEN_LOOK_MS = 100,     /* so often does one look whether its turn has come that comes a part at a time */
};

struct burden_writer {
    struct id node;
    uint64_t until_ms; /* 0: a free place */
};

/* All zero: nobody's cells cost anything yet. */
struct burden {
    struct burden_writer writers[BURDEN_WRITERS_MAX];
    const void *large; /* whose cells come in parts now; NULL: nobody's */
};

/* Cells of `writer` took the store `took_ms`, until now. */
void burden_add(struct burden *burden, const struct id *writer, uint64_t took_ms, uint64_t now_ms);

/* When the next of them may be folded in; 0, or a moment that is past: now. */
uint64_t burden_until_ms(const struct burden *burden, const struct id *writer);

/* True when the cells of `who` may come a part at a time, from now until it leaves: nobody else's do. */
bool burden_enter(struct burden *burden, const void *who);
void burden_leave(struct burden *burden, const void *who);

#endif
