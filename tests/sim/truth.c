#include "tests/sim/truth.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/clone.h"
#include "tests/sim/expulsion.h"
#include "replication/base/check.h"
#include "replication/stream/adoption.h"
#include "tests/sim/world.h"

void truth_release(struct truth *truth)
{
    for (size_t i = 0; i < truth->count; i++) {
        free(truth->streams[i].writes);
    }
    truth->count = 0;
}

static struct truth_stream *stream_get(struct truth *truth, const struct stream_id *stream)
{
    for (size_t i = 0; i < truth->count; i++) {
        if (stream_id_compare(&truth->streams[i].stream, stream) == 0) {
            return &truth->streams[i];
        }
    }
    CHECK(truth->count < TRUTH_STREAMS_MAX);
    truth->streams[truth->count] = (struct truth_stream){.stream = *stream};
    return &truth->streams[truth->count++];
}

/* Of a key, what was recorded in the stream up to `seq`, adoptions left aside. */
static int64_t own_written(const struct truth_stream *stream, uint64_t seq, unsigned key)
{
    for (size_t i = stream->count; i-- > 0;) { /* from the end: there it is asked for */
        const struct truth_write *write = &stream->writes[i];
        if (write->seq <= seq && write->key == key && write->number >= 0) {
            return write->own;
        }
    }
    return 0;
}

/* What was written and never acknowledged may be gone after a crash; its seq may then be used again by the
 * same life of the data. */
void truth_wrote(struct world *world, const struct stream_id *id, uint64_t seq, unsigned key, int64_t number,
                 int64_t recorded)
{
    struct truth_stream *stream = stream_get(&world->truth, id);

    if (seq <= stream->acked_seq) {
        world_fail(world, "seq %llu is issued twice", (unsigned long long)seq);
        return;
    }
    while (stream->count > 0 && stream->writes[stream->count - 1].seq >= seq) {
        stream->count--;
    }
    if (stream->count == stream->capacity) {
        stream->capacity = stream->capacity ? 2 * stream->capacity : 16;
        stream->writes = reallocarray(stream->writes, stream->capacity, sizeof *stream->writes);
        CHECK(stream->writes);
    }
    int64_t own = own_written(stream, seq, key) + recorded;
    stream->writes[stream->count++] = (struct truth_write){seq, key, number, own};
}

void truth_adopted(struct world *world, struct node *node, const struct stream_id *stream, uint64_t after_seq)
{
    struct view view = node_view(node);
    struct arena arena;
    struct cell cells[128];

    arena_init(&arena, 1 << 20);
    size_t count =
        view.ops->cells_scan(view.ctx, stream, after_seq, sizeof cells / sizeof *cells, &arena, cells);
    for (size_t i = 0; i < count; i++) {
        unsigned key = 0;
        int64_t number = -1;
        if (stream->topic == TOPIC_RESULTS && cell_value_get_number(cells[i].value, &number)) {
            key = (unsigned)(cells[i].key.data[cells[i].key.size - 1] - '0');
            CHECK(key < TRUTH_KEYS);
        }
        truth_wrote(world, stream, cells[i].seq, key, number, 0);
    }
    arena_release(&arena);
}

static uint64_t seq_at(struct node *node, const struct stream_id *stream, struct certificate *certificate)
{
    struct view view = node_view(node);

    if (!node->store || !view.ops->stream_find(view.ctx, stream, certificate)) {
        return 0;
    }
    return certificate->head.seq;
}

void truth_acked(struct world *world, const struct stream_id *id, uint64_t seq)
{
    struct truth_stream *stream = stream_get(&world->truth, id);
    struct certificate certificate;

    if (seq <= stream->acked_seq) {
        return;
    }
    struct node *writer = world_find(world, &id->node);
    stream->acked_seq = seq;
    stream->floor_seq = writer->is_revoked ? stream->floor_seq : seq; /* nobody takes what it writes from then on */
    if (seq_at(writer, id, &certificate) == seq) {
        if (certificate.head.stamp <= stream->acked_stamp) {
            world_fail(world, "the stamps of a stream go back with its clock");
        }
        stream->acked_stamp = certificate.head.stamp;
    }
}

/* How far a stream counts at a node, for itself or in another. */
static uint64_t reach_at(struct node *node, const struct stream_id *stream)
{
    struct certificate certificate;
    uint64_t seq = seq_at(node, stream, &certificate);
    uint64_t adopted = node->store ? memory_store_adopted_seq(node->store, stream) : 0;

    if (adopted == 0) {
        return seq;
    }
    return stream->topic == TOPIC_RESULTS || adopted > seq ? adopted : seq;
}

/* What is to be seen of a stream: nothing of one that is covered. */
static uint64_t visible_at(struct node *node, const struct stream_id *stream, struct certificate *certificate)
{
    uint64_t seq = seq_at(node, stream, certificate);

    return seq > 0 && adoption_covers(seq, memory_store_adopted_seq(node->store, stream)) ? 0 : seq;
}

void truth_reach_take(struct world *world, struct node *node, const struct id *writer,
                      struct truth_reach *reach)
{
    memset(reach, 0, sizeof *reach); /* also of streams that begin meanwhile */
    for (size_t i = 0; i < world->truth.count; i++) {
        const struct stream_id *stream = &world->truth.streams[i].stream;
        reach->seq[i] = id_equal(&stream->node, writer) ? reach_at(node, stream) : 0;
    }
}

/* What is left of a stream when `node` has only `own_seq` of it. */
static void floor_lower(struct world *world, struct truth_stream *stream, const struct node *node,
                        uint64_t own_seq)
{
    uint64_t best = node->is_revoked ? 0 : own_seq;

    for (unsigned other = 0; other < world->node_count; other++) {
        struct node *holder = &world->nodes[other];
        if (holder != node && holder->store && !holder->is_revoked && !holder->has_tampered) { /* what somebody altered is no copy */
            uint64_t seq = reach_at(holder, &stream->stream);
            best = seq > best ? seq : best;
        }
    }
    stream->floor_seq = best < stream->floor_seq ? best : stream->floor_seq;
}

void truth_before_restore(struct world *world, struct node *node)
{
    struct memory_store *store = node->store;

    for (size_t i = 0; i < world->truth.count; i++) {
        node->store = node->backup;
        uint64_t seq = reach_at(node, &world->truth.streams[i].stream);
        node->store = store;
        floor_lower(world, &world->truth.streams[i], node, seq);
    }
}

void truth_before_close(struct world *world, struct node *node)
{
    for (size_t i = 0; i < world->truth.count; i++) {
        struct truth_stream *stream = &world->truth.streams[i];
        if (node->was_restored && stream->stream.topic != TOPIC_RESULTS && id_equal(&stream->stream.node, &node->identity->node)) {
            uint64_t reach = reach_at(node, &stream->stream);
            stream->floor_seq = reach < stream->floor_seq ? reach : stream->floor_seq;
        }
    }
}

void truth_before_forget(struct world *world, struct node *node, const struct stream_id *stream)
{
    floor_lower(world, stream_get(&world->truth, stream), node, 0);
}

void truth_after_revocation(struct world *world, struct node *node)
{
    for (size_t i = 0; i < world->truth.count; i++) {
        floor_lower(world, &world->truth.streams[i], node, 0);
    }
}

static int64_t number_at(struct node *node, const struct stream_id *stream, unsigned key_number)
{
    char key[16];
    struct bytes value;
    int64_t number = 0;

    snprintf(key, sizeof key, "r\x1fkey%u", key_number);
    if (memory_store_find(node->store, stream, bytes_text(key), &value)) {
        (void)cell_value_get_number(value, &number);
    }
    return number;
}

/* What a reader at the node counts of one stream. */
static int64_t counted_at(struct node *node, const struct stream_id *stream, unsigned key)
{
    struct certificate certificate;
    uint64_t seq = seq_at(node, stream, &certificate);
    uint64_t adopted = memory_store_adopted_seq(node->store, stream);

    return seq > 0 && adoption_counts(stream->topic, seq, adopted) ? number_at(node, stream, key) : 0;
}

/* What a node counts of a writer is what was recorded as far as its streams reach there. */
static void writer_check(struct world *world, struct node *node, const struct id *writer,
                         const struct truth_reach *before)
{
    int64_t counted[TRUTH_KEYS] = {0}, recorded[TRUTH_KEYS] = {0};

    if (node->has_tampered || (before && world_find(world, writer)->has_twin)) {
        return; /* two machines with one key: at rest */
    }
    for (size_t i = 0; i < world->truth.count; i++) {
        const struct truth_stream *stream = &world->truth.streams[i];
        if (!id_equal(&stream->stream.node, writer)) {
            continue;
        }
        uint64_t reach = reach_at(node, &stream->stream);
        if (before && reach < before->seq[i]) {
            world_fail(world, "%s of node %d vanish at node %d: %llu, not %llu",
                       topic_name(stream->stream.topic), world_find(world, writer)->index, node->index,
                       (unsigned long long)reach, (unsigned long long)before->seq[i]);
        }
        for (unsigned key = 0; key < TRUTH_KEYS && stream->stream.topic == TOPIC_RESULTS; key++) {
            counted[key] += counted_at(node, &stream->stream, key);
            recorded[key] += own_written(stream, reach, key);
        }
    }
    for (unsigned key = 0; key < TRUTH_KEYS; key++) {
        if (counted[key] != recorded[key]) {
            world_fail(world, "node %d counts %lld of node %d, recorded were %lld", node->index,
                       (long long)counted[key], world_find(world, writer)->index, (long long)recorded[key]);
        }
    }
}

void truth_check_applied(struct world *world, struct node *node, const struct stream_id *stream,
                         uint64_t before_seq, const struct truth_reach *reach)
{
    struct certificate certificate;
    uint64_t seq = seq_at(node, stream, &certificate);

    writer_check(world, node, &stream->node, reach);
    if (seq < before_seq && reach_at(node, stream) < before_seq) {
        world_fail(world, "a stream at node %d goes back from %llu to %llu", node->index,
                   (unsigned long long)before_seq, (unsigned long long)seq);
    }
    if (!handover_might_hold(world, node, stream) && /* whoever hears in the same commit that it is a hub no more takes what it asked for */
        (!roster_may_hold(node->roster, &node->identity->node, &stream->node, stream->topic) ||
         (!node->is_revoked && !world_may_hold(world, node, stream)))) {
        world_fail(world, "node %d holds %s it has no right to", node->index, topic_name(stream->topic));
    }
    if (id_equal(&stream->node, &node->identity->node) && id_equal(&stream->incarnation, &node->living)) {
        world_fail(world, "node %d applies to the stream it writes", node->index);
    }
}

void truth_check_receipt(struct world *world, const struct held *held)
{
    struct node *holder = world_find(world, &held->holder);

    struct node *writer = world_find(world, &held->stream.node);

    if (!holder || holder->was_restored || holder->has_twin || world->has_byzantine || !writer || writer->has_twin || writer->is_revoked) {
        return; /* what a restore or a revocation took back was held once */
    }
    if (!holder->store || reach_at(holder, &held->stream) < held->seq) {
        world_fail(world, "a receipt of node %d says more than it holds", holder->index);
    }
}

/* --- convergence --- */

/* A revoked writer's results stay as they are where they are, and so does what is left of a stream of an ended key when its end is nowhere
 * any more (replication/trust/README.md). */
static bool is_compared(struct world *world, const struct truth_stream *stream)
{
    const struct stream_id *id = &stream->stream;
    const struct node *writer = world_find(world, &id->node);

    return writer && (!writer->is_revoked || id->topic == TOPIC_ROSTER) && !turn_is_cut_off(world, id, stream->floor_seq);
}

static bool stream_is_equal(struct world *world, const struct stream_id *stream, const char **why_out)
{
    struct certificate first, other;
    uint64_t first_seq = UINT64_MAX;

    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        if (!node->store || !node->is_up || !world_may_hold(world, node, stream)) {
            continue;
        }
        uint64_t seq = visible_at(node, stream, &other);
        if (first_seq == UINT64_MAX) {
            first_seq = seq;
            first = other;
        } else if (seq != first_seq || (seq > 0 && !hash_equal(&first.head.digest, &other.head.digest))) {
            *why_out = seq != first_seq ? "different seqs" : "different digests at one seq";
            return false;
        }
    }
    return true;
}

static bool is_listed(struct world *world, struct node *node, unsigned course)
{
    const struct id *publisher = &world->nodes[world->courses[course].publisher].identity->node;
    struct bytes value;
    char key[24];

    snprintf(key, sizeof key, "course%u", course);
    for (size_t i = 0; i < world->truth.count; i++) {
        const struct stream_id *stream = &world->truth.streams[i].stream;
        if (stream->topic == TOPIC_CATALOGUE && id_equal(&stream->node, publisher) &&
            memory_store_find(node->store, stream, bytes_text(key), &value)) {
            return true;
        }
    }
    return false;
}

static bool is_held_at(struct node *node, const struct hash *object)
{
    uint64_t size;

    if (!node->store) {
        return false;
    }
    struct view view = node_view(node);
    return view.ops->object_find(view.ctx, object, &size);
}

/* At the publisher, which everybody's demand goes up to, or at somebody this node speaks with. */
static bool is_offered(struct world *world, const struct node *node, int publisher, const struct hash *object)
{
    bool is = is_held_at(&world->nodes[publisher], object);

    for (unsigned i = 0; i < world->link_count && !is; i++) {
        const struct link *link = &world->links[i];
        for (int side = 0; side < 2 && !is; side++) {
            const struct node *other = &world->nodes[link->ends[1 - side]];
            is = link->ends[side] == node->index && other->is_up && !other->is_revoked && is_held_at(&world->nodes[other->index], object);
        }
    }
    return is;
}

/* What a lost machine alone had is gone, and what a revoked node published may be out of reach for ever, and a demand may outlive its course when all
 * who knew of it went back to a backup. */
static bool is_reachable(struct world *world, struct node *node, const struct hash *object)
{
    for (unsigned i = 0; i < world->course_count; i++) {
        const struct course *course = &world->courses[i];
        for (unsigned j = 0; j < course->objects; j++) {
            if (hash_equal(&course->object[j], object)) {
                return !world->nodes[course->publisher].is_revoked && is_listed(world, node, i) &&
                       (!world->has_lost_disk || is_offered(world, node, (int)course->publisher, object));
            }
        }
    }
    return false;
}

static bool wants_are_met(struct world *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        struct wanted wanted[COURSES_MAX * COURSE_OBJECTS_MAX];
        if (!node->is_up || node->is_revoked) {
            continue;
        }
        struct view view = node_view(node);
        size_t count = view.ops->wanted_scan(view.ctx, 0, COURSES_MAX * COURSE_OBJECTS_MAX, wanted);
        for (size_t w = 0; w < count; w++) {
            if (is_reachable(world, node, &wanted[w].object)) {
                return false;
            }
        }
    }
    return true;
}

static bool sessions_are_in_step(struct world *world)
{
    for (unsigned i = 0; i < world->link_count; i++) {
        const struct link *link = &world->links[i];
        if (world->nodes[link->ends[0]].is_revoked || world->nodes[link->ends[1]].is_revoked ||
            !world->nodes[link->ends[0]].is_up || !world->nodes[link->ends[1]].is_up) {
            continue;
        }
        for (int side = 0; side < 2; side++) {
            if (!link->is_up || peer_progress(link->sessions[side].peer)->state != PEER_IN_STEP) {
                world_trace(world, "link %d-%d: node %d is not in step", link->ends[0], link->ends[1], link->ends[side]);
                return false;
            }
        }
    }
    return true;
}

/* What may be adopted is, and nothing was adopted too early. */
static bool adoptions_are_done(struct world *world)
{
    struct adopt_plan plan;

    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST && node->is_up && !node->is_revoked && !node->has_denied; topic++) {
            struct view view = node_view(node);
            adopt_plan_make(&view, &node->identity->node, (enum topic)topic, world->spare, &plan);
            if (plan.count > 0 || plan.short_ones > 0 || plan.is_displaced) {
                world_trace(world, "node %u: %zu %s to adopt, %zu fell short%s", i, plan.count,
                            topic_name((enum topic)topic), plan.short_ones,
                            plan.is_displaced ? ", displaced" : "");
                return false;
            }
        }
        struct id streams[2];
        if (node->is_up && node->has_twin && memory_store_doubled(node->store, &node->identity->node, streams)) {
            world_trace(world, "node %u: .%02x and .%02x count the same", i, streams[0].b[0], streams[1].b[0]);
            return false;
        }
    }
    return true;
}

bool truth_is_converged(struct world *world)
{
    const char *why;

    if (!sessions_are_in_step(world) || !wants_are_met(world) || !adoptions_are_done(world) || !expulsion_is_settled(world, &why) ||
        !turn_is_settled(world, &why)) {
        return false;
    }
    for (size_t i = 0; i < world->truth.count; i++) {
        if (is_compared(world, &world->truth.streams[i]) &&
            !stream_is_equal(world, &world->truth.streams[i].stream, &why)) {
            return false;
        }
    }
    return true;
}

/* --- at rest --- */

/* The writer's numbers as of `seq`. */
static int64_t number_written(const struct truth_stream *stream, uint64_t seq, unsigned key)
{
    int64_t number = 0;

    for (size_t i = 0; i < stream->count && stream->writes[i].seq <= seq; i++) {
        if (stream->writes[i].key == key && stream->writes[i].number >= 0) {
            number = stream->writes[i].number;
        }
    }
    return number;
}

static void holders_check(struct world *world, const struct truth_stream *stream)
{
    struct certificate certificate;

    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        if (!node->is_up || !world_may_hold(world, node, &stream->stream)) {
            continue;
        }
        uint64_t seq = seq_at(node, &stream->stream, &certificate);
        uint64_t reach = reach_at(node, &stream->stream);
        if (is_compared(world, stream) && reach < stream->floor_seq) {
            world_fail(world, "acknowledged %s of node %d are lost at node %d: %llu of %llu",
                       topic_name(stream->stream.topic), world_find(world, &stream->stream.node)->index,
                       (int)i, (unsigned long long)reach, (unsigned long long)stream->floor_seq);
        }
        for (unsigned key = 0; key < TRUTH_KEYS && stream->stream.topic == TOPIC_RESULTS; key++) {
            if (number_at(node, &stream->stream, key) != number_written(stream, seq, key)) {
                world_fail(world, "node %d has another number than node %d wrote", (int)i,
                           world_find(world, &stream->stream.node)->index);
            }
        }
    }
}

/* The sum over all streams at the hub, beside the sum of what every writer got acknowledged. */
static void totals_check(struct world *world)
{
    struct node *hub_node = handover_hub(world);

    for (unsigned key = 0; key < TRUTH_KEYS; key++) {
        int64_t hub = 0, true_total = 0;
        for (size_t i = 0; i < world->truth.count; i++) {
            const struct truth_stream *stream = &world->truth.streams[i];
            if (stream->stream.topic != TOPIC_RESULTS || !is_compared(world, stream)) {
                continue;
            }
            uint64_t reach = reach_at(hub_node, &stream->stream); /* more than acknowledged: nobody lived to be told */
            uint64_t seq = stream->floor_seq == stream->acked_seq && reach < stream->acked_seq ? stream->acked_seq : reach;
            hub += counted_at(hub_node, &stream->stream, key);
            true_total += own_written(stream, seq, key);
        }
        if (hub != true_total) {
            world_fail(world, "the hub's total is %lld, not %lld", (long long)hub, (long long)true_total);
        }
    }
}

/* Who was revoked is so for everybody, unless a restored node took the only copy of the statement with it. */
static void revocations_check(struct world *world, struct node *node)
{
    for (unsigned i = 0; i < world->node_count && world->result.restores == 0; i++) {
        const struct roster_node *known = roster_find(node->roster, &world->nodes[i].identity->node);
        if (world->nodes[i].is_revoked && known && !known->is_revoked) {
            world_fail(world, "node %d does not know that node %u is revoked", node->index, i);
        }
    }
}

/* What everybody counts of a node that two machines write as. */
static void twins_check(struct world *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        const struct stream_id stream = {.node = world->nodes[i].identity->node, .topic = TOPIC_RESULTS};
        for (unsigned j = 0; j < world->node_count && world->nodes[i].has_twin; j++) {
            if (world->nodes[j].is_up && world_may_hold(world, &world->nodes[j], &stream)) {
                writer_check(world, &world->nodes[j], &stream.node, NULL);
            }
        }
    }
}

void truth_check_rest(struct world *world)
{
    const char *why = "";

    for (size_t i = 0; i < world->truth.count; i++) {
        const struct truth_stream *stream = &world->truth.streams[i];
        if (is_compared(world, stream) && !stream_is_equal(world, &stream->stream, &why)) {
            world_fail(world, "%s of node %d: %s", topic_name(stream->stream.topic),
                       world_find(world, &stream->stream.node)->index, why);
        }
        holders_check(world, stream);
    }
    totals_check(world);
    twins_check(world);
    if (!expulsion_is_settled(world, &why)) {
        world_fail(world, "%s", why);
    }
    if (!turn_is_settled(world, &why)) {
        world_fail(world, "%s", why);
    }
    truth_check_objects(world);
    for (unsigned i = 0; i < world->node_count; i++) {
        if (world->nodes[i].is_up && !world->nodes[i].is_revoked) {
            revocations_check(world, &world->nodes[i]);
        }
    }
    if (!adoptions_are_done(world)) {
        world_fail(world, "closed streams wait for their adoption");
    }
    if (!wants_are_met(world)) {
        world_fail(world, "objects are still wanted");
    }
    if (!sessions_are_in_step(world)) {
        world_fail(world, "a session does not come into step");
    }
}
