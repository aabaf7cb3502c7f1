#include "tests/sim/handover.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "tests/sim/expulsion.h"
#include "tests/sim/world.h"
#include "tests/sim/writes.h"

enum { HANDOVER_STAMP_MS = 1000 * 1000, LISTED_MAX = 256 };

static uint64_t draw(struct world *world, uint64_t bound)
{
    return kit_random_below(&world->fault_random, bound);
}

void handover_release(struct world *world)
{
    buffer_release(&world->handover.paper);
}

struct node *handover_hub(struct world *world)
{
    return &world->nodes[world->handover.is_said ? world->handover.node : 0];
}

/* --- who is chosen -------------------------------------------------------------------------------------------- */

/* A revocation that the promoter has not heard of would count no more (replication/trust/README.md): people ask before. */
static bool knows_the_revoked(const struct world *world, const struct node *node)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        const struct node *other = &world->nodes[i];
        const struct roster_node *member = roster_find(node->roster, &other->identity->node);
        if ((other->is_condemned || other->is_revoked) && (!member || !member->is_revoked)) {
            return false;
        }
    }
    return true;
}

/* Likewise a key that the former hub admitted. */
static bool knows_the_keys(const struct world *world, const struct node *node)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        const struct node *other = &world->nodes[i];
        if (other->is_admitted && (other->turn.has_next || other->turn.is_closing || !turn_is_known(node, other))) {
            return false;
        }
    }
    return true;
}

static bool may_become(const struct world *world, const struct node *node)
{
    return node->is_up && node->is_admitted && !node->is_revoked && !node->is_condemned && node->parent == 0 && node->kind != NODE_CAMPUS &&
           roster_find(node->roster, &node->identity->node) && knows_the_revoked(world, node) && knows_the_keys(world, node);
}

static void paper_queue(struct world *world, struct node *node)
{
    world->handover.is_queued = true;
    node_queue(world, node, &(struct job){.kind = JOB_HANDOVER, .link = -1});
}

void handover_draw(struct world *world)
{
    struct handover *handover = &world->handover;
    struct node *node = &world->nodes[draw(world, world->node_count)];

    if (!handover->is_drawn) {
        if (may_become(world, node)) {
            handover->is_drawn = true;
            handover->node = node->index;
            handover->old = 0;
            handover->way = (enum handover_way)draw(world, HANDOVER_WAYS);
            paper_queue(world, node);
        }
        return;
    }
    node = &world->nodes[handover->node];
    if (handover->is_said && handover->way == HANDOVER_BESIDE && world->nodes[handover->old].kind == NODE_HUB && !handover->is_queued && node->is_up &&
        draw(world, 4) == 0) {
        handover->is_demotion_due = true;
        paper_queue(world, node);
    }
}

/* --- the paper ------------------------------------------------------------------------------------------------ */

/* What one ADOPT names. */
struct listed {
    struct hash hashes[LISTED_MAX];
    size_t count;
};

static void listed_add(struct listed *listed, const struct hash *hash)
{
    CHECK(listed->count < LISTED_MAX);
    listed->hashes[listed->count++] = *hash;
}

static void paper_add(struct world *world, enum status status, struct buffer *statement)
{
    struct buffer *paper = &world->handover.paper;

    CHECK(status == S_OK);
    buffer_append_u32(paper, (uint32_t)statement->size);
    buffer_append(paper, statement->data, statement->size);
    buffer_release(statement);
}

static void paper_adopt(struct world *world, const struct id *parent, struct listed *listed)
{
    struct signer signer = federation_signer(world->federation, FEDERATION_AUTHORITY);

    if (listed->count > 0) {
        qsort(listed->hashes, listed->count, sizeof *listed->hashes, hash_order);
    }
    for (size_t at = 0; at < listed->count; at += AUTHORITY_ADOPT_MAX) {
        size_t some = listed->count - at < AUTHORITY_ADOPT_MAX ? listed->count - at : AUTHORITY_ADOPT_MAX;
        struct buffer statement;
        buffer_init(&statement);
        enum status status = statement_adopt(&world->federation->id, parent, bytes_of(listed->hashes + at, some * sizeof *listed->hashes),
                                             HANDOVER_STAMP_MS + world->now_ms, &signer, &statement);
        paper_add(world, status, &statement);
    }
}

/* An entry that the authority signs, without the consent to another place. */
static void paper_readmit(struct world *world, const struct roster_node *node, enum node_kind kind, const struct id *parent)
{
    struct signer signer = federation_signer(world->federation, FEDERATION_AUTHORITY);
    struct roster_node entry = *node;
    struct buffer statement;

    entry.kind = kind;
    entry.parent = parent ? *parent : id_none;
    entry.admitted_ms = HANDOVER_STAMP_MS + world->now_ms;
    memset(entry.consent, 0, sizeof entry.consent);
    buffer_init(&statement);
    enum status status = statement_admit(&world->federation->id, &entry, &signer, &statement);
    paper_add(world, status, &statement);
}

static bool is_signed_by(const struct statement *statement, const struct roster_node *node)
{
    bool is_signed = memcmp(statement->signer_public, node->sign_public, SIGN_PUBLIC_SIZE) == 0;

    for (size_t i = 0; i < node->former_count; i++) {
        is_signed = is_signed || memcmp(statement->signer_public, node->former[i].sign_public, SIGN_PUBLIC_SIZE) == 0;
    }
    return is_signed;
}

/* Does the member go below the new hub? Its own campuses stay with the former one, unless that is lost. */
static bool moves(const struct world *world, const struct roster_node *member, const struct roster_node *old)
{
    bool stays = member->kind == NODE_CAMPUS && world->handover.way != HANDOVER_LOST;

    return id_equal(&member->parent, &old->node) && !member->is_revoked && !stays;
}

static void statement_sort(struct world *world, const struct node *node, const struct statement *statement, struct listed *children,
                           struct listed *others)
{
    const struct roster_node *member = roster_find(node->roster, &statement->node);
    const struct roster_node *old = roster_find(node->roster, &world->nodes[world->handover.old].identity->node);
    bool is_by_old = is_signed_by(statement, old);

    if (!member || id_equal(&member->node, &old->node)) {
        return;
    }
    if (statement->kind == STATEMENT_ADMIT && !id_equal(&member->node, &node->identity->node) && !member->is_revoked) {
        if (moves(world, member, old)) {
            listed_add(children, &statement->hash);
        } else if (is_by_old && !id_equal(&member->parent, &old->node) && id_equal(&member->parent, &member->stated_parent)) {
            listed_add(others, &statement->hash);
        }
    }
    bool is_revocation = statement->kind == STATEMENT_REVOKE && !id_equal(&member->parent, &old->node);
    if (is_by_old && (is_revocation || statement->kind == STATEMENT_GRANT)) {
        listed_add(others, &statement->hash);
    }
}

/* As promotion_write() does it. */
static void paper_write(struct world *world, const struct node *node)
{
    const struct id *old = &world->nodes[world->handover.old].identity->node;
    struct listed children = {.count = 0}, others = {.count = 0};
    struct statement statement;

    paper_readmit(world, roster_find(node->roster, &node->identity->node), NODE_HUB, NULL);
    for (size_t i = 0; i < roster_statement_count(node->roster); i++) {
        statement_read(roster_statement_at(node->roster, i), &statement);
        statement_sort(world, node, &statement, &children, &others);
    }
    paper_adopt(world, &node->identity->node, &children);
    paper_adopt(world, &id_none, &others);
    paper_readmit(world, roster_find(node->roster, old), world->handover.way == HANDOVER_BESIDE ? NODE_HUB : NODE_NATIONAL, &node->identity->node);
}

/* --- what holds then ------------------------------------------------------------------------------------------ */

static void shape_keep(struct world *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        world->handover.parents[i] = world->nodes[i].parent;
        world->handover.kinds[i] = world->nodes[i].kind;
    }
}

static void shape_change(struct world *world, struct node *node)
{
    struct handover *handover = &world->handover;
    const struct roster_node *old = roster_find(node->roster, &world->nodes[handover->old].identity->node);

    shape_keep(world);
    for (unsigned i = 0; i < world->node_count; i++) {
        const struct roster_node *member = roster_find(node->roster, &world->nodes[i].identity->node);
        if (member && (int)i != node->index && moves(world, member, old)) {
            world->nodes[i].parent = node->index;
            world_link(world, (int)i, node->index);
            link_close(world, (int)world->link_count - 1, 0);
        }
    }
    node->parent = FEDERATION_AUTHORITY;
    node->kind = NODE_HUB;
    if (!memory_store_is_instant()) {
        memory_store_free(world->nodes[handover->old].backup);
        world->nodes[handover->old].backup = NULL;
    }
    world->nodes[handover->old].parent = node->index;
    world->nodes[handover->old].kind = handover->way == HANDOVER_BESIDE ? NODE_HUB : NODE_NATIONAL;
    world->result.handovers++;
    world_trace(world, "node %d becomes the hub in the place of node %d, way %d", node->index, handover->old, (int)handover->way);
}

static void paper_say(struct world *world, struct node *node)
{
    struct bytes rest = buffer_bytes(&world->handover.paper), statement;

    while (welcome_take(&rest, &statement)) {
        statement_cell_write(world, node, statement);
        (void)roster_add(node->roster, statement, NULL);
    }
    expulsion_trim(world, node);
}

static void old_demote(struct world *world, const struct node *node)
{
    struct node *old = &world->nodes[world->handover.old];
    const struct roster_node *member = roster_find(node->roster, &old->identity->node);

    world->handover.is_demotion_due = false;
    if (member && old->kind == NODE_HUB) {
        paper_readmit(world, member, NODE_NATIONAL, &node->identity->node);
        old->kind = NODE_NATIONAL;
        world_trace(world, "node %d is a hub no more", old->index);
    }
}

void handover_run(struct world *world, struct node *node, struct job *job)
{
    struct handover *handover = &world->handover;
    struct node *old = &world->nodes[handover->old];
    bool is_first = !handover->is_said;

    job->stream = node_stream(world, node, TOPIC_ROSTER);
    job->status = S_STALE;
    if (node->index != handover->node) { /* published there too: who stood above forgot the new hub, and would not let it in */
        paper_say(world, node);
        job->status = S_OK;
        return;
    }
    handover->is_queued = false;
    if (is_first && (!may_become(world, node) || !roster_find(node->roster, &old->identity->node))) {
        handover->is_drawn = false; /* something came between: another time */
        return;
    }
    if (is_first) {
        buffer_init(&handover->paper);
        paper_write(world, node);
        shape_change(world, node);
        handover->is_said = true;
        node->owes_welcome = true; /* as with every join (node/link/join.c): a former hub that forgot whom it admitted hears of them from here (seed 47) */
        welcome_queue(world, node);
    } else if (handover->is_demotion_due) {
        old_demote(world, node);
    }
    paper_say(world, node);
    job->status = S_OK;
    if (is_first && handover->way == HANDOVER_LOST && old->is_up && turn_is_known(node, old)) {
        node_take_sticks(world, old);
        node_lose(world, old, node);
    }
}

void handover_refused(struct world *world, const struct job *job)
{
    if (job->kind == JOB_HANDOVER && world->handover.is_queued) {
        world->handover.is_queued = false;
        world->handover.is_drawn = world->handover.is_said;
    }
}

static bool is_hub_at(const struct world *world, const struct node *at)
{
    const struct roster_node *hub = roster_find(at->roster, &world->nodes[world->handover.node].identity->node);

    return hub && hub->kind == NODE_HUB;
}

bool handover_is_heard(const struct world *world, const struct node *at, const struct node *about)
{
    return !world->handover.is_said || about->index != world->handover.old || memory_store_is_instant() || is_hub_at(world, at);
}

bool handover_is_settled(const struct node *node)
{
    return node->is_of_before;
}

void handover_start(struct world *world, struct node *node)
{
    struct handover *handover = &world->handover;

    if (node->is_put_back && handover->is_said && node->index == handover->old && !is_hub_at(world, node)) {
        node->has_twin = node->is_of_before = true;
        world_trace(world, "node %d is of before the handover", node->index);
    }
    node->is_put_back = false;
    if (handover->is_drawn && node->index == handover->node && handover->is_queued) { /* it is dropped with the other jobs */
        handover->is_queued = false;
        handover->is_drawn = handover->is_said;
    }
}

static bool is_known_to(const struct world *world, const struct node *node)
{
    const struct node *old = &world->nodes[world->handover.old];
    const struct roster_node *self = roster_find(node->roster, &node->identity->node);
    const struct roster_node *other = roster_find(node->roster, &old->identity->node);

    return self && self->kind == NODE_HUB && other && other->kind == old->kind;
}

void handover_look(struct world *world, struct node *node)
{
    const struct handover *handover = &world->handover;

    if (handover->is_said && node->index == handover->node && !handover->is_queued && node->disk != DISK_FULL && !is_known_to(world, node)) {
        paper_queue(world, node);
    }
    bool has_forgotten = handover->is_said && !world->is_safety && node->index == handover->old && node->disk != DISK_FULL &&
                         !roster_find(node->roster, &world->nodes[handover->node].identity->node);
    if (has_forgotten && node->job_count == 0) {
        node_queue(world, node, &(struct job){.kind = JOB_HANDOVER, .link = -1});
    }
}

bool handover_stands_above(const struct world *world, const struct node *by, const struct node *about)
{
    return !world->handover.is_said || roster_is_above(by->roster, &by->identity->node, &about->identity->node);
}

bool handover_might_hold(const struct world *world, const struct node *holder, const struct stream_id *stream)
{
    const struct handover *handover = &world->handover;
    int at = -1;

    if (!handover->is_said || holder->is_revoked || !holder->is_admitted) {
        return false;
    }
    for (unsigned i = 0; i < world->node_count; i++) {
        at = id_equal(&world->nodes[i].identity->node, &stream->node) ? (int)i : at;
    }
    if (handover->kinds[holder->index] == NODE_HUB) {
        return at >= 0;
    }
    while (at >= 0 && at != holder->index) {
        at = handover->parents[at];
    }
    return at >= 0;
}
