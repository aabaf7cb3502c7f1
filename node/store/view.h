/* view.h: the core's window (replication/peer/view.h) over one read transaction.
 *
 * Streams, staging and receipts are read here; objects belong to the rooms above, which give their functions
 * as a struct store_objects. */
#ifndef QANAT_NODE_STORE_VIEW_H
#define QANAT_NODE_STORE_VIEW_H

#include "node/store/store.h"
#include "replication/peer/view.h"

/* An object as a part of a larger content. */
struct content_piece {
    struct hash object;
    uint64_t start;
    uint32_t size;
};

/* A content and parts of it that are missing here, in their order. */
struct content_place {
    struct hash content;
    uint64_t total; /* its size */
    struct content_piece *pieces; /* the caller's, room for `max` */
    size_t max, count;
};

/* Where objects are found and what is wanted: as the functions of the same names in struct view_ops, with the
 * connection of the view. */
struct store_objects {
    void *ctx;
    bool (*find)(void *ctx, struct db *db, const struct hash *object, uint64_t *size_out);
    size_t (*read)(void *ctx, struct db *db, const struct hash *object, uint64_t offset, uint8_t *out,
                   size_t size);
    size_t (*wanted)(void *ctx, struct db *db, size_t skip, size_t max, struct wanted *wanted_out);
    size_t (*bases)(void *ctx, struct db *db, const struct hash *object, size_t max,
                    struct hash *bases_out); /* NULL: none are known */

    /* The content in which a wanted object lies, and from the object on those next to each other that are missing too;
     * with `is_from_start` all that are missing in it. False when it is no missing part of any: then it is a content
     * by itself. NULL: all are. */
    bool (*place)(void *ctx, struct db *db, const struct hash *object, bool is_from_start,
                  struct content_place *place);
};

/* One step's window; lives on the caller's stack. */
struct store_view {
    struct view view; /* what peer_step() is given */
    struct store *store;
    struct db *db; /* NULL: nothing was asked yet */
    uint64_t generation;
    const struct store_objects *objects; /* NULL: none are held and none wanted */
    bool (*is_elsewhere)(void *arg, struct db *db, const struct wanted *wanted); /* NULL: never; set after store_view_begin() */
    size_t (*coming)(void *arg, size_t max, struct hash *objects_out); /* NULL: nothing; likewise */
    void *elsewhere_arg; /* for both */
};

/* Opens a read transaction, at the first question. Everything given is borrowed until store_view_end(). */
void store_view_begin(struct store_view *view, struct store *store, const struct roster *roster,
                      const struct store_objects *objects);

/* S_OK, or what went wrong while reading: then the answers of this step were not to be trusted. */
enum status store_view_end(struct store_view *view);

#endif
