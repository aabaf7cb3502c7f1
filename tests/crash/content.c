/* Contents of courses as files, stored here or fetched from a peer, and the backup of all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/care/backup.h"
#include "node/store/course/blob.h"
#include "tests/crash/step.h"
#include "tests/kit/kit.h"

enum { BLOBS = 3, MANY_BLOBS = 10, CHUNKED = 1100 * 1000 };

/* How many contents belong to a step: the second batch has so many that they are synced all at once. */
static int contents_count(int number)
{
    return number == 1 ? MANY_BLOBS : BLOBS;
}

static void content_make(int number, int index, struct buffer *out)
{
    size_t size = number >= CONTENT_FETCHED && index == BLOBS - 1 ? CHUNKED : (size_t)(100 + 1000 * index);
    struct kit_random random;

    buffer_clear(out);
    kit_random_seed(&random, (uint64_t)(1000 * number + index));
    while (out->size < size) {
        buffer_append_u64(out, kit_random_u64(&random));
    }
    out->size = size;
}

static enum status rows_run(struct db *db, void *arg)
{
    struct buffer completed;

    buffer_init(&completed);
    enum status status = blob_batch_rows(arg, db, &completed);
    buffer_release(&completed);
    return status;
}

const char *content_store(struct node *node, int number)
{
    struct blob_batch *batch = blob_batch_open(node->blobs);
    struct buffer content;
    struct member member;
    enum status status = S_OK;

    buffer_init(&content);
    for (int i = 0; i < contents_count(number) && status == S_OK; i++) {
        struct blob_writer *writer = blob_writer_open(batch);
        content_make(number, i, &content);
        status = blob_writer_write(writer, buffer_bytes(&content));
        status = status == S_OK ? blob_writer_finish(writer, &member) : status;
        blob_writer_close(writer);
    }
    status = status == S_OK ? blob_batch_store(batch) : status;
    status = status == S_OK ? store_write_wait(node->store, rows_run, batch) : status;
    blob_batch_close(batch);
    buffer_release(&content);
    return status == S_OK ? NULL : node_fail(node, "contents %d: %s", number, status_text(status));
}

/* Objects of a content, one job each, as they come from a peer. */
struct fetch {
    struct node *node;
    struct member member;
    struct bytes object;
    struct hash hash;
};

static enum status expect_run(struct db *db, void *arg)
{
    struct fetch *fetch = arg;
    bool is_whole;
    int64_t id;

    return blob_expect(fetch->node->blobs, db, &fetch->member, &id, &is_whole);
}

static enum status put_run(struct db *db, void *arg)
{
    struct fetch *fetch = arg;
    struct buffer completed;

    buffer_init(&completed);
    enum status status = blob_put(fetch->node->blobs, db, &fetch->hash, fetch->object, &completed);
    buffer_release(&completed);
    return status;
}

/* Chunks of a fixed size: who fetches believes the manifest. */
static enum status fetch_objects(struct fetch *fetch, const struct buffer *content, struct chunk *chunks)
{
    enum { PIECE = 300 * 1000 };
    size_t at = 0;

    fetch->member =
        (struct member){.hash = hash_of(bytes_of(NULL, 0), buffer_bytes(content)), .size = content->size};
    for (; content->size > MEMBER_WHOLE_MAX && at < content->size; at += PIECE) {
        size_t size = content->size - at < PIECE ? content->size - at : PIECE;
        chunks[fetch->member.chunk_count++] = (struct chunk){
            .size = (uint32_t)size, .hash = hash_of(bytes_of(NULL, 0), bytes_of(content->data + at, size))};
    }
    fetch->member.chunks = chunks;
    enum status status = store_write_wait(fetch->node->store, expect_run, fetch);
    size_t count = fetch->member.chunk_count ? fetch->member.chunk_count : 1;
    at = 0;
    for (size_t i = 0; i < count && status == S_OK; i++) {
        size_t size = fetch->member.chunk_count ? chunks[i].size : content->size;
        fetch->hash = fetch->member.chunk_count ? chunks[i].hash : fetch->member.hash;
        fetch->object = bytes_of(content->data + at, size);
        if ((i + content->size / 1000) % 2 == 0 && folder_make(fetch->node->blobs, &fetch->hash) == S_OK) {
            (void)blob_place(fetch->node->blobs, &fetch->hash, fetch->object); /* before its job, as in a running node */
        }
        status = store_write_wait(fetch->node->store, put_run, fetch);
        at += size;
    }
    return status;
}

const char *content_fetch(struct node *node, int number)
{
    struct chunk chunks[16];
    struct buffer content;
    enum status status = S_OK;

    buffer_init(&content);
    for (int i = 0; i < BLOBS && status == S_OK; i++) {
        struct fetch fetch = {.node = node};
        content_make(CONTENT_FETCHED + number, i, &content);
        status = fetch_objects(&fetch, &content, chunks);
    }
    buffer_release(&content);
    return status == S_OK ? NULL : node_fail(node, "fetched contents %d: %s", number, status_text(status));
}

enum status content_drop_run(struct db *db, void *arg)
{
    struct node *node = arg;
    struct buffer content;
    struct blob_row row;

    buffer_init(&content);
    content_make(0, 0, &content);
    struct hash hash = hash_of(bytes_of(NULL, 0), buffer_bytes(&content));
    buffer_release(&content);
    enum status status = blob_row_find(db, &hash, &row) ? blob_drop(db, row.id) : S_OK;
    return status == S_OK ? blobs_sweep(db, node->blobs)
                          : status; /* somebody else's sweep, in the same transaction */
}

/* Its file is there; what verify said of it holds for this one. */
static enum status content_find(struct node *node, const struct hash *hash)
{
    uint64_t size;
    int fd = blob_open(node->blobs, hash, &size);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 ? S_OK : S_NOT_FOUND;
}

/* The contents of `number` that are whole and right. */
const char *content_check(struct node *node, int number, int first)
{
    struct buffer content;
    const char *problem = NULL;

    buffer_init(&content);
    for (int i = first; i < contents_count(number) && !problem; i++) {
        content_make(number, i, &content);
        struct hash hash = hash_of(bytes_of(NULL, 0), buffer_bytes(&content));
        enum status status =
            node->is_hasty ? content_find(node, &hash) : blob_verify(node->blobs, &hash, content.size);
        problem =
            status == S_OK ? NULL : node_fail(node, "content %d of %d: %s", i, number, status_text(status));
    }
    buffer_release(&content);
    return problem;
}

const char *content_backup(struct node *node, bool is_acknowledged)
{
    struct story *story = node->story;
    struct backup_request request = {
        .dir = story->kit.dir, .path = story->backup, .store = node->store, .name = "hub", .kind = "hub"};
    struct backup_outcome outcome;
    char words[800];

    if (access(story->backup, F_OK) != 0) {
        if (is_acknowledged) {
            return node_fail(node, "the backup is gone");
        }
        if (node->is_hasty) {
            return NULL;
        }
        enum status status = backup_write(&request, &outcome, &node->report);
        return status == S_OK ? NULL : node_fail(node, "no backup: %.300s", node->report.text);
    }
    if (node->is_hasty) {
        return NULL;
    }
    struct kit_command restored = {0};
    snprintf(restored.dir, sizeof restored.dir, "%.250s/restored", story->kit.scratch);
    snprintf(words, sizeof words, "restore '%s'", story->backup);
    int code = kit_command(&restored, words);
    const char *problem =
        code == 0 ? NULL : node_fail(node, "the backup cannot be restored: %.300s", restored.err);
    kit_scratch_remove(restored.dir);
    free(restored.out);
    free(restored.err);
    return problem;
}
