/* What a killed process had written and not committed.
 *
 * Objects from peers are written when their job runs, and named by a row when the transaction that holds many of them is committed. A process that is killed
 * between the two leaves bytes that the system still has (a kill takes nothing from its cache), or all of them, or after a power cut some. Nobody believes
 * them: each is read again and taken only when its hash is its name, and then it is put as if it had just come, so that it is written, synced and committed
 * like any other. Looked at is what is expected and not held: the file under the name of a small blob, and of a `.part` the places of the chunks that are
 * missing, as far as there is anything in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/log.h"
#include "node/store/course/blob.h"
#include "replication/base/check.h"

struct retaking {
    struct blobs *blobs;
    struct db *db;
    const struct blob_taker *taker;
    uint8_t *block; /* MEMBER_WHOLE_MAX */
    size_t count;
    uint64_t size; /* read so far */
};

/* Reads `size` bytes at `start`; true when their hash is `object`. */
static bool bytes_are_sound(struct retaking *retaking, int fd, uint64_t start, uint32_t size, const struct hash *object)
{
    if (file_read_at(fd, retaking->block, size, start) != size) {
        return false;
    }
    retaking->size += size;
    struct hash found = hash_of(bytes_of(NULL, 0), bytes_of(retaking->block, size));
    return hash_equal(&found, object);
}

static enum status take(struct retaking *retaking, const struct hash *object, uint32_t size)
{
    retaking->count++;
    return retaking->taker->put(retaking->taker->ctx, retaking->db, object, bytes_of(retaking->block, size));
}

/* Is there anything at `start`? *end_out: from there to the end of the file there is nothing. */
static bool is_written(int fd, uint64_t start, uint32_t size, bool *is_end_out)
{
    off_t data = lseek(fd, (off_t)start, SEEK_DATA);

    *is_end_out = data < 0 && errno == ENXIO;
    return data < 0 ? errno == EINVAL : (uint64_t)data < start + size; /* EINVAL: a file system that cannot say */
}

static enum status retake_chunks(struct retaking *retaking, const struct blob_row *blob, int fd)
{
    struct chunk_row chunk = {.number = -1};
    enum status status = S_OK;
    bool is_end = false;

    while (status == S_OK && !is_end && retaking->size < RETAKE_MAX && chunk_row_next(retaking->db, blob->id, chunk.number, &chunk)) {
        if (!chunk.is_held && chunk.size <= MEMBER_WHOLE_MAX && is_written(fd, chunk.start, chunk.size, &is_end) &&
            bytes_are_sound(retaking, fd, chunk.start, chunk.size, &chunk.hash)) {
            status = take(retaking, &chunk.hash, chunk.size);
        }
    }
    return status;
}

/* Opened for reading: when all of it was there, its name is that of the whole. */
static int open_either(struct blobs *blobs, const struct hash *hash)
{
    char name[BLOB_NAME_MAX];

    blob_name(hash, true, name);
    int fd = openat(blobs->blobs_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        blob_name(hash, false, name);
        fd = openat(blobs->blobs_fd, name, O_RDONLY | O_CLOEXEC);
    }
    return fd;
}

static enum status retake_one(struct retaking *retaking, const struct blob_row *blob)
{
    struct chunk_row first;
    enum status status = S_OK;
    int fd = open_either(retaking->blobs, &blob->hash);

    if (fd < 0) {
        return S_OK;
    }
    if (chunk_row_next(retaking->db, blob->id, -1, &first)) {
        status = retake_chunks(retaking, blob, fd);
    } else if (blob->size <= MEMBER_WHOLE_MAX && bytes_are_sound(retaking, fd, 0, (uint32_t)blob->size, &blob->hash)) {
        status = take(retaking, &blob->hash, (uint32_t)blob->size);
    }
    close(fd);
    return status;
}

enum status blobs_retake(struct blobs *blobs, struct db *db, const struct blob_taker *taker)
{
    struct retaking retaking = {.blobs = blobs, .db = db, .taker = taker, .block = malloc(MEMBER_WHOLE_MAX)};
    struct blob_row blob = {.id = 0};
    enum status status = S_OK;

    CHECK(retaking.block);
    (void)folder_make_all(blobs); /* a full disk: then what comes is left to the writer (placed.h) */
    while (status == S_OK && retaking.size < RETAKE_MAX && blob_row_next_unfinished(db, blob.id, &blob)) {
        status = retake_one(&retaking, &blob);
    }
    if (retaking.count > 0) {
        log_event(LOG_INFO, "objects_retaken", "objects=%zu bytes=%llu", retaking.count, (unsigned long long)retaking.size);
    }
    free(retaking.block);
    return status == S_OK ? db_status(db) : status;
}
