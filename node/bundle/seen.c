#include "node/bundle/seen.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { SEEN_MIN = 1024 };

/* The slot of `key`, or the empty one where it belongs. */
static struct id *seen_slot(const struct seen *seen, const struct id *key)
{
    uint64_t at;

    memcpy(&at, key->b, sizeof at);
    for (at &= seen->capacity - 1; !id_equal(&seen->slots[at], key) && !id_is_none(&seen->slots[at]);) {
        at = (at + 1) & (seen->capacity - 1);
    }
    return &seen->slots[at];
}

static void seen_grow(struct seen *seen)
{
    struct seen larger = {.capacity = seen->capacity ? 2 * seen->capacity : SEEN_MIN, .count = seen->count};

    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    CHECK(larger.slots);
    for (size_t i = 0; i < seen->capacity; i++) {
        if (!id_is_none(&seen->slots[i])) {
            *seen_slot(&larger, &seen->slots[i]) = seen->slots[i];
        }
    }
    free(seen->slots);
    *seen = larger;
}

/* False when it was there already. */
bool seen_add(struct seen *seen, const struct hash *object)
{
    struct id key;

    if (2 * seen->count >= seen->capacity) {
        seen_grow(seen);
    }
    memcpy(key.b, object->b, sizeof key.b);
    struct id *slot = seen_slot(seen, &key);
    if (id_equal(slot, &key)) {
        return false;
    }
    *slot = key;
    seen->count++;
    return true;
}

bool seen_has(const struct seen *seen, const struct hash *object)
{
    struct id key;

    memcpy(key.b, object->b, sizeof key.b);
    return seen->count > 0 && id_equal(seen_slot(seen, &key), &key);
}

void seen_release(struct seen *seen)
{
    free(seen->slots);
    *seen = (struct seen){.slots = NULL};
}
