/* burden.h: what the cells of each member cost the store lately.
 *
 * One transaction folds in all that a member changed in a stream, at some 9 us a cell: 60,000 cells keep the one thread that writes for half a
 * second, from everybody. On the wire they are 300 kB, and the same cells may be changed again and again. So what a member wrote is not folded in
 * for BURDEN_SHARE times as long as the last of it took, whoever brings it: its cells take a quarter of the writer's time at most, and who
 * comes at any moment mostly finds the writer free. Others wait for one such transaction at worst. What takes less than BURDEN_MIN_MS does not count.
 * Moments are monotonic milliseconds. Loop thread only. */
#ifndef QANAT_NODE_LINK_BURDEN_H
#define QANAT_NODE_LINK_BURDEN_H

#include <stddef.h>
#include <stdint.h>

#include "replication/base/bytes.h"

enum {
    BURDEN_MIN_MS = 10,
    BURDEN_SHARE = 3,
    BURDEN_MAX_MS = 30 * 1000,
    BURDEN_WRITERS_MAX = 128, /* over that the one whose rest ends first is forgotten */
};

struct burden_writer {
    struct id node;
    uint64_t until_ms; /* 0: a free place */
};

/* All zero: nobody's cells cost anything yet. */
struct burden {
    struct burden_writer writers[BURDEN_WRITERS_MAX];
};

/* Cells of `writer` took the store `took_ms`, until now. */
void burden_add(struct burden *burden, const struct id *writer, uint64_t took_ms, uint64_t now_ms);

/* When the next of them may be folded in; 0, or a moment that is past: now. */
uint64_t burden_until_ms(const struct burden *burden, const struct id *writer);

#endif
