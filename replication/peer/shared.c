/* The shared vector: the streams which both sides may hold, by the roster as this side knows it.
 *
 * Both sides compute it by the same rule, so with equal rosters and equal streams the digests are equal. It
 * is rebuilt only when the view's generation, the roster or the frozen streams changed. */
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/trust/roster_end.h"
#include "replication/trust/roster_keys.h"

/* What is held anyway may go to who may hold it, and may come from whoever has it (any relay may bring any delta): so asks and
 * answers need the right of the receiver alone, as in a bundle. */
bool stream_may_go(const struct peer *peer, const struct stream_id *stream)
{
    const struct roster *roster = peer->view->roster;

    return roster_may_go_on(roster, stream) && roster_may_hold(roster, &peer->options.remote, &stream->node, stream->topic);
}

bool stream_may_come(const struct peer *peer, const struct stream_id *stream)
{
    const struct roster *roster = peer->view->roster;

    return roster_may_go_on(roster, stream) && roster_may_hold(roster, &peer->options.self, &stream->node, stream->topic);
}

/* Rights of both; the writer must be known. Of a revoked writer the roster topic goes on: what it admitted
 * before stays in the federation, and newcomers must learn of it; each statement is judged on its own
 * (trust). Of its other streams goes on what the revocation names: its end. Who holds less of one has nothing
 * that another would take, so that is not compared. */
bool shared_may(const struct peer *peer, const struct stream_id *stream)
{
    return stream_may_come(peer, stream) && stream_may_go(peer, stream);
}

static bool shared_is_current(const struct peer *peer)
{
    const struct shared *shared = &peer->shared;
    const struct view *view = peer->view;

    return shared->is_valid && shared->generation == view->ops->generation(view->ctx) &&
           shared->roster_version == roster_version(view->roster) && id_equal(&shared->living, &view->living);
}

const struct shared *shared_get(struct peer *peer)
{
    struct shared *shared = &peer->shared;
    const struct view *view = peer->view;
    struct stream_head head;

    if (shared_is_current(peer)) {
        return shared;
    }
    vector_clear(&shared->vector);
    for (bool more = view->ops->stream_next(view->ctx, NULL, &head); more;) {
        if (shared_may(peer, &head.stream) && roster_may_take(view->roster, &head) &&
            !roster_is_before_end(view->roster, &head.stream, head.seq) &&
            !stream_is_frozen(peer, &head.stream)) {
            vector_merge_head(&shared->vector, &head);
        }
        struct stream_id last = head.stream;
        more = view->ops->stream_next(view->ctx, &last, &head);
        CHECK(!more || stream_id_compare(&last, &head.stream) < 0);
    }
    receipt_on_compared(peer, &shared->vector);
    shared->digest = vector_digest_of(&shared->vector);
    shared->generation = view->ops->generation(view->ctx);
    shared->roster_version = roster_version(view->roster);
    shared->living = view->living;
    shared->is_valid = true;
    return shared;
}

void shared_drop(struct peer *peer)
{
    peer->shared.is_valid = false;
}

bool stream_is_frozen(const struct peer *peer, const struct stream_id *stream)
{
    for (size_t i = 0; i < peer->in.frozen_count; i++) {
        if (stream_id_compare(&peer->in.frozen[i].stream, stream) == 0) {
            return true;
        }
    }
    return false;
}

/* A frozen stream leaves the comparison too: in a fork the other side finds the same and does likewise. */
void stream_freeze(struct peer *peer, const struct stream_id *stream, uint64_t until_ms)
{
    struct inbound *in = &peer->in;

    if (stream_is_frozen(peer, stream)) {
        return;
    }
    if (in->frozen_count == FROZEN_MAX) {
        memmove(in->frozen, in->frozen + 1, (FROZEN_MAX - 1) * sizeof *in->frozen);
        in->frozen_count--;
    }
    in->frozen[in->frozen_count++] = (struct frozen){.stream = *stream, .until_ms = until_ms};
    shared_drop(peer);
}

bool stream_is_living(const struct peer *peer, const struct stream_id *stream)
{
    return id_equal(&stream->node, &peer->options.self) && !id_is_none(&peer->view->living) &&
           id_equal(&stream->incarnation, &peer->view->living);
}

void stream_freeze_living(struct peer *peer, const struct stream_id *stream)
{
    if (!stream_is_frozen(peer, stream)) {
        stream_freeze(peer, stream, UINT64_MAX);
        peer->in.frozen[peer->in.frozen_count - 1].is_amnesia = true;
    }
}

bool streams_thaw(struct peer *peer)
{
    struct inbound *in = &peer->in;
    size_t kept = 0;

    for (size_t i = 0; i < in->frozen_count; i++) {
        const struct frozen *frozen = &in->frozen[i];
        bool has_ended =
            frozen->is_amnesia ? !stream_is_living(peer, &frozen->stream) : frozen->until_ms <= peer->now_ms;
        if (!has_ended) {
            in->frozen[kept++] = in->frozen[i];
        }
    }
    if (kept == in->frozen_count) {
        return false;
    }
    in->frozen_count = kept;
    shared_drop(peer);
    return true;
}

uint64_t streams_thaw_ms(const struct peer *peer)
{
    uint64_t first = UINT64_MAX;

    for (size_t i = 0; i < peer->in.frozen_count; i++) {
        first = peer->in.frozen[i].until_ms < first ? peer->in.frozen[i].until_ms : first;
    }
    return first;
}
