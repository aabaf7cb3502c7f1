#include "tests/sim/faults.h"

#include <string.h>

#include "replication/base/check.h"
#include "replication/wire/frame.h"
#include "tests/sim/clone.h"
#include "tests/sim/handover.h"
#include "tests/sim/world.h"

#define CLOCK_NOW 1790000000000ULL /* 2026: what a sound clock says when a run begins */
#define CLOCK_END 4090000000000LL  /* 2099 */

enum {
    FAULT_PER_MILLE = 300, /* of the seeds, each kind */
    ACT_PER_MILLE = 150,   /* of the actions, beside them */
    HOUR_MS = 3600 * 1000,
    CLOG_MS = 8000,
    FIELD_UNKNOWN_MAX = 24,
};

static uint64_t draw(struct world *world, uint64_t bound)
{
    return kit_random_below(&world->fault_random, bound);
}

static bool has(const struct world *world, enum fault_kind kind)
{
    return (world->faults & (unsigned)kind) != 0;
}

static struct node *node_draw(struct world *world)
{
    struct node *node = &world->nodes[draw(world, world->node_count)];

    return node->is_up && !node->is_revoked ? node : NULL;
}

/* --- clocks --- */

uint64_t node_wall_ms(const struct world *world, const struct node *node)
{
    int64_t wall = (int64_t)(CLOCK_NOW + world->now_ms) + node->skew_ms;

    return wall > 0 ? (uint64_t)wall : 1;
}

hlc node_stamp(struct world *world, struct node *node)
{
    node->clock = hlc_tick(node->clock, node_wall_ms(world, node));
    return node->clock;
}

static void clock_set(struct world *world, struct node *node)
{
    switch (draw(world, 5)) {
    case 0:
        node->skew_ms = 0;
        break;
    case 1:
        node->skew_ms = -(int64_t)CLOCK_NOW; /* no battery */
        break;
    case 2:
        node->skew_ms = CLOCK_END - (int64_t)CLOCK_NOW;
        break;
    default:
        node->skew_ms = (int64_t)draw(world, 48 * HOUR_MS) - 24 * HOUR_MS;
    }
    world_trace(world, "node %d has a clock that is %lld s off", node->index, (long long)(node->skew_ms / 1000));
}

static void clock_jump(struct world *world)
{
    struct node *node = node_draw(world);

    if (node) {
        clock_set(world, node);
    }
}

/* --- lines --- */

static void link_deafen(struct world *world)
{
    struct link *link = &world->links[draw(world, world->link_count)];
    int side = (int)draw(world, 2);

    link->is_deaf[side] = !link->is_deaf[side];
    world_trace(world, "link %d-%d: node %d %s", link->ends[0], link->ends[1], link->ends[side],
                link->is_deaf[side] ? "hears nothing" : "hears again");
}

static void link_clog(struct world *world)
{
    struct link *link = &world->links[draw(world, world->link_count)];

    link->clog_ms = world->now_ms + draw(world, CLOG_MS);
    world_trace(world, "link %d-%d is clogged", link->ends[0], link->ends[1]);
}

/* --- disks --- */

static void disk_fill(struct world *world)
{
    struct node *node = node_draw(world);

    if (node) {
        node->disk = (enum disk)draw(world, DISK_STATES);
        world_trace(world, "node %d: disk state %d", node->index, (int)node->disk);
    }
}

static void commit_break(struct world *world)
{
    struct node *node = node_draw(world);

    if (node) {
        node->breaks = draw(world, 2) ? BREAKS_UNSYNCED : BREAKS_UNTOLD;
    }
}

static void disk_act(struct world *world)
{
    if (draw(world, 2)) {
        disk_fill(world);
    } else {
        commit_break(world);
    }
}

/* A new machine with the old keys: it is told the roster by a neighbour, and all else comes back by syncs. By one who knows
 * its present key: what it signs with another one nobody could trace, so its people ask on until they find one (node/README.md). */
static void machine_lose(struct world *world)
{
    struct node *node = node_draw(world), *from = NULL;

    if (draw(world, 4) != 0 || !node) {
        return;
    }
    for (unsigned i = 0; i < world->link_count; i++) {
        const struct link *link = &world->links[i];
        for (int side = 0; side < 2; side++) {
            struct node *other = &world->nodes[link->ends[1 - side]];
            if (link->ends[side] == node->index && other->is_up && !other->is_revoked && turn_is_known(other, node) && handover_is_heard(world, other, node)) {
                from = other;
            }
        }
    }
    if (from) {
        node_lose(world, node, from);
    }
}

/* --- versions --- */

void frame_modernise(struct world *world, struct buffer *frame)
{
    struct arena arena;
    struct frame opened;
    struct buffer body;

    arena_init(&arena, 4 * 1024 * 1024);
    buffer_init(&body);
    bool is_protobuf = frame_decode(buffer_bytes(frame), &arena, &opened) == S_OK && opened.type != MESSAGE_BATCH;
    if (is_protobuf && draw(world, 8) == 0) {
        opened.type = 200; /* and a message that nobody knows, in its place: the other side goes on without */
    }
    if (is_protobuf) {
        size_t size = draw(world, FIELD_UNKNOWN_MAX);
        buffer_append(&body, opened.body.data, opened.body.size);
        buffer_append_varint(&body, 900 << 3 | 2); /* field 900, bytes */
        buffer_append_varint(&body, size);
        memset(buffer_reserve(&body, size + 1), 0xa5, size);
        body.size += size;
        struct buffer said;
        buffer_init(&said);
        if (frame_encode(opened.type, buffer_bytes(&body), &said) == S_OK) {
            buffer_clear(frame);
            buffer_append(frame, said.data, said.size);
        }
        buffer_release(&said);
    }
    buffer_release(&body);
    arena_release(&arena);
}

/* --- all of them --- */

static bool has_keys_drawn(const struct world *world)
{
    struct kit_random random;

    kit_random_seed(&random, world->options.seed ^ 0x6b657973u);
    return !world->options.is_keyless && kit_random_below(&random, 1000) < FAULT_PER_MILLE;
}

static bool has_clones_drawn(const struct world *world)
{
    struct kit_random random;

    kit_random_seed(&random, world->options.seed ^ 0x636c6fu);
    return kit_random_below(&random, 1000) < FAULT_PER_MILLE;
}

/* In memory nothing of what was adopted is kept. */
static void clones_settle(struct world *world)
{
    if (!memory_store_is_instant() || has(world, FAULT_HANDOVER)) { /* nor does a copy know of what was handed over while it was away */
        world->faults &= ~(unsigned)FAULT_CLONES;
    }
}

void faults_init(struct world *world)
{
    kit_random_seed(&world->fault_random, world->options.seed ^ 0xfa017u);
    for (unsigned i = 0; i < FAULT_KINDS_FIRST; i++) {
        world->faults |= draw(world, 1000) < FAULT_PER_MILLE ? 1u << i : 0;
    }
    world->faults |= has_keys_drawn(world) ? FAULT_KEYS : 0;
    world->faults |= has_clones_drawn(world) ? FAULT_CLONES : 0;
    if (world->options.faults) {
        world->faults = world->options.faults & (FAULTS_ALL | FAULT_HANDOVER);
    }
    if (world->options.is_plain) {
        world->faults = 0;
    }
    clones_settle(world);
    for (unsigned i = 0; i < world->node_count; i++) {
        if (has(world, FAULT_CLOCKS)) {
            clock_set(world, &world->nodes[i]);
        }
        world->nodes[i].is_modern = has(world, FAULT_VERSIONS) && draw(world, 2) == 0;
    }
}

void fault_draw(struct world *world)
{
    static const struct {
        enum fault_kind kind;
        void (*act)(struct world *world);
    } acts[] = {{FAULT_DEAF, link_deafen}, {FAULT_CLOG, link_clog}, {FAULT_CLOCKS, clock_jump},
                {FAULT_DISK, disk_act},    {FAULT_LOSS, machine_lose}, {FAULT_KEYS, turn_draw},
                {FAULT_CLONES, clone_draw}, {FAULT_HANDOVER, handover_draw}};

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (has(world, acts[i].kind) && draw(world, 1000) < ACT_PER_MILLE) {
            acts[i].act(world);
        }
    }
}

void faults_end(struct world *world)
{
    for (unsigned i = 0; i < world->link_count; i++) {
        world->links[i].is_deaf[0] = world->links[i].is_deaf[1] = false;
    }
    for (unsigned i = 0; i < world->node_count; i++) {
        world->nodes[i].disk = DISK_SOUND;
        world->nodes[i].breaks = BREAKS_NOTHING;
        if (world->nodes[i].is_up) { /* who starts now does so by itself */
            welcome_queue(world, &world->nodes[i]);
            handover_look(world, &world->nodes[i]);
        }
    }
}
