/* One node: what the driver does with effects. Write jobs gather into a group commit; only then they are acknowledged. A crash drops
 * what was not committed, a power cut also the knowledge that the database is the latest, so that a fresh incarnation begins. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "tests/sim/adoptions.h"
#include "tests/sim/clone.h"
#include "tests/sim/expulsion.h"
#include "tests/sim/handover.h"
#include "tests/sim/turn_write.h"
#include "tests/sim/writes.h"
#include "tests/sim/world.h"

struct view node_view(struct node *node)
{
    struct view view = memory_store_view(node->store, node->roster, &node->living);

    if (!memory_store_is_instant()) { /* a store with a clock of its own knows it */
        view.living_drawn = node->living_drawn;
    }
    return view;
}

/* Never behind a stamp of one of its own streams that is here: the beginning of an incarnation. */
static hlc clock_catch_up(struct world *world, struct node *node)
{
    struct view view = node_view(node);
    struct stream_head head;

    for (bool more = view.ops->stream_next(view.ctx, NULL, &head); more;) {
        struct stream_id last = head.stream;
        if (id_equal(&last.node, &node->identity->node) && head.stamp > node->clock) {
            node->clock = head.stamp;
        }
        more = view.ops->stream_next(view.ctx, &last, &head);
    }
    return node_stamp(world, node);
}

struct stream_id node_stream(struct world *world, struct node *node, enum topic topic)
{
    if (id_is_none(&node->living)) {
        CHECK(node->incarnation_count < INCARNATIONS_MAX);
        node->living = world_draw_id(world);
        node->living_drawn = node->living_since = clock_catch_up(world, node);
        node->incarnations[node->incarnation_count++] = node->living;
    }
    return (struct stream_id){node->identity->node, node->living, topic};
}

/* --- the roster of a node --- */

static void roster_take_stream(struct node *node, const struct stream_id *stream)
{
    struct view view = node_view(node);
    struct arena arena;
    struct cell cells[64];
    hlc stamp;
    struct bytes statement;

    arena_init(&arena, 1 << 20);
    size_t count = view.ops->cells_scan(view.ctx, stream, 0, sizeof cells / sizeof *cells, &arena, cells);
    for (size_t i = 0; i < count; i++) {
        if (cell_value_get_register(cells[i].value, &stamp, &statement)) {
            (void)roster_add(node->roster, statement, NULL); /* an unsound one counts for nothing */
        }
    }
    arena_release(&arena);
}

static void roster_load(struct world *world, struct node *node)
{
    struct bytes rest = buffer_bytes(&node->welcome), statement;
    struct view view;
    struct stream_head head;

    roster_free(node->roster);
    node->roster = roster_new(&world->federation->id, world->federation->authority.sign_public);
    while (welcome_take(&rest, &statement)) {
        (void)roster_add(node->roster, statement, NULL);
    }
    view = node_view(node);
    for (bool more = view.ops->stream_next(view.ctx, NULL, &head); more;) {
        struct stream_id last = head.stream;
        if (last.topic == TOPIC_ROSTER) {
            roster_take_stream(node, &last);
        }
        more = view.ops->stream_next(view.ctx, &last, &head);
    }
    if (world->has_expelled || world->has_turns) {
        expulsion_trim(world, node);
    }
}

static void welcome_add(struct buffer *welcome, struct bytes statement)
{
    buffer_append_u32(welcome, (uint32_t)statement.size);
    buffer_append(welcome, statement.data, statement.size);
}

static void welcome_add_roster(struct node *node, const struct node *from)
{
    for (size_t i = 0; i < roster_statement_count(from->roster); i++) {
        welcome_add(&node->welcome, roster_statement_at(from->roster, i));
    }
}

static void statement_queue(struct world *world, struct node *by, const struct node *about,
                            struct buffer *statement, bool is_revocation)
{
    struct job job = {.kind = JOB_STATEMENT, .link = -1, .about = (unsigned)about->index, .draw = is_revocation};

    job.size = statement->size;
    job.data = statement->data; /* the job's from here on */
    node_queue(world, by, &job);
}

void node_admit(struct world *world, struct node *child)
{
    struct roster_node member = federation_node(world->federation, child->index, child->parent, child->kind);
    struct buffer statement;

    buffer_init(&statement);
    if (child->index == 0) {
        federation_admit(world->federation, &member, child->parent, &statement);
        child->is_admitted = true;
        welcome_add(&child->welcome, buffer_bytes(&statement));
        node_start(world, child);
        statement_queue(world, child, child, &statement, false);
    } else { /* signed when the job runs: with the key of that moment */
        statement_queue(world, &world->nodes[child->parent], child, &statement, false);
    }
}

void node_revoke(struct world *world, struct node *node)
{
    struct buffer statement; /* written when the job runs: it names what is held then */

    node->is_condemned = true;
    buffer_init(&statement);
    statement_queue(world, &world->nodes[node->parent], node, &statement, true);
}

/* A durable revocation holds, whether somebody was told or not. */
static void revocation_hold(struct world *world, struct node *about)
{
    about->is_revoked = true;
    truth_after_revocation(world, about);
    world_trace(world, "node %d is revoked", about->index);
}

/* The statement is durable with the parent: the child gets what the parent knows, and begins. */
static void statement_acknowledge(struct world *world, struct node *node, const struct job *job)
{
    struct node *about = &world->nodes[job->about];

    if (job->draw != 0) {
        revocation_hold(world, about);
    } else if (!about->is_admitted) {
        welcome_add_roster(about, node);
        about->is_admitted = true;
        world_trace(world, "node %d is admitted", about->index);
        node_start(world, about);
    }
}

/* --- life --- */

static bool is_concerned(void *ctx, const struct id *id, const struct held *held)
{
    const struct node *node = ctx;

    return id_equal(id, &held->stream.node) || roster_is_above(node->roster, id, &held->stream.node);
}

void welcome_queue(struct world *world, struct node *node)
{
    if (node->owes_welcome) {
        node_queue(world, node, &(struct job){.kind = JOB_WELCOME, .link = -1});
    }
}

static struct memory_store *store_new(struct world *world)
{
    struct memory_store *store = memory_store_new(&world->federation->id);

    if (world->options.seed % 2 == 1) {
        memory_store_name_bases(store); /* objects come as patches, where they resemble each other */
    }
    return store;
}

void node_start(struct world *world, struct node *node)
{
    struct memory_faults faults = {.adds_cells = world->options.mutant == MUTANT_ADDED_CELL,
                                   .overwrites = world->options.mutant == MUTANT_OVERWRITE,
                                   .ignores_adoptions = world->options.mutant == MUTANT_BESIDE,
                                   .splits_adoptions = world->options.mutant == MUTANT_SPLIT,
                                   .drops_sentences = world->options.mutant == MUTANT_UNSAID};

    if (!node->store) {
        node->store = store_new(world);
    }
    memory_store_set_faults(node->store, &faults);
    memory_store_set_concerns(node->store, is_concerned, node);
    memory_store_set_self(node->store, &node->identity->node);
    roster_load(world, node);
    handover_start(world, node);
    turn_start(world, node);
    (void)clock_catch_up(world, node);
    node->is_up = true;
    node->is_commit_set = node->is_adopting = node->has_settled = false;
    node->life++;
    welcome_queue(world, node);
    links_of_node(world, node, true);
    adoptions_look(world, node); /* what was due when it was killed may be all that is left to do */
    turn_look(world, node);
    handover_look(world, node);
}

static void jobs_drop(struct node *node)
{
    for (size_t i = 0; i < node->job_count; i++) {
        free(node->jobs[i].data);
    }
    node->job_count = 0;
}

void node_crash(struct world *world, struct node *node, bool is_power_cut)
{
    struct sim_event event = {.kind = SIM_START, .node = node->index};

    world_trace(world, "node %d %s", node->index, is_power_cut ? "loses power" : "is killed");
    world->result.crashes++;
    links_of_node(world, node, false);
    jobs_drop(node);
    memory_store_crash(node->store);
    node->is_up = false;
    node->life++;
    node->clock = 0;
    if (is_power_cut) { /* nobody knows any more whether this database is the latest */
        memset(&node->living, 0, sizeof node->living);
    }
    event.at_ms = world->now_ms + 100 + world_draw(world, 5000);
    event.epoch = node->life;
    queue_push(&world->queue, &event);
}

/* Back to the backup. The broken variant believes the incarnation that stands in it. */
void node_restore(struct world *world, struct node *node)
{
    struct id living = node->living;

    CHECK(node->backup);
    truth_before_restore(world, node);
    node_crash(world, node, true);
    world->result.restores++;
    memory_store_take_objects(node->backup, node->store);
    memory_store_free(node->store);
    node->store = node->backup;
    node->backup = NULL;
    node->was_restored = node->turn.is_restored = true;
    node->is_put_back = world->handover.is_said;
    if (world->options.mutant == MUTANT_REUSED_SEQ) {
        node->living = living;
    }
}

/* But to who admitted it. */
static bool is_known_to_nobody_else(const struct world *world, const struct node *node)
{
    bool is_known = false;

    for (unsigned i = 0; i < world->node_count; i++) {
        const struct node *other = &world->nodes[i];
        is_known = is_known || (other != node && other->index != node->parent && other->roster && roster_find(other->roster, &node->identity->node));
    }
    return node->is_admitted && node->roster && !is_known;
}

void node_take_sticks(struct world *world, struct node *node)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (world->nodes[i].parent == node->index && is_known_to_nobody_else(world, &world->nodes[i])) {
            world_trace(world, "node %u brings a stick: nobody else knows it", i);
            welcome_add_roster(node, &world->nodes[i]);
        }
    }
}

void node_lose(struct world *world, struct node *node, const struct node *from)
{
    world_trace(world, "node %d is gone with its disk", node->index);
    welcome_add_roster(node, from);
    memory_store_free(node->backup);
    node->backup = store_new(world);
    memory_store_set_concerns(node->backup, is_concerned, node);
    memory_store_set_self(node->backup, &node->identity->node);
    truth_before_restore(world, node);
    node_crash(world, node, true);
    memory_store_free(node->store);
    node->store = node->backup;
    node->backup = NULL;
    node->was_restored = world->has_lost_disk = node->owes_welcome = node->turn.is_restored = true;
    node->is_put_back = world->handover.is_said;
    world->result.restores++; /* what it alone knew is forgotten */
    world->result.losses++;
    roster_load(world, node); /* while it is down its people know what it was told: keys_choose() asks them */
}

/* --- jobs --- */

void node_queue(struct world *world, struct node *node, const struct job *job)
{
    if (node->job_count == PENDING_JOBS_MAX) {
        world_fail(world, "node %d has too much to write", node->index);
        free(job->data);
        return;
    }
    if (node->job_count == node->job_capacity) {
        node->job_capacity = node->job_capacity ? 2 * node->job_capacity : 16;
        node->jobs = reallocarray(node->jobs, node->job_capacity, sizeof *node->jobs);
        CHECK(node->jobs);
    }
    node->jobs[node->job_count++] = *job;
    if (!node->is_commit_set) {
        struct sim_event event = {.kind = SIM_COMMIT, .node = node->index, .epoch = node->life};
        event.at_ms = world->now_ms + 1 + world_draw(world, 30);
        node->is_commit_set = true;
        queue_push(&world->queue, &event);
    }
}

static void apply_run(struct world *world, struct node *node, struct job *job)
{
    static struct truth_reach reach;
    uint64_t before = node_seq(node, &job->stream);

    truth_reach_take(world, node, &job->stream.node, &reach);
    adoptions_apply(world, node, job);
    if (job->status != S_OK) {
        return;
    }
    own_came_back(node, &job->stream);
    if (world->has_turns && id_equal(&job->stream.node, &node->identity->node)) {
        turn_amend(world, node);
    }
    truth_check_applied(world, node, &job->stream, before, &reach);
    if (id_equal(&job->stream.node, &node->identity->node)) {
        clone_displaced(world, node, job->stream.topic);
    }
    if (job->stream.topic == TOPIC_ROSTER) {
        roster_take_stream(node, &job->stream);
    } else if (job->stream.topic == TOPIC_CATALOGUE) {
        catalogue_take(world, node, &job->stream);
    }
    if (world->has_expelled || world->has_turns) {
        expulsion_trim(world, node);
    }
}

static uint64_t wanted_size(const struct world *world, const struct hash *object)
{
    for (unsigned i = 0; i < world->course_count; i++) {
        for (unsigned j = 0; j < world->courses[i].objects; j++) {
            if (hash_equal(&world->courses[i].object[j], object)) {
                return world->courses[i].size[j];
            }
        }
    }
    return 0;
}

/* A full disk: objects are refused first, then everything but what gives room. */
static bool is_refused(const struct node *node, enum job_kind kind)
{
    switch (node->disk) {
    case DISK_FULL_FOR_OBJECTS:
        return kind == JOB_OBJECT;
    case DISK_FULL:
        return kind != JOB_UNSTAGE;
    case DISK_SOUND:
    case DISK_STATES:
        break;
    }
    return false;
}

static void object_run(struct node *node, struct job *job)
{
    struct bytes data = bytes_of(job->data, job->size);
    struct hash hash = hash_of(bytes_of(NULL, 0), data);

    if (job->is_unassayed && !hash_equal(&hash, &job->object)) {
        job->status = S_BAD_DIGEST;
        return;
    }
    memory_store_object_put(node->store, &job->object, data);
}

static void job_run(struct world *world, struct node *node, struct job *job)
{
    struct bytes data = bytes_of(job->data, job->size);

    if (is_refused(node, job->kind)) {
        job->status = S_NO_SPACE;
        node->is_adopting = node->is_adopting && job->kind != JOB_ADOPT;
        turn_refused(node, job);
        handover_refused(world, job);
        return;
    }
    switch (job->kind) {
    case JOB_STAGE:
        job->status = memory_store_stage(node->store, &job->stream, job->after_seq, job->held.seq, data);
        break;
    case JOB_APPLY:
        apply_run(world, node, job);
        break;
    case JOB_UNSTAGE:
        memory_store_unstage(node->store, &job->stream);
        break;
    case JOB_OBJECT:
        object_run(node, job);
        break;
    case JOB_DEMAND:
        memory_store_want(node->store, &job->object, wanted_size(world, &job->object));
        break;
    case JOB_HELD:
        truth_check_receipt(world, &job->held);
        memory_store_held_put(node->store, &job->held);
        break;
    case JOB_RESULTS:
    case JOB_COURSE:
    case JOB_STATEMENT:
    case JOB_WELCOME:
        own_write(world, node, job);
        break;
    case JOB_ADOPT:
        adoptions_run(world, node, job);
        break;
    case JOB_HANDOVER:
        handover_run(world, node, job);
        break;
    case JOB_ASK:
    case JOB_GRANT:
    case JOB_WAIT:
    case JOB_CLOSE:
        turn_run(world, node, job);
        break;
    }
}

/* What adoptions and changes of keys wrote is durable. */
static void own_acknowledge(struct world *world, struct node *node)
{
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        struct stream_id stream = {node->identity->node, node->living, (enum topic)topic};
        uint64_t seq = node_seq(node, &stream);
        if (seq > 0) {
            truth_acked(world, &stream, seq);
        }
    }
}

/* Tells whoever waits; own writes are acknowledged to the truth. */
static void job_acknowledge(struct world *world, struct node *node, const struct job *job)
{
    bool is_own = job->kind == JOB_RESULTS || job->kind == JOB_COURSE || job->kind == JOB_STATEMENT || job->kind == JOB_WELCOME;

    if (is_own && job->status != S_OK) {
        return;
    }
    if (is_own) {
        truth_acked(world, &job->stream, node_seq(node, &job->stream));
        node->owes_welcome = node->owes_welcome && job->kind != JOB_WELCOME;
        if (job->kind == JOB_STATEMENT) {
            statement_acknowledge(world, node, job);
        }
        return;
    }
    if (job->kind == JOB_ADOPT || job->kind == JOB_APPLY || job->kind >= JOB_HANDOVER) {
        own_acknowledge(world, node);
    }
    if (job->kind >= JOB_ASK && job->status == S_OK) {
        turn_acknowledge(world, node, job);
    }
    struct link *link = job->link >= 0 ? &world->links[job->link] : NULL;
    if (job->kind == JOB_HELD && job->status != S_OK && link && link->epoch == job->epoch) {
        link->sessions[job->side].is_untold = true;
    }
    if (job->ticket != 0 && link && link->is_up && link->epoch == job->epoch) {
        if (job->is_unassayed && job->status == S_OK && job->ticket % 2 == 0) {
            session_step(world, job->link, job->side, &(struct peer_event){.kind = EVENT_PLACED, .ticket = job->ticket});
        }
        session_step(world, job->link, job->side, &(struct peer_event){.kind = EVENT_DURABLE, .ticket = job->ticket, .status = job->status});
    }
}

/* The commit did not become durable, or it did and the machine stops before anybody hears of it. */
static void commit_break(struct world *world, struct node *node, struct job *jobs, size_t count)
{
    bool is_durable = node->breaks == BREAKS_UNTOLD || memory_store_is_instant();

    node->breaks = BREAKS_NOTHING;
    if (is_durable) {
        memory_store_flush(node->store);
    }
    for (size_t i = 0; i < count; i++) {
        if (is_durable && jobs[i].kind == JOB_STATEMENT && jobs[i].draw != 0 && jobs[i].status == S_OK) {
            revocation_hold(world, &world->nodes[jobs[i].about]);
        }
        free(jobs[i].data);
    }
    free(jobs);
    node_crash(world, node, !is_durable);
}

void node_commit(struct world *world, struct node *node)
{
    struct job *jobs = node->jobs;
    size_t count = node->job_count;

    node->is_commit_set = false;
    node->jobs = NULL;
    node->job_count = node->job_capacity = 0;
    for (size_t i = 0; i < count; i++) {
        job_run(world, node, &jobs[i]);
    }
    if (node->breaks != BREAKS_NOTHING) {
        commit_break(world, node, jobs, count);
        return;
    }
    bool is_early =
        world->options.mutant == MUTANT_EARLY_ACK && world->is_safety && !world_chance(world, 200);
    if (!is_early) {
        memory_store_flush(node->store);
    }
    if (memory_store_size(node->store) > STORE_BYTES_MAX) {
        world_fail(world, "node %d holds %zu bytes", node->index, memory_store_size(node->store));
    }
    for (size_t i = 0; i < count; i++) {
        job_acknowledge(world, node, &jobs[i]);
        free(jobs[i].data);
    }
    free(jobs);
    adoptions_look(world, node);
    turn_look(world, node);
    handover_look(world, node);
    node_changed(world, node);
}
