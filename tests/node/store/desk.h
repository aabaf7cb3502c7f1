/* desk.h: a store in a scratch directory, with an identity and anchors of its own, for the tests of the
 * store's nouns. */
#ifndef QANAT_TESTS_NODE_STORE_DESK_H
#define QANAT_TESTS_NODE_STORE_DESK_H

#include <sqlite3.h>

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

enum { DESK_COLUMN_MAX = 512 };

/* The bytes of one column of the cell at `dot`, and putting others there; false when another cell has that key. On the writer thread: no
 * asserts. */
int desk_column_get(sqlite3 *handle, const char *column, int64_t dot, uint8_t out[DESK_COLUMN_MAX]);
bool desk_column_put(sqlite3 *handle, const char *column, int64_t dot, const uint8_t *data, int size);

#endif
