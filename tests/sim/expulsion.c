#include "tests/sim/expulsion.h"

#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/roster_end.h"
#include "replication/trust/roster_keys.h"
#include "tests/kit/memory_store.h"

static struct node *node_of(struct world *world, const struct id *id)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (id_equal(&world->nodes[i].identity->node, id)) {
            return &world->nodes[i];
        }
    }
    return NULL;
}

void expulsion_write(struct world *world, struct node *by, struct node *about, struct job *job)
{
    struct stream_end ends[STATEMENT_ENDS_MAX];
    struct revoke_terms terms = {.reason = "test", .ends = ends, .has_ends = true};
    struct signer signer = {.node = by->identity->node};
    struct memory_store *store = by->store;
    struct stream_head head;
    struct buffer statement;

    if (by->backup && world_chance(world, 500)) {
        by->store = by->backup; /* what was accepted some time ago: others hold more */
    }
    memcpy(signer.sign_secret, by->identity->sign_secret, sizeof signer.sign_secret);
    struct view view = node_view(by);

    for (bool more = view.ops->stream_next(view.ctx, NULL, &head); more;) {
        struct stream_id last = head.stream;
        if (id_equal(&last.node, &about->identity->node) && last.topic != TOPIC_ROSTER && terms.end_count < STATEMENT_ENDS_MAX) {
            ends[terms.end_count++] = (struct stream_end){last, head.seq, head.digest};
        }
        more = view.ops->stream_next(view.ctx, &last, &head);
    }
    by->store = store;
    buffer_init(&statement);
    enum status status =
        statement_revoke(&world->federation->id, &about->identity->node, node_wall_ms(world, by), &terms, &signer, &statement);
    CHECK(status == S_OK);
    job->data = statement.data; /* the job's from here on */
    job->size = statement.size;
}

/* Signed with a key that its writer gave up, and more than it left of it. */
static bool is_of_ended_key(struct node *node, const struct stream_head *head)
{
    const struct roster_node *writer = roster_find(node->roster, &head->stream.node);
    struct view view = node_view(node);
    struct certificate certificate;

    return writer && writer->former_count > 0 && writer->former[0].closing.size > 0 &&
           view.ops->stream_find(view.ctx, &head->stream, &certificate) &&
           roster_certificate_check(node->roster, &certificate, true) == S_STALE;
}

void expulsion_trim(struct world *world, struct node *node)
{
    struct view view = node_view(node);
    struct stream_head head;

    for (bool more = view.ops->stream_next(view.ctx, NULL, &head); more;) {
        struct stream_id last = head.stream;
        if ((roster_must_drop(node->roster, &head) && !id_equal(&last.node, &node->identity->node)) ||
            (world->has_turns && is_of_ended_key(node, &head))) {
            memory_store_forget(node->store, &last);
            world_trace(world, "node %d drops %s/%02x%02x.%02x at %llu: it ends earlier", node->index, topic_name(last.topic), last.node.b[0],
                        last.node.b[1], last.incarnation.b[0], (unsigned long long)head.seq);
        }
        more = view.ops->stream_next(view.ctx, &last, &head);
    }
}

/* How `node` stands to one stream of a revoked writer: 1 it has the end, 0 it has less, -1 it has what it should not. */
static int standing_of(struct node *node, const struct stream_id *stream)
{
    struct view view = node_view(node);
    struct certificate certificate;

    const struct roster_node *writer = roster_find(node->roster, &stream->node);
    struct statement statement; /* read anew: what decides elsewhere may be broken */
    struct stream_end end;

    if (!writer || !view.ops->stream_find(view.ctx, stream, &certificate) || writer->revocation.size == 0) {
        return 0;
    }
    statement_read(writer->revocation, &statement);
    if (!statement_end(&statement, stream, &end) || certificate.head.seq > end.seq) {
        return -1;
    }
    if (certificate.head.seq == end.seq) {
        return hash_equal(&certificate.head.digest, &end.digest) ? 1 : -1;
    }
    return 0;
}

static bool stream_is_settled(struct world *world, const struct stream_id *stream, const char **why_out)
{
    bool has_end = false, has_less = false;

    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        struct view view;
        if (!node->store || !node->is_up || !world_may_hold(world, node, stream)) {
            continue;
        }
        view = node_view(node);
        if (view.ops->adopted_seq(view.ctx, stream) > 0) {
            continue; /* counted in another */
        }
        int standing = standing_of(node, stream);
        if (standing < 0) {
            *why_out = "more of a revoked writer is held than was accepted";
            return false;
        }
        has_end |= standing > 0;
        has_less |= standing == 0;
    }
    *why_out = "the end of a revoked writer's stream is not everywhere";
    return !(has_end && has_less);
}

bool expulsion_is_settled(struct world *world, const char **why_out)
{
    for (size_t i = 0; i < world->truth.count; i++) {
        const struct stream_id *stream = &world->truth.streams[i].stream;
        const struct node *writer = node_of(world, &stream->node);
        if (writer && writer->is_revoked && stream->topic != TOPIC_ROSTER && !stream_is_settled(world, stream, why_out)) {
            return false;
        }
    }
    return true;
}
