/* desk.h: a store in a scratch directory, with an identity and anchors of its own, for the tests of the
 * store's nouns. */
#ifndef QANAT_TESTS_NODE_STORE_DESK_H
#define QANAT_TESTS_NODE_STORE_DESK_H

#include "node/store/store.h"

struct desk {
    char dir[256];
    char anchors[256];
    struct identity identity;
    struct id federation;
    struct store *store;
};

/* A new store, open. */
struct desk *desk_open(void);

/* Closes and removes everything. */
void desk_close(struct desk *desk);

/* Closes the store only, and opens it again. */
void desk_shut(struct desk *desk);
void desk_reopen(struct desk *desk);

#endif
