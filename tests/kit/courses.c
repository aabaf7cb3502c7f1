#include "tests/kit/courses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/stream.h"
#include "replication/wire/batch.h"

void kit_courses_open(struct kit_courses *node, uint8_t number)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {number};

    memset(node, 0, sizeof *node);
    kit_node_open(&node->node);
    memset(node->federation.b, 7, sizeof node->federation.b);
    identity_derive(&node->identity, seed);
    config_init(&node->config);
    node->config.disk_floor_mib = 0;
    store_set_identity(node->node.store, &node->identity, &node->federation);
    courses_init(&node->courses, node->node.store, node->node.blobs, &node->identity, NULL, &node->config);
    snprintf(node->path, sizeof node->path, "%s/package", node->node.dir);
}

void kit_courses_close(struct kit_courses *node)
{
    kit_node_close(&node->node);
}

int kit_pair_setup(void **state)
{
    struct kit_pair *pair = test_calloc(1, sizeof *pair);

    kit_courses_open(&pair->hub, 1);
    kit_courses_open(&pair->campus, 2);
    *state = pair;
    return 0;
}

int kit_pair_teardown(void **state)
{
    struct kit_pair *pair = *state;

    kit_courses_close(&pair->hub);
    kit_courses_close(&pair->campus);
    test_free(pair);
    return 0;
}

void kit_job(struct kit_courses *node, store_job *job, void *arg)
{
    assert_int_equal(store_write_wait(node->node.store, job, arg), S_OK);
}

static void import_path(struct kit_courses *node, const char *id, const char *lang,
                        struct course_imported *imported_out)
{
    const struct course_import import = {.path = node->path, .id = id, .lang = lang};
    struct course_imported *imported = imported_out ? imported_out : test_malloc(sizeof *imported);

    report_clear(&node->report);
    if (course_import(&node->courses, &import, imported, &node->report) != S_OK) {
        fail_msg("%s", node->report.text);
    }
    if (!imported_out) {
        test_free(imported);
    }
}

void kit_course_import(struct kit_courses *node, const char *id, const char *lang,
                       const struct kit_file *files, struct course_imported *imported_out)
{
    kit_archive_write(node->path, KIT_ZIP, files);
    import_path(node, id, lang, imported_out);
}

void kit_course_import_large(struct kit_courses *node, const char *id, size_t size, uint64_t seed)
{
    struct archive *archive = kit_archive_open(node->path, KIT_TAR);
    uint8_t *data = malloc(size);
    struct kit_random random;

    kit_random_seed(&random, seed);
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)kit_random_u64(&random);
    }
    kit_archive_add(archive, "index.html", "large", 5);
    kit_archive_add(archive, "large.bin", data, size);
    kit_archive_close(archive);
    free(data);
    import_path(node, id, "en", NULL);
}

/* A job's argument: the node, and a name. */
struct request {
    struct kit_courses *node;
    const char *id;
};

static enum status publish(struct db *db, void *arg)
{
    const struct request *request = arg;
    const struct course_ref ref = {.course = request->id, .lang = "", .version = ""};
    struct buffer ids;
    enum status status;

    buffer_init(&ids);
    status = course_publish_ref(&request->node->courses, db, &ref, &ids);
    buffer_release(&ids);
    return status;
}

void kit_course_publish(struct kit_courses *node, const char *id)
{
    struct request request = {node, id};

    kit_job(node, publish, &request);
}

static enum status subscribe(struct db *db, void *arg)
{
    const struct request *request = arg;
    struct subscription subscription = {.course = ""};
    enum status status;

    snprintf(subscription.course, sizeof subscription.course, "%s", request->id);
    status = subscription_put(db, &subscription);
    return status == S_OK ? course_refresh(&request->node->courses, db) : status;
}

void kit_course_subscribe(struct kit_courses *node, const char *id)
{
    struct request request = {node, id};

    kit_job(node, subscribe, &request);
}

static enum status refresh(struct db *db, void *arg)
{
    return course_refresh(&((struct kit_courses *)arg)->courses, db);
}

void kit_course_refresh(struct kit_courses *node)
{
    kit_job(node, refresh, node);
}

/* One stream on its way: all its cells in one batch body. */
struct transfer {
    struct kit_courses *to;
    struct stream_id stream;
    struct buffer body;
};

static enum status apply(struct db *db, void *arg)
{
    struct transfer *transfer = arg;
    enum status status =
        stream_apply_body(db, &transfer->to->federation, &transfer->stream, buffer_bytes(&transfer->body));

    return status == S_OK ? course_stream_moved(&transfer->to->courses, db, &transfer->stream) : status;
}

static uint64_t seq_held(struct kit_courses *node, const struct stream_id *stream)
{
    struct db *db = store_read_begin(node->node.store);
    struct certificate certificate;
    uint64_t seq = stream_find(db, stream, &certificate) ? certificate.head.seq : 0;

    store_read_end(node->node.store, db);
    return seq;
}

static bool encode_stream(struct kit_courses *from, struct transfer *transfer, uint64_t after_seq)
{
    static struct cell cells[4096];
    struct batch batch = {
        .stream = transfer->stream, .after_seq = after_seq, .cells = cells, .has_certificate = true};
    struct db *db = store_read_begin(from->node.store);
    struct arena arena;
    bool has_news;

    arena_init(&arena, 64 << 20);
    has_news =
        stream_find(db, &transfer->stream, &batch.certificate) && batch.certificate.head.seq > after_seq;
    if (has_news) {
        batch.count = stream_cells_scan(db, &transfer->stream, after_seq, 4096, &arena, cells);
        assert_int_equal(batch_encode(&batch, &transfer->body), S_OK);
    }
    arena_release(&arena);
    store_read_end(from->node.store, db);
    return has_news;
}

void kit_catalogue_move(struct kit_courses *from, struct kit_courses *to)
{
    struct stream_head head;
    struct stream_id after;
    struct db *db = store_read_begin(from->node.store);
    struct stream_id streams[64];
    size_t count = 0;

    for (bool more = stream_next(db, NULL, &head); more && count < 64;
         more = stream_next(db, &after, &head)) {
        after = head.stream;
        if (head.stream.topic == TOPIC_CATALOGUE && !id_equal(&head.stream.node, &to->identity.node)) {
            streams[count++] = head.stream;
        }
    }
    store_read_end(from->node.store, db);
    for (size_t i = 0; i < count; i++) {
        struct transfer transfer = {.to = to, .stream = streams[i]};

        buffer_init(&transfer.body);
        if (encode_stream(from, &transfer, seq_held(to, &streams[i]))) {
            kit_job(to, apply, &transfer);
        }
        buffer_release(&transfer.body);
    }
}

struct object {
    struct kit_courses *to;
    struct hash hash;
    struct bytes data;
};

static enum status put(struct db *db, void *arg)
{
    struct object *object = arg;

    return course_object_put(&object->to->courses, db, &object->hash, object->data);
}

static enum status demand(struct db *db, void *arg)
{
    struct object *object = arg;

    return course_object_demand(&object->to->courses, db, &object->hash);
}

/* Moves one object; when `from` lacks it, it is demanded there. */
static bool move_object(struct kit_courses *from, struct kit_courses *to, const struct hash *hash)
{
    struct object object = {.to = to, .hash = *hash};
    uint8_t *data = malloc(MEMBER_WHOLE_MAX);
    struct db *db = store_read_begin(from->node.store);
    uint64_t size = 0;
    bool is_there = course_object_find(&from->courses, db, hash, &size);

    if (is_there) {
        assert_int_equal(course_object_read(&from->courses, db, hash, 0, data, MEMBER_WHOLE_MAX), size);
    }
    store_read_end(from->node.store, db);
    if (is_there) {
        struct hash found = hash_of(bytes_of(NULL, 0), bytes_of(data, (size_t)size));

        assert_true(hash_equal(&found, hash));
        object.data = bytes_of(data, (size_t)size);
        kit_job(to, put, &object);
    } else {
        object.to = from;
        kit_job(from, demand, &object);
    }
    free(data);
    return is_there;
}

size_t kit_objects_move(struct kit_courses *from, struct kit_courses *to, size_t max)
{
    size_t moved = 0;

    while (moved < max) {
        struct db *db = store_read_begin(to->node.store);
        struct wanted wanted;
        size_t count = course_object_wanted(&to->courses, db, 0, 1, &wanted);

        store_read_end(to->node.store, db);
        if (count == 0 || !move_object(from, to, &wanted.object)) {
            break;
        }
        moved++;
    }
    return moved;
}

struct course_row kit_course_row(struct kit_courses *node, const char *id, const char *lang,
                                 const char *version)
{
    struct db *db = store_read_begin(node->node.store);
    struct course_row row, found = {.id = 0};
    struct buffer ids;
    int64_t one;

    buffer_init(&ids);
    (void)course_row_list_of(db, bytes_text(id), &ids);
    for (size_t at = 0; at < ids.size; at += sizeof one) {
        memcpy(&one, ids.data + at, sizeof one);
        if (course_row_get(db, one, &row) && strcmp(row.lang, lang) == 0 &&
            strcmp(row.version, version) == 0) {
            found = row;
        }
    }
    buffer_release(&ids);
    store_read_end(node->node.store, db);
    if (!found.id) {
        fail_msg("%s %s %s is not known", id, lang, version);
    }
    return found;
}
