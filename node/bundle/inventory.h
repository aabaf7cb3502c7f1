/* inventory.h: what a node holds and wants of courses, as it says in every bundle it makes, so that the next
 * one for it does not carry again what it has. For the files of this room, and their test.
 *
 *   version (1) | subscriptions (varint), each: four texts (varint size, bytes), all versions (1) |
 *   held (varint), the first 16 bytes of each: manifests of versions that are here in whole, then the objects
 *   that are here of versions under way, without their manifests (a reader that looks for manifests alone misses nothing it knows of) */
#ifndef QANAT_NODE_BUNDLE_INVENTORY_H
#define QANAT_NODE_BUNDLE_INVENTORY_H

#include "node/bundle/bundle.h"
#include "node/store/course/course.h"
#include "node/store/course/subscription.h"

enum { INVENTORY_VERSION = 1, INVENTORY_SIZE_MAX = 1024 * 1024, INVENTORY_HELD_MAX = 32768 };

struct inventory {
    struct subscription *wishes; /* owned */
    size_t wish_count;
    struct id *held; /* owned, sorted: the first half of the hashes */
    size_t held_count;
};

/* What this node would say; at most INVENTORY_HELD_MAX versions and objects. Its wishes are its subscriptions, and the courses that nodes below asked it for,
 * as far as there is room for both; publishers of those are named as in `roster` (NULL: of any). */
enum status inventory_collect(struct db *db, const struct roster *roster, struct buffer *out);

/* S_INVALID, S_TOO_LARGE: nothing to release. */
enum status inventory_decode(struct bytes in, struct inventory *out);
void inventory_release(struct inventory *inventory);

/* A version by its manifest, or an object of a version under way. */
bool inventory_holds(const struct inventory *inventory, const struct hash *hash);

/* Do its subscriptions mean this version? `publisher`: its name in the roster, or "". */
bool inventory_wishes(const struct inventory *inventory, const struct course_row *row, const char *publisher);

/* What a node said, and when by its clock: 1970 where a machine has no battery, years ahead where somebody set it wrong. */
struct inventory_said {
    uint64_t at_ms, now_ms; /* the latter by the clock here */
    bool is_newer;          /* known by something else than clocks: it came with what its maker wrote since */
    struct bytes body;
};

/* Keeps what `node` said last. Clocks inform and do not decide: what was said by one before BUNDLE_CLOCK_MIN_MS, or after one that is ahead of ours,
 * takes the place of what is there. Should it be older all the same, the next bundle puts it right. A job. */
enum status inventory_put(struct db *db, const struct id *node, const struct inventory_said *said);

/* False when it never said anything that can be read. */
bool inventory_get(struct db *db, const struct id *node, struct inventory *out);

#endif
