/* small.h: bulk that is so little that it crosses control. Little news cost no second connection, and after a rest
 * no packets of their own on it: an answer on the connection of the question needs no acknowledgement besides. */
#ifndef QANAT_NODE_LINK_SMALL_H
#define QANAT_NODE_LINK_SMALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replication/base/limits.h"

enum {
    SMALL_BULK_MAX = 16 * 1024, /* bytes */
    SMALL_REST_MS = 5 * 1000, /* after so long without bulk nothing of it is under way that could be overtaken */
};

struct small {
    size_t size; /* of bulk that went over control */
    uint64_t last_ms;
    bool is_rested; /* and nothing went over the bulk connection since */
};

void small_init(struct small *small, uint64_t now_ms);

/* May a bulk frame of `size` bytes cross control? `has_bulk`: the bulk connection stands, or was asked for. */
bool small_may(struct small *small, size_t size, bool has_bulk, uint64_t now_ms);

/* It did. */
void small_sent(struct small *small, size_t size);

#endif
