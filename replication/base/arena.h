/* arena.h: one arena per step and per request; nothing inside is freed singly.
 *
 * Blocks grow as needed up to `size_max`; arena_clear() keeps the first block for the next use. */
#ifndef QANAT_BASE_ARENA_H
#define QANAT_BASE_ARENA_H

#include <stddef.h>

#include "replication/base/bytes.h"

struct arena_block;

struct arena {
    struct arena_block *first;
    struct arena_block *last;
    size_t used;
    size_t size_max;
};

/* Starts an arena that may hold up to `size_max` bytes in all. */
void arena_init(struct arena *arena, size_t size_max);
void arena_release(struct arena *arena);
void arena_clear(struct arena *arena);

/* `size` bytes, aligned for any type, not zeroed; NULL when `size_max` would be passed. */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies `bytes` (and a NUL behind them); data is NULL when it does not fit. */
struct bytes arena_copy(struct arena *arena, struct bytes bytes);

#endif
