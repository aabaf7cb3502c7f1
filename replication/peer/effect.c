/* What leaves a step: effects in order, frames copied into the step's arena. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"

enum { EFFECTS_GROW = 32, EFFECTS_MAX = 8192 };

struct effect *effect_add(struct peer *peer, enum effect_kind kind)
{
    CHECK(peer->effect_count < EFFECTS_MAX); /* a step's work is bounded well below */
    if (peer->effect_count == peer->effect_capacity) {
        size_t capacity = peer->effect_capacity ? 2 * peer->effect_capacity : EFFECTS_GROW;
        struct effect *effects = reallocarray(peer->effects, capacity, sizeof *effects);
        CHECK(effects);
        peer->effects = effects;
        peer->effect_capacity = capacity;
    }
    struct effect *effect = &peer->effects[peer->effect_count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    return effect;
}

uint64_t effect_ticket(struct peer *peer, struct effect *effect)
{
    effect->ticket = ++peer->next_ticket;
    return effect->ticket;
}

void effect_send_kept(struct peer *peer, enum channel channel, struct bytes frame)
{
    struct effect *effect = effect_add(peer, EFFECT_SEND);

    CHECK(frame.size <= FRAME_SIZE_MAX);
    effect->channel = channel;
    effect->bytes = frame;
    peer->progress.frames_out++;
    peer->progress.bytes_out += frame.size;
}

void effect_send_frame(struct peer *peer, enum channel channel, struct bytes frame)
{
    struct bytes copy = arena_copy(&peer->arena, frame);

    if (copy.data) { /* else the step's memory is used up: as good as lost on the way, and repeated on a timer */
        effect_send_kept(peer, channel, copy);
    }
}

void effect_send(struct peer *peer, const struct message *message)
{
    buffer_clear(&peer->frame);
    enum status status = message_encode(message, &peer->frame);
    CHECK(status == S_OK); /* callers keep within the limits */
    effect_send_frame(peer, message_is_bulk(message->type) ? CHANNEL_BULK : CHANNEL_CONTROL, buffer_bytes(&peer->frame));
}

void effect_refuse(struct peer *peer, enum message_type type, const struct stream_id *stream,
                   enum status status, const char *text)
{
    struct message message = {.type = MESSAGE_REFUSE};
    struct effect *effect = effect_add(peer, EFFECT_REFUSED);

    effect->status = status;
    effect->bytes = bytes_text(text);
    if (stream) {
        effect->stream = *stream;
    }
    message.refuse.status = (uint32_t)status;
    message.refuse.type = (uint32_t)type;
    message.refuse.reason = bytes_text(text);
    effect_send(peer, &message);
    peer->progress.refused++;
    if (peer->progress.refused >= REFUSALS_MAX) {
        effect_close(peer, BACKOFF_MS);
    }
}

void effect_close(struct peer *peer, uint32_t after_ms)
{
    if (peer->state == PEER_CLOSED) {
        return;
    }
    effect_add(peer, EFFECT_CLOSE)->after_ms = after_ms;
    round_enter(peer, PEER_CLOSED);
}

uint32_t bulk_cost(size_t size)
{
    CHECK(size <= FRAME_SIZE_MAX);
    return size < BULK_COST_MIN ? BULK_COST_MIN : (uint32_t)size;
}
