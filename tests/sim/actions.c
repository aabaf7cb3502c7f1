/* What goes wrong, and what people do meanwhile: one action at a time, drawn by weight. */
#include <stddef.h>

#include "tests/sim/world.h"

static struct node *node_draw(struct world *world)
{
    struct node *node = &world->nodes[world_draw(world, world->node_count)];

    return node->is_up && !node->is_revoked ? node : NULL;
}

static void results_record(struct world *world)
{
    struct node *node = node_draw(world);
    struct job job = {.kind = JOB_RESULTS, .link = -1};

    if (node) {
        job.draw = kit_random_u64(&world->random);
        node_queue(world, node, &job);
    }
}

static void course_publish(struct world *world)
{
    struct node *node = node_draw(world);
    struct job job = {.kind = JOB_COURSE, .link = -1, .about = world->course_count};

    if (!node || world->course_count == COURSES_MAX) {
        return;
    }
    struct course *course = &world->courses[world->course_count++];
    course->publisher = node->index;
    course->objects = 1 + (unsigned)world_draw(world, COURSE_OBJECTS_MAX);
    for (unsigned i = 0; i < course->objects; i++) {
        uint64_t bound = world_chance(world, 50) ? 120000 : 6000;
        course->size[i] = (uint32_t)world_draw(world, bound);
    }
    if (world->options.seed % 4 == 1) { /* in a quarter of the runs streams take more than one frame */
        course->padding = (uint32_t)world_draw(world, COURSE_PADDING_MAX);
    }
    node_queue(world, node, &job);
}

static void node_fail(struct world *world)
{
    struct node *node = node_draw(world);

    if (node) {
        node_crash(world, node, world_chance(world, 400));
    }
}

static void backup_take(struct world *world)
{
    struct node *node = node_draw(world);

    /* a data directory begins with what its node was told: there is no backup of before */
    if (node && !node->owes_welcome && handover_is_heard(world, node, node)) {
        memory_store_free(node->backup);
        node->backup = memory_store_copy(node->store);
    }
}

static void backup_restore(struct world *world)
{
    struct node *node = node_draw(world);

    if (node && node->backup) {
        node_restore(world, node);
    }
}

static void link_reset(struct world *world)
{
    uint64_t after_ms = world_draw(world, 2000); /* one by one: the order of arguments is the compiler's */

    link_close(world, (int)world_draw(world, world->link_count), after_ms);
}

static void link_cut(struct world *world)
{
    int at = (int)world_draw(world, world->link_count);

    world->links[at].is_cut = true;
    link_close(world, at, 0);
}

static void links_heal(struct world *world)
{
    for (unsigned i = 0; i < world->link_count; i++) {
        if (world->links[i].is_cut && world_chance(world, 500)) {
            world->links[i].is_cut = false;
            link_close(world, (int)i, 0);
        }
    }
}

static void node_join(struct world *world)
{
    for (unsigned i = 1; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        if (!node->is_admitted && world->nodes[node->parent].is_up) {
            node_admit(world, node);
            return;
        }
    }
}

/* Only leaves: those below a revoked node would be cut off. */
static void node_expel(struct world *world)
{
    struct node *node = node_draw(world);
    unsigned revoked = 0;

    if (!node || node->index == 0 || node->parent < 0 || node->has_twin || !world->nodes[node->parent].is_up ||
        !handover_stands_above(world, &world->nodes[node->parent], node)) {
        return;
    }
    for (unsigned i = 0; i < world->node_count; i++) {
        revoked += world->nodes[i].is_revoked;
        if (world->nodes[i].parent == node->index) {
            return;
        }
    }
    if (revoked == 0) {
        node_revoke(world, node);
    }
}

/* A dishonest relay alters what another wrote, and forges what goes with it, or leaves the certificate as it
 * is. */
static void stream_tamper(struct world *world)
{
    struct node *node = node_draw(world);
    struct stream_head head;
    struct view view;

    if (!node || node->has_tampered || !world->has_byzantine) {
        return;
    }
    view = node_view(node);
    for (bool more = view.ops->stream_next(view.ctx, NULL, &head); more;) {
        struct stream_id last = head.stream;
        bool is_foreign = !id_equal(&last.node, &node->identity->node) && last.topic == TOPIC_RESULTS;
        if (is_foreign && memory_store_tamper(node->store, &last, world->keeps_certificate)) {
            memory_store_flush(node->store);
            node->tampered = last;
            node->has_tampered = true;
            world_trace(world, "node %d alters a stream", node->index);
            return;
        }
        more = view.ops->stream_next(view.ctx, &last, &head);
    }
}

void action_draw(struct world *world)
{
    static const struct {
        unsigned weight;
        void (*run)(struct world *world);
    } actions[] = {
        {500, results_record}, {60, course_publish}, {60, node_fail},     {60, link_reset},
        {40, link_cut},        {60, links_heal},     {40, backup_take},   {25, backup_restore},
        {100, node_join},      {4, node_expel},      {20, stream_tamper},
    };
    unsigned total = 0;

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        total += actions[i].weight;
    }
    unsigned drawn = (unsigned)world_draw(world, total);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (drawn < actions[i].weight) {
            actions[i].run(world);
            return;
        }
        drawn -= actions[i].weight;
    }
}
