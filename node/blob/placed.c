#include "node/blob/placed.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/blob/folder.h"

void placed_init(struct placed *placed)
{
    pthread_mutex_init(&placed->lock, NULL);
    placed->next = 0;
    for (size_t i = 0; i < PLACED_MAX; i++) {
        placed->items[i].fd = -1;
    }
}

void placed_release(struct placed *placed)
{
    for (size_t i = 0; i < PLACED_MAX; i++) {
        if (placed->items[i].fd >= 0) {
            close(placed->items[i].fd);
        }
    }
    pthread_mutex_destroy(&placed->lock);
}

void placed_note(struct placed *placed, const struct chunk_row *chunk, int fd)
{
    pthread_mutex_lock(&placed->lock);
    size_t at = placed->next;
    int oldest = placed->items[at].fd;
    placed->items[at].chunk = chunk->hash;
    placed->items[at].start = chunk->start;
    placed->items[at].size = chunk->size;
    placed->items[at].fd = fd;
    placed->next = (at + 1) % PLACED_MAX;
    pthread_mutex_unlock(&placed->lock);
    if (oldest >= 0) {
        close(oldest);
    }
}

static bool is_same_file(int a, int b)
{
    struct stat one, other;

    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

bool placed_has(struct placed *placed, const struct chunk_row *chunk, int fd)
{
    bool is_placed = false;

    pthread_mutex_lock(&placed->lock);
    for (size_t i = 0; i < PLACED_MAX && !is_placed; i++) {
        is_placed = placed->items[i].fd >= 0 && placed->items[i].start == chunk->start &&
                    placed->items[i].size == chunk->size &&
                    hash_equal(&placed->items[i].chunk, &chunk->hash) &&
                    is_same_file(placed->items[i].fd, fd);
    }
    pthread_mutex_unlock(&placed->lock);
    return is_placed;
}

void placed_forget(struct placed *placed, const struct hash *chunk)
{
    pthread_mutex_lock(&placed->lock);
    for (size_t i = 0; i < PLACED_MAX; i++) {
        if (placed->items[i].fd >= 0 && hash_equal(&placed->items[i].chunk, chunk)) {
            close(placed->items[i].fd);
            placed->items[i].fd = -1;
        }
    }
    pthread_mutex_unlock(&placed->lock);
}

/* A .part file that is there, or none of whose chunks is: else its name is the affair of the writer. The
 * folder is there, too. */
static int open_standing(const struct blobs *blobs, const struct blob_row *blob, bool is_new)
{
    char part[BLOB_NAME_MAX], whole[BLOB_NAME_MAX];

    blob_name(&blob->hash, true, part);
    blob_name(&blob->hash, false, whole);
    bool may_make = is_new && faccessat(blobs->blobs_fd, whole, F_OK, 0) != 0;
    return openat(blobs->blobs_fd, part, may_make ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDWR | O_CLOEXEC, 0600);
}

/* Where the chunk is missing; false: nowhere that is known to be sure. */
static bool place_chunk(struct blobs *blobs, const struct blob_row *blob, const struct chunk_row *chunk, bool is_new, struct bytes data)
{
    int fd = open_standing(blobs, blob, is_new);

    if (fd < 0) {
        return false;
    }
    if (file_write_at(fd, data, chunk->start) != S_OK) {
        close(fd);
        return false;
    }
    (void)sync_file_range(fd, (off_t)chunk->start, chunk->size, SYNC_FILE_RANGE_WRITE); /* a hint */
    placed_note(&blobs->placed, chunk, fd);
    return true;
}

/* A small blob under its name, where its row waits for it. What lies there since the look at the row may be durable: it is left alone. */
static bool place_whole(struct blobs *blobs, const struct hash *object, struct bytes data)
{
    const struct chunk_row all = {.hash = *object, .size = (uint32_t)data.size};
    int fd = folder_put(blobs, object, data, false);

    if (fd < 0) {
        return false;
    }
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* a hint */
    placed_note(&blobs->placed, &all, fd);
    return true;
}

bool blob_place(struct blobs *blobs, const struct hash *object, struct bytes data)
{
    struct chunk_row chunk, first;
    struct blob_row blob;
    struct db *db = store_read_begin(blobs->store);
    bool is_chunk = chunk_row_find_missing(db, object, &chunk) && chunk.size == data.size &&
                    blob_row_get(db, chunk.blob, &blob) && chunk_row_next(db, chunk.blob, -1, &first);
    bool is_whole = !is_chunk && blob_row_find(db, object, &blob) && !blob.is_whole && blob.size == data.size &&
                    !chunk_row_next(db, blob.id, -1, &first);
    bool is_sure = db_status(db) == S_OK;

    store_read_end(blobs->store, db);
    if (is_sure && is_chunk) {
        return place_chunk(blobs, &blob, &chunk, !first.is_held, data);
    }
    return is_sure && is_whole && place_whole(blobs, object, data);
}
