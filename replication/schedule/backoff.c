#include "replication/schedule/backoff.h"

#include "replication/base/check.h"

void backoff_init(struct backoff *backoff, uint32_t first_ms, uint32_t ceiling_max_ms)
{
    CHECK(first_ms > 0 && first_ms <= ceiling_max_ms);
    *backoff = (struct backoff){.first_ms = first_ms, .ceiling_max_ms = ceiling_max_ms};
}

uint32_t backoff_next(struct backoff *backoff, uint64_t random)
{
    uint64_t ceiling_ms = backoff->first_ms;

    for (uint32_t i = 0; i < backoff->failures && ceiling_ms < backoff->ceiling_max_ms; i++) {
        ceiling_ms *= 2;
    }
    ceiling_ms = ceiling_ms < backoff->ceiling_max_ms ? ceiling_ms : backoff->ceiling_max_ms;
    if (backoff->failures < UINT32_MAX) {
        backoff->failures++;
    }
    /* the upper 32 bits scaled to 0..ceiling: a multiplication, no remainder and no bias worth the name */
    return (uint32_t)(((random >> 32) * (ceiling_ms + 1)) >> 32);
}

void backoff_reset(struct backoff *backoff)
{
    backoff->failures = 0;
}
