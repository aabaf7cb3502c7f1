/* content.h: what the link needs of course content: a seam, filled in by the course side, so that neither
 * room knows the other.
 *
 * `read` is asked on the loop thread with a read connection; the others run on the writer thread inside a
 * job. */
#ifndef QANAT_NODE_LINK_CONTENT_H
#define QANAT_NODE_LINK_CONTENT_H

#include "node/store/db.h"
#include "node/store/view.h"

struct link_content {
    struct store_objects read;
    void *ctx;

    /* Stores one whole, verified object; durable with the transaction. */
    enum status (*put)(void *ctx, struct db *db, const struct hash *object, struct bytes data);

    /* The same object is verified, and will be put: what can be written before may be; true when a process that is killed then finds it
     * again. On a thread of its own. NULL: nothing. */
    bool (*place)(void *ctx, const struct hash *object, struct bytes data);

    /* A peer asked for an object that we lack: one below us, or one that may ask (is_offered). */
    enum status (*demand)(void *ctx, struct db *db, const struct hash *object);

    /* Was the object published by a node below this one? On the loop thread, like `read`. */
    bool (*is_offered)(void *ctx, struct db *db, const struct roster *roster, const struct hash *object);

    /* A stream of another writer moved: what is published, and so what is wanted, may have changed. */
    enum status (*refresh)(void *ctx, struct db *db, const struct stream_id *stream);
};

#endif
