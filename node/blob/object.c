/* Objects that come from peers, one at a time, on the writer thread. Files are written and named at once, and
 * synced together just before the transaction that says so in their rows is committed (unsynced.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/aside.h"
#include "node/blob/copy.h"
#include "node/blob/folder.h"
#include "node/incident.h"
#include "node/log.h"
#include "node/store/course/blob.h"
#include "replication/base/check.h"

/* The .part file; *is_named_out: its name is new. When a blob was completed but its row was not committed, the
 * file under the whole name becomes the part again. */
static int open_part(struct blobs *blobs, const struct hash *hash, bool *is_named_out)
{
    char part[BLOB_NAME_MAX], whole[BLOB_NAME_MAX];

    blob_name(hash, true, part);
    blob_name(hash, false, whole);
    int fd = openat(blobs->blobs_fd, part, O_RDWR | O_CLOEXEC);
    *is_named_out = fd < 0;
    if (fd >= 0) {
        return fd;
    }
    if (folder_make(blobs, hash) != S_OK) {
        return -1;
    }
    (void)renameat(blobs->blobs_fd, whole, blobs->blobs_fd, part);
    return openat(blobs->blobs_fd, part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/* The file of a small blob that was placed already; else -1. */
static int open_placed(struct blobs *blobs, const struct hash *hash, size_t size)
{
    const struct chunk_row all = {.hash = *hash, .size = (uint32_t)size};
    char name[BLOB_NAME_MAX];

    blob_name(hash, false, name);
    int fd = openat(blobs->blobs_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && !placed_has(&blobs->placed, &all, fd)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* A whole small blob. */
static enum status store_whole(struct blobs *blobs, struct db *db, const struct hash *hash, struct bytes data)
{
    int fd = open_placed(blobs, hash, data.size);

    if (fd < 0) {
        enum status status = folder_make(blobs, hash);
        fd = status == S_OK ? folder_put(blobs, hash, data, true) : -1;
        if (fd < 0) {
            return status == S_OK ? blob_errno_status() : status;
        }
    }
    unsynced_note(blobs, db, hash, fd, true);
    return S_OK;
}

/* Was the name of the .part file made durable with an earlier chunk of it? The first one stands for all. */
static bool has_durable_name(struct db *db, const struct blob_row *blob)
{
    struct chunk_row first;

    return chunk_row_next(db, blob->id, -1, &first) && first.is_held;
}

/* Where the run of chunks ends that are there, `chunk` and those behind it: what comes is not in order, and a gap is filled at some time. */
static uint64_t held_end(struct db *db, const struct chunk_row *chunk)
{
    struct chunk_row next = *chunk;
    uint64_t end;

    do {
        end = next.start + next.size;
    } while (chunk_row_next(db, chunk->blob, next.number, &next) && next.is_held);
    return end;
}

/* Writes a chunk at its place in the .part file. */
static enum status store_chunk(struct blobs *blobs, struct db *db, const struct blob_row *blob,
                               const struct chunk_row *chunk, struct bytes data)
{
    bool is_named;
    int fd = open_part(blobs, &blob->hash, &is_named);
    enum status status;

    if (fd < 0) {
        return blob_errno_status();
    }
    status = placed_has(&blobs->placed, chunk, fd) ? S_OK : file_write_at(fd, data, chunk->start);
    if (status != S_OK) {
        close(fd);
        return status;
    }
    unsynced_note(blobs, db, &blob->hash, fd, is_named || !has_durable_name(db, blob));
    if (blobs->aside && aside_end(blobs->aside, &blob->hash) == chunk->start) {
        aside_grow(blobs->aside, &blob->hash, held_end(db, chunk));
    }
    return S_OK;
}

/* The chunks do not make up the member: whoever wrote the manifest erred or lied. The blob starts anew, and
 * is told as refused. */
static enum status refuse_blob(struct blobs *blobs, struct db *db, const struct blob_row *blob,
                               struct buffer *completed)
{
    char part[BLOB_NAME_MAX], hex[HASH_HEX_SIZE];
    int64_t refused = -blob->id;

    hash_hex(&blob->hash, hex);
    incident_add(INCIDENT_CONTENTS, 1);
    log_event(LOG_WARNING, "member_refused", "member=%s reason=\"its chunks do not make up the member\"",
              hex);
    blob_name(&blob->hash, true, part);
    unlinkat(blobs->blobs_fd, part, 0);
    buffer_append(completed, &refused, sizeof refused);
    return blob_row_set_all_held(db, blob->id, false);
}

/* The file is not what its name says: what the disk lost of it is missing again, and the blob told as completed while it is not whole. Only where every
 * chunk is what it should be did the publisher err. */
static enum status doubt_blob(struct blobs *blobs, struct db *db, const struct blob_row *blob, struct buffer *completed)
{
    char hex[HASH_HEX_SIZE];
    size_t sound, count;
    int fd = blob_open_complete(blobs, &blob->hash);
    enum status status = blob_chunks_check(db, blob->id, fd, &sound, &count);

    if (fd >= 0) {
        close(fd);
    }
    if (status != S_OK || sound == count) {
        return status == S_OK ? refuse_blob(blobs, db, blob, completed) : status;
    }
    hash_hex(&blob->hash, hex);
    incident_add(INCIDENT_REFETCHES, 1);
    log_event(LOG_WARNING, "member_damaged", "member=%s chunks=%zu next=fetch", hex, count - sound);
    buffer_append(completed, &blob->id, sizeof blob->id);
    return S_OK;
}

/* The file of a blob with all its chunks gets its name. */
static enum status name_blob(struct blobs *blobs, struct db *db, const struct blob_row *blob, struct buffer *completed)
{
    char part[BLOB_NAME_MAX], name[BLOB_NAME_MAX];
    bool is_named;
    int fd = open_part(blobs, &blob->hash, &is_named);
    enum status status = fd >= 0 ? S_OK : blob_errno_status();

    blob_name(&blob->hash, true, part);
    blob_name(&blob->hash, false, name);
    if (status == S_OK && renameat(blobs->blobs_fd, part, blobs->blobs_fd, name) != 0) {
        status = blob_errno_status();
    }
    if (status != S_OK) {
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    unsynced_note(blobs, db, &blob->hash, fd, true);
    status = blob_row_set_whole(db, blob->id, true);
    buffer_append(completed, &blob->id, sizeof blob->id);
    return status;
}

enum status blob_decide(struct blobs *blobs, struct db *db, const struct blob_row *blob, enum status found,
                        struct buffer *completed)
{
    struct blob_row row;
    bool is_due = blob_row_find(db, &blob->hash, &row) && !row.is_whole && !blob_row_lacks_chunk(db, row.id);

    if (!is_due) {
        return db_status(db);
    }
    if (found == S_CORRUPT) {
        return doubt_blob(blobs, db, &row, completed);
    }
    return found == S_OK ? name_blob(blobs, db, &row, completed) : found;
}

int blob_open_complete(struct blobs *blobs, const struct hash *hash)
{
    char name[BLOB_NAME_MAX];

    blob_name(hash, true, name);
    int fd = openat(blobs->blobs_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) { /* named, and not committed */
        blob_name(hash, false, name);
        fd = openat(blobs->blobs_fd, name, O_RDONLY | O_CLOEXEC);
    }
    return fd;
}

/* The last chunk is there: the whole is checked, aside or at once. */
static enum status complete_blob(struct blobs *blobs, struct db *db, const struct blob_row *blob,
                                 struct buffer *completed)
{
    if (blobs->aside && aside_add(blobs->aside, blob)) {
        return S_OK;
    }
    bool is_named;
    int fd = open_part(blobs, &blob->hash, &is_named);
    enum status found = fd >= 0 ? blob_verify_file(fd, &blob->hash, blob->size) : blob_errno_status();
    if (fd >= 0) {
        close(fd);
    }
    return blob_decide(blobs, db, blob, found, completed);
}

enum status blobs_take_up(struct blobs *blobs, struct db *db)
{
    struct blob_row row = {.id = 0};

    if (!blobs->aside || !aside_has_left(blobs->aside)) {
        return S_OK;
    }
    while (blob_row_next_complete(db, row.id, &row)) {
        if (!aside_add(blobs->aside, &row)) {
            aside_leave(blobs->aside);
            break;
        }
    }
    return db_status(db);
}

void blobs_check_aside(struct blobs *blobs, blob_completed *completed, void *ctx)
{
    CHECK(!blobs->aside);
    blobs->aside = aside_start(blobs, completed, ctx);
}

void blobs_check_stop(struct blobs *blobs)
{
    if (blobs->aside) {
        aside_stop(blobs->aside);
    }
}

bool blobs_are_checked(struct blobs *blobs)
{
    return !blobs->aside || aside_is_settled(blobs->aside);
}

/* Puts `data` where a chunk is missing. */
static enum status fill_chunk(struct blobs *blobs, struct db *db, const struct chunk_row *chunk,
                              struct bytes data, struct buffer *completed)
{
    struct blob_row blob;
    enum status status;

    if (data.size != chunk->size || !blob_row_get(db, chunk->blob, &blob)) {
        return S_CORRUPT;
    }
    status = store_chunk(blobs, db, &blob, chunk, data);
    if (status == S_OK) {
        status = blob_row_set_chunk_held(db, chunk->blob, chunk->number, true);
    }
    if (status == S_OK && !blob_row_lacks_chunk(db, chunk->blob)) {
        status = complete_blob(blobs, db, &blob, completed);
    }
    return status;
}

/* Was the last one refused, or found damaged? */
static bool is_missing_again(struct db *db, const struct buffer *completed)
{
    struct blob_row row;
    int64_t last;

    memcpy(&last, completed->data + completed->size - sizeof last, sizeof last);
    return last < 0 || !blob_row_get(db, last, &row) || !row.is_whole;
}

static enum status put_object(struct blobs *blobs, struct db *db, const struct hash *object, struct bytes data,
                              struct buffer *completed)
{
    struct blob_row row;
    struct chunk_row chunk;
    bool is_chunk = false, has_row = blob_row_find(db, object, &row);
    enum status status = S_OK;

    CHECK(data.size <= MEMBER_WHOLE_MAX);
    while (status == S_OK && chunk_row_find_missing(db, object, &chunk)) {
        size_t before = completed->size;

        status = fill_chunk(blobs, db, &chunk, data, completed);
        is_chunk = true;
        if (completed->size > before && is_missing_again(db, completed)) {
            break; /* it is missing again, and would be put again */
        }
    }
    if (status != S_OK || (has_row && row.is_whole) || (is_chunk && !has_row)) {
        return status;
    }
    status = store_whole(blobs, db, object, data);
    if (status == S_OK && !has_row) {
        status = blob_row_insert(db, object, data.size, true, &row.id);
    } else if (status == S_OK) {
        status = row.size == data.size ? blob_row_set_whole(db, row.id, true) : S_CORRUPT;
        buffer_append(completed, &row.id, sizeof row.id);
    }
    return status;
}

enum status blob_put(struct blobs *blobs, struct db *db, const struct hash *object, struct bytes data,
                     struct buffer *completed)
{
    enum status status = put_object(blobs, db, object, data, completed);

    placed_forget(&blobs->placed, object);
    return status;
}

/* Copies the chunk from another blob that has it, if one has. */
static enum status copy_chunk(struct blobs *blobs, struct db *db, const struct chunk_row *chunk,
                              struct buffer *completed)
{
    uint8_t *data = malloc(CHUNK_SIZE_MAX);

    CHECK(data);
    enum status status = copy_read(blobs, db, chunk, data) == S_OK
                             ? fill_chunk(blobs, db, chunk, bytes_of(data, chunk->size), completed)
                             : S_OK; /* it is fetched */
    free(data);
    return status;
}

static enum status copy_chunks(struct blobs *blobs, struct db *db, int64_t id)
{
    struct buffer completed;
    struct chunk_row chunk = {.number = -1};
    enum status status = S_OK;

    buffer_init(&completed);
    while (status == S_OK && completed.size == 0 && chunk_row_next(db, id, chunk.number, &chunk)) {
        if (!chunk.is_held) {
            status = copy_chunk(blobs, db, &chunk, &completed);
        }
    }
    buffer_release(&completed);
    return status;
}

enum status blob_expect(struct blobs *blobs, struct db *db, const struct member *member, int64_t *id_out,
                        bool *is_whole_out)
{
    struct blob_row row;
    enum status status = S_OK;

    if (!blob_row_find(db, &member->hash, &row)) {
        row.is_whole = false;
        status = blob_row_insert(db, &member->hash, member->size, false, &row.id);
        if (status == S_OK) {
            status = stray_row_delete(db, &member->hash);
        }
        if (status == S_OK) {
            status = blob_row_insert_chunks(db, row.id, member->chunks, member->chunk_count, false);
        }
        if (status == S_OK && member->chunk_count > 0 && !blobs->copying.is_later) {
            status = copy_chunks(blobs, db, row.id);
        }
        if (status == S_OK && member->chunk_count > 0) {
            status = blob_row_get(db, row.id, &row) ? S_OK : S_CORRUPT;
        }
    }
    *id_out = row.id;
    *is_whole_out = row.is_whole;
    return status;
}

enum status blob_drop(struct db *db, int64_t id)
{
    struct blob_row row;
    enum status status;

    if (!blob_row_get(db, id, &row)) {
        return S_OK;
    }
    status = blob_row_delete(db, id);
    return status == S_OK ? stray_row_insert(db, &row.hash) : status;
}

/* The files of one stray that no row names any more. */
static enum status stray_sweep(struct blobs *blobs, struct db *db, const struct hash *hash)
{
    struct blob_row row;
    char name[BLOB_NAME_MAX];

    bool is_named = blob_row_find(db, hash, &row);
    if (db_status(db) != S_OK) {
        return db_status(db); /* not known: nothing is deleted */
    }
    if (!is_named) {
        blob_name(hash, false, name);
        unlinkat(blobs->blobs_fd, name, 0);
        blob_name(hash, true, name);
        unlinkat(blobs->blobs_fd, name, 0);
    }
    return stray_row_delete(db, hash);
}

/* A file is gone at once, a transaction may be lost: only what was noted in an earlier, committed one is
 * swept. */
enum status blobs_sweep(struct db *db, void *arg)
{
    struct blobs *blobs = arg;
    struct hash hash, after;
    enum status status = S_OK;
    struct db *committed = store_read_begin(blobs->store);

    for (bool more = stray_row_next(committed, NULL, &hash); more && status == S_OK;
         more = stray_row_next(committed, &after, &hash)) {
        status = stray_sweep(blobs, db, &hash);
        after = hash;
    }
    status = status == S_OK ? db_status(committed) : status;
    store_read_end(blobs->store, committed);
    return status;
}
