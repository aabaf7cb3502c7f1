/* throttle.h: how often a password may be tried: for a person, and from an address.
 *
 * THROTTLE_FREE tries of a person are free, then each must wait twice as long as the one before, up to THROTTLE_WAIT_MAX_S; the same from an address, where
 * more are free and the wait is shorter, because a whole school may stand behind one (of IPv6 a network of 64 bits is one), or everybody behind a proxy: of an
 * address one is forgotten every few seconds, or the mistypings of a morning would add up until each further one keeps all others waiting. A try counts when
 * it begins, so that many at once are as slow as many in a row; the right password forgives a person's. Times are monotonic, counts live in memory and
 * are forgotten after THROTTLE_FORGET_MS without a try. Any thread. */
#ifndef QANAT_NODE_LEARN_ACCOUNT_THROTTLE_H
#define QANAT_NODE_LEARN_ACCOUNT_THROTTLE_H

#include <stdint.h>

#include "replication/base/bytes.h"

enum {
    THROTTLE_FREE = 5,
    THROTTLE_FREE_OF_ADDRESS = 100,
    THROTTLE_WAIT_MAX_S = 900,
    THROTTLE_WAIT_OF_ADDRESS_MAX_S = 30,
    THROTTLE_DRAIN_OF_ADDRESS_MS = 6 * 1000,
    THROTTLE_FORGET_MS = 3600 * 1000,
    THROTTLE_SLOTS = 8192, /* of each kind; two that share one are counted together */
};

struct throttle;

/* Never NULL. */
struct throttle *throttle_new(void);
void throttle_free(struct throttle *throttle);

/* Counts a try at `now_ms` and returns 0, or counts nothing and returns the seconds to wait. */
unsigned throttle_try(struct throttle *throttle, struct bytes person, struct bytes address, int64_t now_ms);

/* The try was right. */
void throttle_forgive(struct throttle *throttle, struct bytes person, struct bytes address);

#endif
