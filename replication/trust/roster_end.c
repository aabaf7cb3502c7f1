/* Where the streams of revoked writers end, and who follows them; see roster.h. */
#include <string.h>

#include "replication/trust/roster_end.h"
#include "replication/trust/statement.h"

const struct roster_node *roster_standing(const struct roster *roster, const struct id *node)
{
    const struct roster_node *at = roster_find(roster, node);

    for (int step = 0; step < ROSTER_DEPTH_MAX && at && at->is_revoked; step++) {
        const struct roster_node *next = roster_find(roster, &at->successor);
        if (!next || !(id_equal(&next->parent, &at->parent) || id_equal(&next->node, &at->parent))) {
            break; /* who revoked may not give figures to a node of somebody else; who stands directly above has them */
        }
        at = next;
    }
    return at;
}

/* Where the stream of a revoked writer ends; false when nothing says so. */
static bool end_find(const struct roster_node *writer, const struct stream_id *stream, struct stream_end *out)
{
    struct statement statement;

    if (writer->revocation.size == 0) {
        return false;
    }
    statement_read(writer->revocation, &statement);
    return statement_end(&statement, stream, out);
}

static bool is_free(const struct roster_node *writer, const struct stream_id *stream)
{
    return !writer->is_revoked || stream->topic == TOPIC_ROSTER;
}

bool roster_may_go_on(const struct roster *roster, const struct stream_id *stream)
{
    const struct roster_node *writer = roster_find(roster, &stream->node);
    struct stream_end end;

    return writer && (is_free(writer, stream) || end_find(writer, stream, &end));
}

bool roster_may_take(const struct roster *roster, const struct stream_head *head)
{
    const struct roster_node *writer = roster_find(roster, &head->stream.node);
    struct stream_end end;

    if (!writer) {
        return false;
    }
    return is_free(writer, &head->stream) ||
           (end_find(writer, &head->stream, &end) && head->seq == end.seq && hash_equal(&head->digest, &end.digest));
}

bool roster_may_take_seq(const struct roster *roster, const struct stream_id *stream, uint64_t seq)
{
    const struct roster_node *writer = roster_find(roster, &stream->node);
    struct stream_end end;

    return writer && (is_free(writer, stream) || (end_find(writer, stream, &end) && seq == end.seq));
}

bool roster_must_drop(const struct roster *roster, const struct stream_head *head)
{
    const struct roster_node *writer = roster_find(roster, &head->stream.node);
    struct stream_end end;

    if (!writer || is_free(writer, &head->stream) || writer->revocation.size == 0) {
        return false;
    }
    if (!end_find(writer, &head->stream, &end) || head->seq > end.seq) {
        return true;
    }
    return head->seq == end.seq && !hash_equal(&head->digest, &end.digest);
}
