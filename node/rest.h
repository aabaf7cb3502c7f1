/* rest.h: work that grows with all that members said, and that each further word of theirs would begin anew, rests after it took long.
 *
 * A look at the whole catalogue, or the whole roster, takes a millisecond in a federation of ordinary size, and seconds where one member
 * published a hundred thousand entries. It could keep everybody else waiting by moving one of them again and again. So what took T ms is
 * not begun anew for T * T / REST_UNIT_MS ms, if that is worth a pause: after 100 ms it takes a tenth of the time. A rest is REST_MAX_MS at most, for
 * what is put off may be news of a revocation. What comes meanwhile is looked at together, behind the rest; nothing is left out.
 * The work is one thread's; anybody may ask. */
#ifndef QANAT_NODE_REST_H
#define QANAT_NODE_REST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    REST_UNIT_MS = 10,
    REST_MIN_MS = 100, /* shorter ones are none: work of up to 31 ms never rests */
    REST_MAX_MS = 10 * 1000,
    REST_NEAR_MS = 1000, /* who says that all is done waits for what begins so soon */
};

/* All zero: rested, and nothing put off. */
struct rest {
    _Atomic uint64_t until_ms;
    atomic_bool is_put_off;
};

/* May the work begin now? If not it is put off. */
bool rest_may_begin(struct rest *rest, uint64_t now_ms);

/* It was done, at a cost of `took_ms` (by how much there is to look at: a machine that is busy with other things, and what is done but once, do not count),
 * and nothing is put off any more. */
void rest_after(struct rest *rest, uint64_t took_ms, uint64_t now_ms);

/* Milliseconds until what was put off may be done: 0: now; UINT64_MAX: nothing was. */
uint64_t rest_left_ms(struct rest *rest, uint64_t now_ms);

/* Was something put off that begins within REST_NEAR_MS? */
bool rest_is_near(struct rest *rest, uint64_t now_ms);

#endif
