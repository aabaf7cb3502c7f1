/* Legacies: streams that this node holds by a right of before, and may not hold any more.
 *
 * A hub that became a centre keeps what it held of everybody, but is sent no more of it, so it is not
 * compared: its digests would never be equal again. It may be the only copy of what somebody was given a
 * receipt for: the writer's machine is gone, or the hub after it was lost with all it had. So in step with
 * somebody who may hold such a stream, its entries are offered (VECTOR, a reply of no round), once under a
 * roster; the other asks for what it lacks as for anything else, and tells what it holds (HELD), which is
 * kept: nothing is offered twice. A version that knows no legacies passes over them. */
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/stream/adoption.h"
#include "replication/trust/roster_end.h"
#include "replication/trust/roster_keys.h"

bool legacy_is_kept(const struct peer *peer, const struct stream_id *stream)
{
    const struct view *view = peer->view;
    struct certificate certificate;

    return !stream_may_come(peer, stream) && view->ops->stream_find(view->ctx, stream, &certificate);
}

bool legacy_is_taken(const struct peer *peer, const struct stream_id *stream)
{
    return stream_may_come(peer, stream) && !stream_may_go(peer, stream);
}

/* --- in --- */

void legacy_note(struct peer *peer, const struct vector_entry *entry)
{
    const struct view *view = peer->view;
    struct certificate certificate;
    struct vector own;

    vector_init(&own);
    if (view->ops->stream_find(view->ctx, &entry->stream, &certificate)) {
        vector_merge_head(&own, &certificate.head);
    }
    const struct vector_entry *held = vector_find(&own, &entry->stream);
    bool is_covered = adoption_covers(entry->seq, view->ops->adopted_seq(view->ctx, &entry->stream)); /* what counts it is here */
    if (is_covered || (held && held->seq >= entry->seq)) {
        receipt_note(peer, &entry->stream, is_covered ? entry->seq : held->seq);
    }
    pull_note(peer, entry, held);
    vector_release(&own);
}

void legacy_keep_pulls(struct peer *peer)
{
    struct pulls *pulls = &peer->in.pulls;
    size_t kept = 0;

    for (size_t i = 0; i < pulls->count; i++) {
        if (legacy_is_taken(peer, &pulls->items[i].stream)) {
            pulls->items[kept++] = pulls->items[i];
        }
    }
    if (kept == 0) {
        pull_clear(peer);
    }
    pulls->count = kept;
}

/* --- out --- */

/* True when the other may hold this state, we may not, and it did not say that it has it. */
static bool is_offered(const struct peer *peer, const struct stream_head *head)
{
    const struct view *view = peer->view;

    return head->seq > 0 && !stream_may_come(peer, &head->stream) && stream_may_go(peer, &head->stream) &&
           roster_may_take(view->roster, head) &&
           !roster_is_before_end(view->roster, &head->stream, head->seq) &&
           !stream_is_frozen(peer, &head->stream) &&
           !adoption_covers(head->seq, view->ops->adopted_seq(view->ctx, &head->stream)) &&
           view->ops->held_seq(view->ctx, &head->stream, &peer->options.remote) < head->seq;
}

bool legacy_is_given(const struct peer *peer, const struct id *writer)
{
    struct stream_id after = {.node = *writer, .topic = TOPIC_RESULTS};
    struct stream_head head;
    bool is_given = true;

    while (is_given && peer->view->ops->stream_next(peer->view->ctx, &after, &head) && head.stream.topic == TOPIC_RESULTS &&
           id_equal(&head.stream.node, writer)) {
        after = head.stream;
        is_given = !is_offered(peer, &head);
    }
    return is_given;
}

static void part_send(struct peer *peer)
{
    struct legacy *legacy = &peer->legacy;
    const struct view *view = peer->view;
    struct message message = {.type = MESSAGE_VECTOR};
    struct stream_head head;
    struct vector part;

    vector_init(&part);
    bool more = view->ops->stream_next(view->ctx, legacy->has_begun ? &legacy->after : NULL, &head);
    while (more && part.count < ENTRIES_PER_PART) {
        if (is_offered(peer, &head)) {
            vector_merge_head(&part, &head);
        }
        legacy->has_begun = true;
        legacy->after = head.stream;
        more = view->ops->stream_next(view->ctx, &legacy->after, &head);
    }
    legacy->is_done = !more;
    legacy->next_ms = peer->now_ms + LEGACY_PAUSE_MS;
    if (part.count > 0) {
        message.vector.round = peer->round.number;
        message.vector.entries = part.entries;
        message.vector.count = part.count;
        message.vector.is_reply = true;
        effect_send(peer, &message);
    }
    vector_release(&part);
}

void legacy_on_in_step(struct peer *peer)
{
    struct legacy *legacy = &peer->legacy;
    uint64_t version = roster_version(peer->view->roster);

    if (version != legacy->roster_version) {
        *legacy = (struct legacy){.roster_version = version, .next_ms = peer->now_ms};
    }
}

void legacy_continue(struct peer *peer)
{
    if (peer->now_ms >= legacy_deadline(peer)) {
        part_send(peer);
    }
}

uint64_t legacy_deadline(const struct peer *peer)
{
    const struct legacy *legacy = &peer->legacy;

    return peer->state == PEER_IN_STEP && legacy->roster_version > 0 && !legacy->is_done ? legacy->next_ms
                                                                                         : UINT64_MAX;
}
