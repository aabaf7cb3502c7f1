/* seen.h: which objects are in a bundle already: 16 bytes for each. For the files of this room only. */
#ifndef QANAT_NODE_BUNDLE_SEEN_H
#define QANAT_NODE_BUNDLE_SEEN_H

#include "replication/base/bytes.h"

/* The first half of each hash, open addressing, zero is empty. Zeroed to start with. */
struct seen {
    struct id *slots;
    size_t count;
    size_t capacity; /* a power of two */
};

/* False when it was there already. */
bool seen_add(struct seen *seen, const struct hash *object);

/* Was it added before? */
bool seen_has(const struct seen *seen, const struct hash *object);
void seen_release(struct seen *seen);

#endif
