#include "tests/sim/writes.h"

#include <stdio.h>
#include <string.h>

#include "replication/base/check.h"
#include "tests/sim/expulsion.h"
#include "tests/sim/world.h"

uint64_t node_seq(struct node *node, const struct stream_id *stream)
{
    struct view view = node_view(node);
    struct certificate certificate;

    return view.ops->stream_find(view.ctx, stream, &certificate) ? certificate.head.seq : 0;
}

/* What a later version counts beside. */
static void modern_cell_write(struct world *world, struct node *node, const struct stream_id *stream)
{
    const uint8_t value[] = {200, 0, (uint8_t)world->now_ms, 0xff};
    struct memory_cell cell = {bytes_text("r\x1fnew"), bytes_of(value, sizeof value)};

    uint64_t before = node_seq(node, stream);

    memory_store_write(node->store, stream, &cell, 1, node->identity, node_stamp(world, node));
    if (node_seq(node, stream) > before) { /* the real store has no seq for a value that is there already */
        truth_wrote(world, stream, node_seq(node, stream), 0, -1, 0);
    }
}

static void results_write(struct world *world, struct node *node, struct job *job)
{
    struct kit_random random;
    struct stream_id stream = node_stream(world, node, TOPIC_RESULTS);

    kit_random_seed(&random, job->draw);
    for (uint64_t left = 1 + kit_random_below(&random, 3); left > 0; left--) {
        unsigned key_number = (unsigned)kit_random_below(&random, TRUTH_KEYS);
        char key[16];
        struct buffer value;
        struct bytes old;
        int64_t number = 0;
        snprintf(key, sizeof key, "r\x1fkey%u", key_number);
        if (memory_store_find(node->store, &stream, bytes_text(key), &old)) {
            (void)cell_value_get_number(old, &number);
        }
        int64_t recorded = 1 + (int64_t)kit_random_below(&random, 5);
        number += recorded;
        buffer_init(&value);
        cell_value_number(&value, CELL_COUNT, number);
        struct memory_cell cell = {bytes_text(key), buffer_bytes(&value)};
        memory_store_write(node->store, &stream, &cell, 1, node->identity, node_stamp(world, node));
        buffer_release(&value);
        truth_wrote(world, &stream, node_seq(node, &stream), key_number, number, recorded);
    }
    if (node->is_modern) {
        modern_cell_write(world, node, &stream);
    }
    job->stream = stream;
    world->result.writes++;
}

/* Bytes that cannot be compressed. */
static void padding_append(const struct course *course, uint64_t about, struct buffer *out)
{
    struct kit_random random;
    uint8_t *at = buffer_reserve(out, course->padding);

    kit_random_seed(&random, about + 77);
    for (uint32_t i = 0; i < course->padding; i++) {
        at[i] = (uint8_t)kit_random_below(&random, 256);
    }
    out->size += course->padding;
}

/* The value is the course's number; its objects follow from that. */
static void course_write(struct world *world, struct node *node, struct job *job)
{
    struct course *course = &world->courses[job->about];
    struct stream_id stream = node_stream(world, node, TOPIC_CATALOGUE);
    struct buffer value, content;
    char key[16];

    buffer_init(&value);
    buffer_init(&content);
    buffer_append_u8(&value, (uint8_t)job->about);
    padding_append(course, job->about, &value);
    for (unsigned i = 0; i < course->objects; i++) {
        course_object(course, i, &content);
        course->object[i] = hash_of(bytes_of(NULL, 0), buffer_bytes(&content));
        memory_store_object_put(node->store, &course->object[i], buffer_bytes(&content));
        world->result.objects++;
    }
    struct buffer cell_value;
    buffer_init(&cell_value);
    cell_value_register(&cell_value, node_stamp(world, node), buffer_bytes(&value));
    snprintf(key, sizeof key, "course%u", job->about);
    struct memory_cell cell = {bytes_text(key), buffer_bytes(&cell_value)};
    memory_store_write(node->store, &stream, &cell, 1, node->identity, node_stamp(world, node));
    truth_wrote(world, &stream, node_seq(node, &stream), 0, -1, 0);
    job->stream = stream;
    buffer_release(&cell_value);
    buffer_release(&value);
    buffer_release(&content);
}

void statement_cell_write(struct world *world, struct node *node, struct bytes statement)
{
    struct stream_id stream = node_stream(world, node, TOPIC_ROSTER);
    struct buffer key, value;

    buffer_init(&key);
    buffer_init(&value);
    enum status status = statement_cell_key(statement, &key);
    CHECK(status == S_OK);
    cell_value_register(&value, node_stamp(world, node), statement);
    struct memory_cell cell = {buffer_bytes(&key), buffer_bytes(&value)};
    uint64_t before = node_seq(node, &stream);
    memory_store_write(node->store, &stream, &cell, 1, node->identity, node_stamp(world, node));
    if (node_seq(node, &stream) > before) { /* said again with the same stamp, by a clock that was ahead before a kill: nothing is written */
        truth_wrote(world, &stream, node_seq(node, &stream), 0, -1, 0);
    }
    buffer_release(&key);
    buffer_release(&value);
}

static void admission_write(struct world *world, const struct node *node, const struct node *about, struct job *job)
{
    struct roster_node member = federation_node(world->federation, about->index, about->parent, about->kind);
    struct signer signer = {.node = node->identity->node};
    struct buffer statement;

    memcpy(signer.sign_secret, node->identity->sign_secret, sizeof signer.sign_secret);
    buffer_init(&statement);
    enum status status = statement_admit(&world->federation->id, &member, &signer, &statement);
    CHECK(status == S_OK);
    job->data = statement.data; /* the job's from here on */
    job->size = statement.size;
}

static void statement_write(struct world *world, struct node *node, struct job *job)
{
    if (job->draw == 0 && job->size == 0) {
        admission_write(world, node, &world->nodes[job->about], job);
    }
    if (job->draw != 0) {
        expulsion_write(world, node, &world->nodes[job->about], job);
        world->has_expelled = true; /* from here on, not from the acknowledgement: what came of it may wait behind this in the same commit */
    }
    struct bytes statement = bytes_of(job->data, job->size);
    statement_cell_write(world, node, statement);
    (void)roster_add(node->roster, statement, NULL);
    expulsion_trim(world, node);
    job->stream = node_stream(world, node, TOPIC_ROSTER);
}

/* The next statement of a welcome; false at its end. */
bool welcome_take(struct bytes *rest, struct bytes *statement_out)
{
    struct bytes size;

    if (!bytes_take(rest, 4, &size)) {
        return false;
    }
    bool is_whole = bytes_take(rest, (size_t)size.data[0] | (size_t)size.data[1] << 8, statement_out);
    CHECK(is_whole);
    return true;
}

static void welcome_write(struct world *world, struct node *node, struct job *job)
{
    struct bytes rest = buffer_bytes(&node->welcome), statement;

    while (welcome_take(&rest, &statement)) {
        statement_cell_write(world, node, statement);
    }
    job->stream = node_stream(world, node, TOPIC_ROSTER);
}

void own_came_back(struct node *node, const struct stream_id *stream)
{
    struct view view = node_view(node);
    struct certificate certificate;

    if (id_equal(&stream->node, &node->identity->node) &&
        adopt_missing(view.roster, &stream->node, &view.living, view.ops->held_seq, view.ctx) && view.ops->stream_find(view.ctx, stream, &certificate)) {
        hlc stamp = certificate.head.stamp;
        node->living_since = stamp > node->living_since ? stamp : node->living_since;
        node->clock = stamp > node->clock ? stamp : node->clock;
    }
}

void own_write(struct world *world, struct node *node, struct job *job)
{
    if (job->kind == JOB_RESULTS) {
        results_write(world, node, job);
    } else if (job->kind == JOB_COURSE) {
        course_write(world, node, job);
    } else if (job->kind == JOB_STATEMENT) {
        statement_write(world, node, job);
    } else {
        CHECK(job->kind == JOB_WELCOME);
        welcome_write(world, node, job);
    }
}

void catalogue_take(struct world *world, struct node *node, const struct stream_id *stream)
{
    struct view view = node_view(node);
    struct arena arena;
    struct cell cells[COURSES_MAX];
    struct bytes content;
    hlc stamp;
    bool is_wanted =
        node->is_subscriber || roster_is_above(node->roster, &node->identity->node, &stream->node) ||
        (world->has_lost_disk && id_equal(&node->identity->node, &stream->node));

    arena_init(&arena, 1 << 20);
    size_t count = view.ops->cells_scan(view.ctx, stream, 0, COURSES_MAX, &arena, cells);
    for (size_t i = 0; i < count && is_wanted; i++) {
        if (!cell_value_get_register(cells[i].value, &stamp, &content) || content.size < 1 ||
            content.data[0] >= world->course_count) {
            continue;
        }
        const struct course *course = &world->courses[content.data[0]];
        for (unsigned object = 0; object < course->objects; object++) {
            memory_store_want(node->store, &course->object[object], course->size[object]);
        }
    }
    arena_release(&arena);
}
