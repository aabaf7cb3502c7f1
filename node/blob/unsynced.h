/* unsynced.h: files that the open transaction wrote and that have to be durable before it is committed. For
 * the files of this room; writer thread only.
 *
 * A few files are synced one by one, with their folders; more by one syncfs(): a sync of the disk costs a
 * millisecond or ten whatever it carries, and a thousand small files would wait for a thousand. */
#ifndef QANAT_NODE_BLOB_UNSYNCED_H
#define QANAT_NODE_BLOB_UNSYNCED_H

#include <stdbool.h>
#include <stddef.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"
#include "replication/trust/identity.h"

struct blobs;
struct db;

enum { UNSYNCED_EACH_MAX = 4 }; /* more files than this are synced by one syncfs() */

struct unsynced {
    struct {
        struct hash hash;
        int fd;
        bool is_named; /* since its folder was synced last */
    } files[UNSYNCED_EACH_MAX];
    size_t count;
    bool is_many; /* more than can be listed: no descriptor is kept */
};

void unsynced_init(struct unsynced *unsynced);
void unsynced_release(struct unsynced *unsynced);

/* The file of `hash` was written through `fd`, which now belongs here: it is synced before the transaction of `db` is
 * committed, and so is its folder, unless the name of the file is as it was when an earlier one was. */
void unsynced_note(struct blobs *blobs, struct db *db, const struct hash *hash, int fd, bool is_named);

#endif
