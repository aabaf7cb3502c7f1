/* attempts.h: what the files of this folder share. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_ATTEMPTS_H
#define QANAT_NODE_LEARN_ATTEMPT_ATTEMPTS_H

#include "node/blob/blob.h"
#include "node/dir.h"
#include "node/lrs/lrs.h"
#include "node/store/store.h"

/* Borrowed for the node's life. */
struct attempts {
    struct store *store;
    struct blobs *blobs;
    const struct federation *federation;
    const struct lrs *lrs; /* NULL: nothing speaks xAPI */
};

#endif
