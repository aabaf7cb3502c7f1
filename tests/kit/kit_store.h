/* kit_store.h: a scratch data directory with an open store, a node's identity and a federation of one, for
 * tests above the store. */
#ifndef QANAT_TESTS_KIT_KIT_STORE_H
#define QANAT_TESTS_KIT_KIT_STORE_H

#include "node/dir.h"
#include "node/store/store.h"

struct kit_store {
    char dir[256];
    struct store *store;
    struct identity identity;
    struct federation federation;
};

/* A new store; aborts when it cannot be had. */
void kit_store_open(struct kit_store *kit);

/* Closes and opens it again, as a restart does. */
void kit_store_reopen(struct kit_store *kit);
void kit_store_close(struct kit_store *kit);

#endif
