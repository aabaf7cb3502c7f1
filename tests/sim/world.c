#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

/* Keys cost time and say nothing: all runs use the same. */
static const struct federation *federation_shared(void)
{
    static struct federation federation;
    static bool is_made;

    if (!is_made) {
        federation_make(&federation, 11);
        is_made = true;
    }
    return &federation;
}

uint64_t world_draw(struct world *world, uint64_t bound)
{
    return kit_random_below(&world->random, bound);
}

bool world_chance(struct world *world, unsigned per_mille)
{
    return world_draw(world, 1000) < per_mille;
}

struct id world_draw_id(struct world *world)
{
    struct id id;

    for (size_t i = 0; i < sizeof id.b; i++) {
        id.b[i] = (uint8_t)world_draw(world, 256);
    }
    return id;
}

void world_fail(struct world *world, const char *format, ...)
{
    va_list arguments;

    if (world->result.violation[0]) {
        return; /* the first says it */
    }
    va_start(arguments, format);
    vsnprintf(world->result.violation, sizeof world->result.violation, format, arguments);
    va_end(arguments);
    world_trace(world, "VIOLATION %s", world->result.violation);
}

/* Eight bytes at a time; the rest of the last eight is zero. */
void world_hash(struct world *world, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t hash = world->result.trace_hash ^ size;

    for (size_t at = 0; at < size; at += sizeof hash) {
        uint64_t word = 0;
        memcpy(&word, bytes + at, size - at < sizeof word ? size - at : sizeof word);
        hash = (hash ^ word) * 0x100000001b3ULL; /* the step of FNV-1a */
        hash ^= hash >> 29;
    }
    world->result.trace_hash = hash;
}

void world_trace(struct world *world, const char *format, ...)
{
    va_list arguments;

    if (!world->options.trace) {
        return;
    }
    fprintf(world->options.trace, "%8llu ", (unsigned long long)world->now_ms);
    va_start(arguments, format);
    vfprintf(world->options.trace, format, arguments);
    va_end(arguments);
    fputc('\n', world->options.trace);
}

struct node *world_find(struct world *world, const struct id *id)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (id_equal(&world->nodes[i].identity->node, id)) {
            return &world->nodes[i];
        }
    }
    return NULL;
}

bool world_may_hold(const struct world *world, const struct node *holder, const struct stream_id *stream)
{
    const struct node *at = NULL;

    for (unsigned i = 0; i < world->node_count; i++) {
        if (id_equal(&world->nodes[i].identity->node, &stream->node)) {
            at = &world->nodes[i];
        }
    }
    if (!at || holder->is_revoked || !holder->is_admitted) {
        return false;
    }
    if (stream->topic != TOPIC_RESULTS || holder->kind == NODE_HUB) {
        return true;
    }
    while (!id_equal(&at->identity->node, &holder->identity->node) && at->parent >= 0) {
        at = &world->nodes[at->parent];
    }
    return id_equal(&at->identity->node, &holder->identity->node);
}

/* --- shape --- */

static void node_place(struct world *world, struct node *node, int index)
{
    node->world = world;
    node->index = index;
    turn_init(world, node);
    node->is_subscriber = world_chance(world, 700);
    buffer_init(&node->welcome);
    if (index == 0) {
        node->parent = FEDERATION_AUTHORITY;
        node->kind = NODE_HUB;
        return;
    }
    node->parent = 0;
    node->kind = NODE_NATIONAL;
    if (index >= 2 && world_chance(world, 600)) { /* below one that is no campus */
        node->parent = 1 + (int)world_draw(world, (uint64_t)index - 1);
        if (world->nodes[node->parent].kind == NODE_CAMPUS) {
            node->parent = 0;
        } else {
            node->kind = world_chance(world, 600) ? NODE_CAMPUS : NODE_REGIONAL;
        }
    }
}

void world_link(struct world *world, int a, int b)
{
    struct link *link = &world->links[world->link_count];

    if (world->link_count == LINKS_MAX || a == b) {
        return;
    }
    for (unsigned i = 0; i < world->link_count; i++) {
        const struct link *other = &world->links[i];
        if ((other->ends[0] == a && other->ends[1] == b) || (other->ends[0] == b && other->ends[1] == a)) {
            return;
        }
    }
    memset(link, 0, sizeof *link);
    link->ends[0] = a;
    link->ends[1] = b;
    link->delay_ms = 5 + (unsigned)world_draw(world, 300);
    if (world_chance(world, 600)) {
        link->loss = (unsigned)world_draw(world, 200);
        link->twice = (unsigned)world_draw(world, 100);
    }
    world->link_count++;
}

void world_init(struct world *world, const struct sim_options *options)
{
    memset(world, 0, sizeof *world);
    world->options = *options;
    world->federation = federation_shared();
    world->now_ms = 1000;
    world->is_safety = true;
    world->result.trace_hash = 0xcbf29ce484222325ULL;
    kit_random_seed(&world->random, options->seed ^ 0x51a1u);
    unsigned drawn = SIM_NODES_MIN + (unsigned)world_draw(world, SIM_NODES_USUAL - SIM_NODES_MIN + 1);
    if (options->seed % 8 == 0) {
        drawn += SIM_NODES_MAX - SIM_NODES_USUAL;
    }
    world->node_count = options->nodes ? options->nodes : drawn;
    CHECK(world->node_count >= SIM_NODES_MIN && world->node_count <= SIM_NODES_MAX);
    world->has_byzantine = options->mutant == MUTANT_UNCHECKED || world_chance(world, 250);
    world->keeps_certificate = options->seed % 2 == 0;
    world->result.nodes = world->node_count;
    world->spare = world_chance(world, 700) ? ADOPT_SPARE_CELLS : world_draw(world, 4);
    for (unsigned i = 0; i < world->node_count; i++) {
        node_place(world, &world->nodes[i], (int)i);
        if (i > 0) {
            world_link(world, (int)i, world->nodes[i].parent);
        }
    }
    for (unsigned extra = (unsigned)world_draw(world, 3); extra > 0; extra--) {
        int to = (int)world_draw(world, world->node_count); /* drawn one by one: the order of arguments is the compiler's */
        world_link(world, (int)world_draw(world, world->node_count), to);
    }
    faults_init(world);
}

static void node_release(struct node *node)
{
    for (size_t i = 0; i < node->job_count; i++) {
        free(node->jobs[i].data);
    }
    free(node->jobs);
    memory_store_free(node->store);
    memory_store_free(node->backup);
    roster_free(node->roster);
    buffer_release(&node->welcome);
}

void world_release(struct world *world)
{
    for (unsigned i = 0; i < world->link_count; i++) {
        peer_free(world->links[i].sessions[0].peer);
        peer_free(world->links[i].sessions[1].peer);
    }
    for (unsigned i = 0; i < world->node_count; i++) {
        node_release(&world->nodes[i]);
    }
    handover_release(world);
    queue_release(&world->queue);
    truth_release(&world->truth);
}

/* The content follows from who published it and its place; sizes were drawn. */
void course_object(const struct course *course, unsigned index, struct buffer *out)
{
    struct kit_random random;
    uint32_t size = course->size[index];

    /* Half of the objects begin alike, so that patches have something to find. */
    kit_random_seed(&random, index % 2 ? 31 : (uint64_t)size * 31 + (uint64_t)course->publisher * 7 + index);
    buffer_clear(out);
    uint8_t *data = buffer_reserve(out, size);
    for (uint32_t i = 0; i < size; i++) {
        data[i] = i % 3 ? (uint8_t)('a' + i % 7) : (uint8_t)kit_random_below(&random, 256);
    }
    out->size = size;
}
