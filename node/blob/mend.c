/* A whole blob whose file is damaged or gone: what is still good of it is kept, the rest can be fetched again. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/store/course/blob.h"
#include "replication/base/check.h"

/* True when the bytes of `chunk` are in the file. */
static bool chunk_is_sound(int fd, const struct chunk_row *chunk, uint8_t *block)
{
    if (file_read_at(fd, block, chunk->size, chunk->start) != chunk->size) {
        return false;
    }
    struct hash found = hash_of(bytes_of(NULL, 0), bytes_of(block, chunk->size));
    return hash_equal(&found, &chunk->hash);
}

enum status blob_chunks_check(struct db *db, int64_t id, int fd, size_t *sound_out, size_t *count_out)
{
    struct chunk_row chunk = {.number = -1};
    uint8_t *block = malloc(CHUNK_SIZE_MAX);
    enum status status = S_OK;

    CHECK(block);
    *sound_out = *count_out = 0;
    while (status == S_OK && chunk_row_next(db, id, chunk.number, &chunk)) {
        bool is_sound = fd >= 0 && chunk.size <= CHUNK_SIZE_MAX && chunk_is_sound(fd, &chunk, block);
        *sound_out += is_sound;
        ++*count_out;
        status = blob_row_set_chunk_held(db, id, chunk.number, is_sound);
    }
    free(block);
    return status == S_OK ? db_status(db) : status;
}

enum status blob_mend(struct blobs *blobs, struct db *db, int64_t id)
{
    char whole[BLOB_NAME_MAX], part[BLOB_NAME_MAX];
    struct blob_row row;
    size_t sound, count;

    if (!blob_row_get(db, id, &row) || !row.is_whole) {
        return db_status(db);
    }
    blob_name(&row.hash, false, whole);
    blob_name(&row.hash, true, part);
    int fd = openat(blobs->blobs_fd, whole, O_RDWR | O_CLOEXEC);
    enum status status = blob_chunks_check(db, id, fd, &sound, &count);
    if (fd >= 0 && sound) {
        (void)!ftruncate(fd, (off_t)row.size); /* when it fails the hash of the whole will tell */
    }
    if (fd >= 0) {
        close(fd);
    }
    if (status == S_OK && sound == count) { /* no chunks, or the damage is in none of them */
        status = blob_row_set_all_held(db, id, false);
        sound = 0;
    }
    if (sound) {
        (void)renameat(blobs->blobs_fd, whole, blobs->blobs_fd, part);
    } else {
        unlinkat(blobs->blobs_fd, whole, 0);
    }
    return status == S_OK ? blob_row_set_whole(db, id, false) : status;
}
