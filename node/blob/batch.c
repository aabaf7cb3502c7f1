/* Importing: members are written as temporary files, synced in one pass, then moved to their places; rows
 * come last (blob.h).
 *
 * Before anything is moved, the names are noted as strays in a commit of their own: whatever happens then,
 * the sweep finds what has no row. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/store/course/blob.h"
#include "replication/base/check.h"
#include "replication/package/chunker.h"

enum { BATCH_SYNC_EACH_MAX = 8 }; /* more files than this are synced by one syncfs() */

/* One finished blob. */
struct batch_blob {
    uint64_t number; /* of its temporary file */
    struct hash hash;
    uint64_t size;
    struct chunk *chunks; /* owned; NULL for a small one */
    size_t chunk_count;
    bool is_held; /* was there before: the temporary file is not needed */
    bool is_moved;
};

struct blob_batch {
    struct blobs *blobs;
    struct buffer list; /* struct batch_blob */
    size_t new_count;   /* of those that are not held */
    size_t moved_count;
    bool has_rows;
};

struct blob_writer {
    struct blob_batch *batch;
    int fd;
    uint64_t number;
    uint64_t size;
    struct write_behind behind;
    enum status status;
    bool is_finished;
    crypto_generichash_state state;
    struct buffer pending; /* not yet written: a whole small blob, or what the next chunk is cut from */
    struct buffer chunks;  /* struct chunk */
};

static size_t batch_count(const struct blob_batch *batch)
{
    return batch->list.size / sizeof(struct batch_blob);
}

static struct batch_blob *batch_at(struct blob_batch *batch, size_t index)
{
    return (struct batch_blob *)(void *)batch->list.data + index;
}

struct blob_batch *blob_batch_open(struct blobs *blobs)
{
    struct blob_batch *batch = calloc(1, sizeof *batch);

    CHECK(batch);
    batch->blobs = blobs;
    return batch;
}

struct blob_writer *blob_writer_open(struct blob_batch *batch)
{
    struct blob_writer *writer = calloc(1, sizeof *writer);

    CHECK(writer);
    writer->batch = batch;
    writer->fd = folder_create(batch->blobs, &writer->number);
    writer->status = writer->fd >= 0 ? S_OK : blob_errno_status();
    crypto_generichash_init(&writer->state, NULL, 0, sizeof(struct hash));
    return writer;
}

/* Writes the first `size` pending bytes, and takes them away. */
static void write_pending(struct blob_writer *writer, size_t size)
{
    struct buffer *pending = &writer->pending;

    writer->status = file_write_at(writer->fd, bytes_of(pending->data, size), writer->size);
    writer->size += size;
    file_write_behind(writer->fd, &writer->behind, writer->size);
    memmove(pending->data, pending->data + size, pending->size - size);
    pending->size -= size;
}

/* Cuts one chunk off what is pending. */
static void cut_chunk(struct blob_writer *writer)
{
    size_t size = chunker_cut(buffer_bytes(&writer->pending));
    struct chunk chunk = {.size = (uint32_t)size};

    CHECK(size > 0 && size <= CHUNK_SIZE_MAX && size <= writer->pending.size);
    chunk.hash = hash_of(bytes_of(NULL, 0), bytes_of(writer->pending.data, size));
    buffer_append(&writer->chunks, &chunk, sizeof chunk);
    write_pending(writer, size);
}

enum status blob_writer_write(struct blob_writer *writer, struct bytes data)
{
    CHECK(!writer->is_finished);
    crypto_generichash_update(&writer->state, data.data, data.size);
    while (data.size > 0 && writer->status == S_OK) {
        /* Up to MEMBER_WHOLE_MAX stays pending; a byte more makes it a large blob, which is cut. */
        size_t room = MEMBER_WHOLE_MAX + 1 - writer->pending.size;
        size_t size = data.size < room ? data.size : room;

        buffer_append(&writer->pending, data.data, size);
        data = bytes_of(data.data + size, data.size - size);
        if (writer->pending.size > MEMBER_WHOLE_MAX) {
            cut_chunk(writer);
        }
    }
    return writer->status;
}

static void finish_content(struct blob_writer *writer)
{
    if (writer->chunks.size == 0 && writer->pending.size > 0) {
        write_pending(writer, writer->pending.size);
    }
    while (writer->pending.size > 0 && writer->status == S_OK) {
        cut_chunk(writer);
    }
}

enum status blob_writer_finish(struct blob_writer *writer, struct member *member_out)
{
    struct batch_blob blob = {.number = writer->number};

    CHECK(!writer->is_finished);
    if (writer->status == S_OK) {
        finish_content(writer);
    }
    if (writer->status != S_OK) {
        return writer->status;
    }
    writer->is_finished = true;
    crypto_generichash_final(&writer->state, blob.hash.b, sizeof blob.hash.b);
    blob.size = writer->size;
    blob.chunk_count = writer->chunks.size / sizeof(struct chunk);
    blob.chunks = (struct chunk *)(void *)writer->chunks.data; /* now the batch's */
    buffer_init(&writer->chunks);
    buffer_append(&writer->batch->list, &blob, sizeof blob);
    memset(member_out, 0, sizeof *member_out);
    member_out->hash = blob.hash;
    member_out->size = blob.size;
    member_out->chunks = blob.chunks;
    member_out->chunk_count = blob.chunk_count;
    return S_OK;
}

void blob_writer_close(struct blob_writer *writer)
{
    if (writer->fd >= 0) {
        close(writer->fd);
        if (!writer->is_finished) {
            folder_discard(writer->batch->blobs, writer->number);
        }
    }
    buffer_release(&writer->pending);
    buffer_release(&writer->chunks);
    free(writer);
}

static bool has_file(const struct blob_batch *batch, const struct hash *hash)
{
    char name[BLOB_NAME_MAX];

    blob_name(hash, false, name);
    return faccessat(batch->blobs->blobs_fd, name, F_OK, 0) == 0;
}

/* A job: finds out what is held already, and notes every name that has no row yet. */
static enum status note_strays(struct db *db, void *arg)
{
    struct blob_batch *batch = arg;
    enum status status = S_OK;

    batch->new_count = 0;
    for (size_t i = 0; i < batch_count(batch) && status == S_OK; i++) {
        struct batch_blob *blob = batch_at(batch, i);
        struct blob_row row;
        bool is_known = blob_row_find(db, &blob->hash, &row);

        blob->is_held = is_known && row.is_whole && has_file(batch, &blob->hash);
        batch->new_count += blob->is_held ? 0 : 1;
        if (!is_known) {
            status = stray_row_insert(db, &blob->hash);
        }
    }
    return status;
}

static enum status sync_files(struct blob_batch *batch)
{
    enum status status = S_OK;

    if (batch->new_count > BATCH_SYNC_EACH_MAX) {
        return folder_sync_all(batch->blobs);
    }
    for (size_t i = 0; i < batch_count(batch) && status == S_OK; i++) {
        const struct batch_blob *blob = batch_at(batch, i);

        status = blob->is_held ? S_OK : folder_sync_temporary(batch->blobs, blob->number);
    }
    return status;
}

static enum status sync_folders(struct blob_batch *batch)
{
    enum status status = S_OK;

    if (batch->new_count > BATCH_SYNC_EACH_MAX) {
        return folder_sync_all(batch->blobs);
    }
    for (size_t i = 0; i < batch_count(batch) && status == S_OK; i++) {
        const struct batch_blob *blob = batch_at(batch, i);

        status = blob->is_held ? S_OK : folder_sync(batch->blobs, &blob->hash);
    }
    return status;
}

static enum status move_files(struct blob_batch *batch)
{
    for (size_t i = 0; i < batch_count(batch); i++) {
        struct batch_blob *blob = batch_at(batch, i);
        enum status status;

        if (blob->is_held) {
            continue;
        }
        status = folder_make(batch->blobs, &blob->hash);
        if (status == S_OK) {
            status = folder_move(batch->blobs, blob->number, &blob->hash, true);
        }
        if (status != S_OK) {
            return status;
        }
        blob->is_moved = true;
        batch->moved_count++;
    }
    return S_OK;
}

enum status blob_batch_store(struct blob_batch *batch)
{
    enum status status = store_write_wait(batch->blobs->store, note_strays, batch);

    if (status == S_OK) {
        status = sync_files(batch);
    }
    if (status == S_OK) {
        status = move_files(batch);
    }
    return status == S_OK ? sync_folders(batch) : status;
}

/* The row of one stored blob; an expected one becomes whole. */
static enum status put_row(struct blob_batch *batch, struct db *db, const struct batch_blob *blob,
                           struct buffer *completed)
{
    struct blob_row row;
    char name[BLOB_NAME_MAX];
    enum status status;

    if (!has_file(batch, &blob->hash)) {
        return S_STALE;
    }
    if (blob_row_find(db, &blob->hash, &row)) {
        if (!row.is_whole) {
            status = blob_row_set_whole(db, row.id, true);
            status = status == S_OK ? blob_row_set_all_held(db, row.id, true) : status;
            buffer_append(completed, &row.id, sizeof row.id);
            blob_name(&blob->hash, true, name);
            unlinkat(batch->blobs->blobs_fd, name, 0);
            return status;
        }
        return S_OK;
    }
    status = blob_row_insert(db, &blob->hash, blob->size, true, &row.id);
    if (status == S_OK) {
        status = blob_row_insert_chunks(db, row.id, blob->chunks, blob->chunk_count, true);
    }
    return status == S_OK ? stray_row_delete(db, &blob->hash) : status;
}

enum status blob_batch_rows(struct blob_batch *batch, struct db *db, struct buffer *completed)
{
    enum status status = batch->moved_count == batch->new_count ? S_OK : S_INTERNAL;

    for (size_t i = 0; i < batch_count(batch) && status == S_OK; i++) {
        status = put_row(batch, db, batch_at(batch, i), completed);
    }
    batch->has_rows = status == S_OK;
    return status;
}

void blob_batch_undone(struct blob_batch *batch)
{
    batch->has_rows = false;
}

void blob_batch_close(struct blob_batch *batch)
{
    for (size_t i = 0; i < batch_count(batch); i++) {
        if (!batch_at(batch, i)->is_moved) {
            folder_discard(batch->blobs, batch_at(batch, i)->number);
        }
        free(batch_at(batch, i)->chunks);
    }
    if (batch->moved_count > 0 && !batch->has_rows) {
        (void)store_write_wait(batch->blobs->store, blobs_sweep, batch->blobs);
    }
    buffer_release(&batch->list);
    free(batch);
}
