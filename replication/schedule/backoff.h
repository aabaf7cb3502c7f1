/* backoff.h: how long to wait before the next attempt to connect: exponential with full jitter.
 *
 * The delay is drawn evenly from 0 to a ceiling that doubles with each failure (Brooker, "Exponential Backoff
 * And Jitter", 2015): after a power cut at the hub its peers come back spread out, not all at once. The
 * random number comes from the driver. */
#ifndef QANAT_SCHEDULE_BACKOFF_H
#define QANAT_SCHEDULE_BACKOFF_H

#include <stdint.h>

struct backoff {
    uint32_t first_ms; /* ceiling after the first failure, at least 1 */
    uint32_t ceiling_max_ms;
    uint32_t failures; /* since the last success */
};

void backoff_init(struct backoff *backoff, uint32_t first_ms, uint32_t ceiling_max_ms);

/* Counts a failure and draws the delay: 0 to the ceiling, both included. `random` is 64 even random bits. */
uint32_t backoff_next(struct backoff *backoff, uint64_t random);

/* After a session that held. */
void backoff_reset(struct backoff *backoff);

#endif
