#include "node/link/small.h"

void small_init(struct small *small, uint64_t now_ms)
{
    *small = (struct small){.last_ms = now_ms};
}

bool small_may(struct small *small, size_t size, bool has_bulk, uint64_t now_ms)
{
    if (now_ms - small->last_ms >= SMALL_REST_MS) {
        small->size = 0;
        small->is_rested = true;
    }
    small->last_ms = now_ms;
    if ((has_bulk && !small->is_rested) || size > SMALL_BULK_MAX - small->size) {
        small->is_rested = false;
        return false;
    }
    return true;
}

void small_sent(struct small *small, size_t size)
{
    small->size += size < SMALL_BULK_MAX - small->size ? size : SMALL_BULK_MAX - small->size;
}
