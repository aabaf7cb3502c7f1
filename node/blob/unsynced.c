#include "node/blob/unsynced.h"

#include <fcntl.h>
#include <unistd.h>

#include "node/blob/folder.h"

void unsynced_init(struct unsynced *unsynced)
{
    unsynced->count = 0;
    unsynced->is_many = false;
}

void unsynced_release(struct unsynced *unsynced)
{
    for (size_t i = 0; i < unsynced->count; i++) {
        close(unsynced->files[i].fd);
    }
    unsynced_init(unsynced);
}

static enum status sync_each(struct blobs *blobs, const struct unsynced *unsynced)
{
    enum status status = S_OK;

    for (size_t i = 0; i < unsynced->count && status == S_OK; i++) {
        status = fdatasync(unsynced->files[i].fd) == 0 ? S_OK : blob_errno_status();
        if (status == S_OK && unsynced->files[i].is_named) {
            status = folder_sync(blobs, &unsynced->files[i].hash);
        }
    }
    return status;
}

/* Runs before the commit. What failed is forgotten: its rows are rolled back, and it will be written anew. */
static enum status settle(struct db *db, void *arg)
{
    struct blobs *blobs = arg;
    struct unsynced *unsynced = &blobs->unsynced;
    enum status status = unsynced->is_many ? folder_sync_all(blobs) : sync_each(blobs, unsynced);

    (void)db;
    unsynced_release(unsynced);
    return status;
}

void unsynced_note(struct blobs *blobs, struct db *db, const struct hash *hash, int fd, bool is_named)
{
    struct unsynced *unsynced = &blobs->unsynced;

    store_before_commit(db, settle, blobs);
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* the disk may begin: a hint, not a promise */
    for (size_t i = 0; i < unsynced->count; i++) {
        if (hash_equal(&unsynced->files[i].hash,
                       hash)) { /* once more, or in place of a file that was removed */
            close(unsynced->files[i].fd);
            unsynced->files[i].fd = fd;
            unsynced->files[i].is_named |= is_named;
            return;
        }
    }
    if (unsynced->count == UNSYNCED_EACH_MAX || unsynced->is_many) {
        close(fd);
        unsynced_release(unsynced);
        unsynced->is_many = true;
        return;
    }
    unsynced->files[unsynced->count].hash = *hash;
    unsynced->files[unsynced->count].is_named = is_named;
    unsynced->files[unsynced->count++].fd = fd;
}
