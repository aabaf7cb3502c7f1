/* A new version of a film shares nearly all of its chunks with the one before, and they are here. They are copied beside the fetching of the rest, a few
 * MiB to a job: what is wanted is known before, and nobody waits for gigabytes in one transaction.
 *
 * Nothing of it is written down. A chunk that is missing, lies elsewhere and is not wanted is due, and each renewal of the wants, the first one of a process
 * too, notes it anew (blobs_copy_note()). */
#include "node/blob/copy.h"

#include <stdlib.h>

#include "node/blob/folder.h"
#include "replication/base/check.h"

static bool lies_here(struct blobs *blobs, struct db *db, const struct chunk_row *chunk)
{
    uint64_t size;

    return chunk->size <= CHUNK_SIZE_MAX && blob_find(blobs, db, &chunk->hash, &size) && size == chunk->size;
}

enum status copy_read(struct blobs *blobs, struct db *db, const struct chunk_row *chunk, uint8_t *data)
{
    if (!lies_here(blobs, db, chunk)) {
        return S_NOT_FOUND;
    }
    if (blob_read(blobs, db, &chunk->hash, 0, data, chunk->size) != chunk->size) {
        return S_CORRUPT;
    }
    struct hash found = hash_of(bytes_of(NULL, 0), bytes_of(data, chunk->size));
    return hash_equal(&found, &chunk->hash) ? S_OK : S_CORRUPT;
}

void blobs_copy_later(struct blobs *blobs)
{
    blobs->copying.is_later = true;
}

static void copy_from(struct blobs *blobs, int64_t blob, int64_t number)
{
    struct copying *copying = &blobs->copying;
    bool is_before = blob < copying->blob || (blob == copying->blob && number < copying->number);

    if (!atomic_load(&copying->is_due) || is_before) {
        copying->blob = blob;
        copying->number = number;
    }
    atomic_store(&copying->is_due, true);
}

bool blobs_copy_note(struct blobs *blobs, struct db *db, const struct chunk_row *chunk)
{
    CHECK(!chunk->is_held);
    if (!blobs->copying.is_later || !lies_here(blobs, db, chunk)) {
        return false;
    }
    copy_from(blobs, chunk->blob, chunk->number - 1);
    return true;
}

void blobs_copy_again(struct blobs *blobs)
{
    copy_from(blobs, 0, -1);
}

bool blobs_copy_is_due(const struct blobs *blobs)
{
    return atomic_load(&blobs->copying.is_due);
}

/* One step on from `at`: to the next chunk, or into the next blob that is not whole; false at the end of all. *is_missing_out: a chunk that is missing. */
static bool step(struct db *db, struct chunk_row *at, bool *is_missing_out)
{
    struct blob_row blob;

    if (chunk_row_next(db, at->blob, at->number, at)) {
        *is_missing_out = !at->is_held;
        return true;
    }
    *is_missing_out = false;
    if (!blob_row_next_unfinished(db, at->blob, &blob)) {
        return false;
    }
    at->blob = blob.id;
    at->number = -1;
    return true;
}

/* Room for one chunk, and how much went through it. */
struct passage {
    uint8_t *data;
    size_t size;
};

static enum status copy_one(struct blobs *blobs, struct db *db, const struct chunk_row *chunk, const struct blob_copier *copier, struct passage *passage)
{
    enum status status = copy_read(blobs, db, chunk, passage->data);

    passage->size += status == S_NOT_FOUND ? 0 : chunk->size;
    if (status == S_CORRUPT) {
        return copier->refused(copier->ctx, db, &chunk->hash, chunk->size);
    }
    return status == S_OK ? copier->put(copier->ctx, db, &chunk->hash, bytes_of(passage->data, chunk->size)) : S_OK; /* nowhere else: it is fetched */
}

enum status blobs_copy(struct blobs *blobs, struct db *db, const struct blob_copier *copier)
{
    struct copying *copying = &blobs->copying;
    struct chunk_row at = {.blob = copying->blob, .number = copying->number};
    enum status status = S_OK;
    bool has_more = true, is_missing;
    struct passage passage = {.data = malloc(CHUNK_SIZE_MAX)};

    CHECK(passage.data);
    for (size_t looks = 0; status == S_OK && looks < COPY_LOOKS_MAX && passage.size < COPY_SIZE_MAX && has_more; looks++) {
        has_more = step(db, &at, &is_missing);
        if (has_more && is_missing) {
            status = copy_one(blobs, db, &at, copier, &passage);
        }
    }
    free(passage.data);
    if (status == S_OK) {
        copying->blob = at.blob;
        copying->number = at.number;
        atomic_store(&copying->is_due, has_more);
    }
    return status == S_OK ? db_status(db) : status;
}
