#include "replication/peer/trace.h"

#include <stdarg.h>
#include <stdio.h>

#include "replication/base/check.h"
#include "replication/wire/batch.h"

enum { TRACE_ARENA_MAX = 32 * 1024 * 1024, NAMED_MAX = 3 };

/* A line under way; what does not fit is cut. */
struct line {
    char *out;
    size_t size, used;
};

static void line_add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line_add(struct line *line, const char *format, ...)
{
    va_list arguments;

    if (line->used + 1 >= line->size) {
        return;
    }
    va_start(arguments, format);
    int wanted = vsnprintf(line->out + line->used, line->size - line->used, format, arguments);
    va_end(arguments);
    CHECK(wanted >= 0);
    size_t room = line->size - line->used - 1;
    line->used += (size_t)wanted < room ? (size_t)wanted : room;
}

static struct line line_begin(char *out, size_t size)
{
    CHECK(size > 0);
    out[0] = '\0';
    return (struct line){out, size, 0};
}

static void line_stream(struct line *line, const struct stream_id *stream)
{
    const char *name = topic_name(stream->topic);

    line_add(line, "%s/%02x%02x", name ? name : "?", stream->node.b[0], stream->node.b[1]);
}

static void line_hash(struct line *line, const struct hash *hash)
{
    line_add(line, "%02x%02x", hash->b[0], hash->b[1]);
}

static void line_more(struct line *line, size_t count)
{
    if (count > NAMED_MAX) {
        line_add(line, " and %zu more", count - NAMED_MAX);
    }
}

static void line_hello(struct line *line, const struct hello *hello)
{
    line_add(line, "hello%s: %u streams %02x%02x%02x%02x", hello->is_reply ? " back" : "",
             hello->stream_count, hello->digest.b[0], hello->digest.b[1], hello->digest.b[2],
             hello->digest.b[3]);
    if (hello->wanted_count > 0) {
        line_add(line, ", %u objects wanted", hello->wanted_count);
    }
}

static void line_vector(struct line *line, const struct vector_message *vector)
{
    line_add(line, "vector%s", vector->is_reply ? " back" : "");
    if (vector->bucket_count > 0) {
        line_add(line, " of %zu of %u buckets", vector->covered_count, vector->bucket_count);
    }
    for (size_t i = 0; i < vector->count && i < NAMED_MAX; i++) {
        line_add(line, "%s ", i ? "," : ":");
        line_stream(line, &vector->entries[i].stream);
        line_add(line, " at %llu", (unsigned long long)vector->entries[i].seq);
    }
    line_more(line, vector->count);
}

static void line_want(struct line *line, const struct want_message *want)
{
    line_add(line, "want");
    for (size_t i = 0; i < want->count && i < NAMED_MAX; i++) {
        line_add(line, "%s ", i ? "," : "");
        line_stream(line, &want->wants[i].stream);
        line_add(line, " above %llu", (unsigned long long)want->wants[i].after_seq);
    }
    line_more(line, want->count);
}

static void line_batch(struct line *line, struct bytes body, struct arena *arena)
{
    struct batch batch;

    if (batch_decode(body, arena, &batch) != S_OK) {
        line_add(line, "batch (unreadable)");
        return;
    }
    line_add(line, "batch ");
    line_stream(line, &batch.stream);
    line_add(line, " above %llu: %zu cells", (unsigned long long)batch.after_seq, batch.count);
    if (batch.has_certificate) {
        line_add(line, ", certified at %llu", (unsigned long long)batch.certificate.head.seq);
    }
}

static void line_held(struct line *line, const struct held_message *held)
{
    line_add(line, "held");
    for (size_t i = 0; i < held->count && i < NAMED_MAX; i++) {
        line_add(line, "%s ", i ? "," : "");
        line_stream(line, &held->held[i].stream);
        line_add(line, " to %llu by %02x%02x", (unsigned long long)held->held[i].seq,
                 held->held[i].holder.b[0], held->held[i].holder.b[1]);
    }
    line_more(line, held->count);
}

static void line_hashes(struct line *line, const char *word, const struct hashes_message *hashes)
{
    line_add(line, "%s", word);
    for (size_t i = 0; i < hashes->count && i < NAMED_MAX; i++) {
        line_add(line, "%s ", i ? "," : "");
        line_hash(line, &hashes->hashes[i]);
    }
    line_more(line, hashes->count);
}

static void line_offer(struct line *line, const struct offer_message *offer)
{
    const char *const words[] = {" have", " coming", " dropped"};
    const size_t counts[] = {offer->have_count, offer->coming_count, offer->dropped_count};
    struct hashes_message hashes = {.hashes = offer->hashes};

    line_add(line, "offer");
    for (size_t i = 0; i < 3; i++) {
        hashes.count = counts[i];
        if (hashes.count > 0) {
            line_hashes(line, words[i], &hashes);
            hashes.hashes += hashes.count;
        }
    }
}

static void line_pieces(struct line *line, const struct pieces_message *pieces)
{
    line_add(line, "pieces");
    for (size_t i = 0; i < pieces->count && i < NAMED_MAX; i++) {
        line_add(line, "%s ", i ? "," : "");
        line_hash(line, &pieces->pieces[i].object);
        line_add(line, " at %u: %zu of %u", pieces->pieces[i].offset, pieces->pieces[i].data.size,
                 pieces->pieces[i].size);
    }
    line_more(line, pieces->count);
}

static void line_asks(struct line *line, const struct ask_from_message *message)
{
    line_add(line, "ask");
    for (size_t i = 0; i < message->count && i < NAMED_MAX; i++) {
        line_add(line, "%s ", i ? "," : "");
        line_hash(line, &message->asks[i].object);
        line_add(line, " from ");
        line_hash(line, &message->asks[i].bases[0]);
    }
    line_more(line, message->count);
}

static void line_patches(struct line *line, const struct patches_message *message)
{
    line_add(line, "patches");
    for (size_t i = 0; i < message->count && i < NAMED_MAX; i++) {
        const struct patched_piece *piece = &message->pieces[i];
        line_add(line, "%s ", i ? "," : "");
        line_hash(line, &piece->object);
        line_add(line, " at %u: %u of %u", piece->offset, piece->length, piece->size);
    }
    line_more(line, message->count);
}

static void line_message(struct line *line, const struct message *message, struct arena *arena)
{
    switch (message->type) {
    case MESSAGE_HELLO:
        line_hello(line, &message->hello);
        break;
    case MESSAGE_VECTOR:
        line_vector(line, &message->vector);
        break;
    case MESSAGE_BUCKETS:
        line_add(line, "%zu buckets", message->buckets.count);
        break;
    case MESSAGE_WANT:
        line_want(line, &message->want);
        break;
    case MESSAGE_BATCH:
        line_batch(line, message->batch_body, arena);
        break;
    case MESSAGE_CREDIT:
        line_add(line, "credit of %llu", (unsigned long long)message->credit);
        break;
    case MESSAGE_HELD:
        line_held(line, &message->held);
        break;
    case MESSAGE_ASK:
        line_hashes(line, "ask", &message->hashes);
        break;
    case MESSAGE_PIECES:
        line_pieces(line, &message->pieces);
        break;
    case MESSAGE_ASK_FROM:
        line_asks(line, &message->ask_from);
        break;
    case MESSAGE_PATCHES:
        line_patches(line, &message->patches);
        break;
    case MESSAGE_ABSENT:
        line_hashes(line, "absent", &message->hashes);
        break;
    case MESSAGE_OFFER:
        line_offer(line, &message->offer);
        break;
    case MESSAGE_RETRY:
        line_add(line, "retry in %u ms", message->retry.after_ms);
        break;
    case MESSAGE_REFUSE:
        line_add(line, "refuse %s: %.*s", message_name(message->refuse.type),
                 (int)message->refuse.reason.size, (const char *)message->refuse.reason.data);
        break;
    case MESSAGE_JOIN:
    case MESSAGE_WELCOME:
    case MESSAGE_BUNDLE:
        line_add(line, "%s", message_name((unsigned)message->type));
        break;
    }
}

static void line_frame(struct line *line, struct bytes frame)
{
    struct arena arena;
    struct message message;

    arena_init(&arena, TRACE_ARENA_MAX);
    enum status status = message_decode(frame, &arena, &message);
    if (status == S_OK) {
        line_message(line, &message, &arena);
    } else {
        line_add(line, "unreadable frame: %s", status_text(status));
    }
    arena_release(&arena);
}

size_t trace_frame(struct bytes frame, char *out, size_t size)
{
    struct line line = line_begin(out, size);

    line_frame(&line, frame);
    return line.used;
}

size_t trace_event(const struct peer_event *event, char *out, size_t size)
{
    struct line line = line_begin(out, size);
    unsigned long long ticket = event->ticket;

    switch (event->kind) {
    case EVENT_OPEN:
        line_add(&line, "open");
        break;
    case EVENT_FRAME:
        line_add(&line, "gets ");
        line_frame(&line, event->frame);
        break;
    case EVENT_DURABLE:
        if (event->status == S_OK) {
            line_add(&line, "durable #%llu", ticket);
        } else {
            line_add(&line, "failed #%llu: %s", ticket, status_text(event->status));
        }
        break;
    case EVENT_PLACED:
        line_add(&line, "placed #%llu", ticket);
        break;
    case EVENT_CHANGED:
        line_add(&line, "changed");
        break;
    case EVENT_SHARED:
        line_add(&line, "shared");
        break;
    case EVENT_TICK:
        line_add(&line, "tick");
        break;
    case EVENT_CLOSED:
        line_add(&line, "closed");
        break;
    }
    return line.used;
}

static void line_covering(struct line *line, const char *word, const struct effect *effect)
{
    line_add(line, "%s ", word);
    line_stream(line, &effect->stream);
    line_add(line, " (%llu, %llu] #%llu", (unsigned long long)effect->after_seq,
             (unsigned long long)effect->seq, (unsigned long long)effect->ticket);
}

/* Effects about a stream or an object; false when it is none of these. */
static bool line_stored(struct line *line, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_STAGE:
        line_covering(line, "stages", effect);
        return true;
    case EFFECT_APPLY:
        line_covering(line, "applies", effect);
        return true;
    case EFFECT_UNSTAGE:
        line_add(line, "unstages ");
        line_stream(line, &effect->stream);
        return true;
    case EFFECT_OBJECT:
        line_add(line, "stores ");
        line_hash(line, &effect->object);
        line_add(line, " of %zu #%llu", effect->bytes.size, (unsigned long long)effect->ticket);
        return true;
    case EFFECT_DEMAND:
        line_add(line, "demands ");
        line_hash(line, &effect->object);
        line_add(line, effect->is_below ? "" : " if from below");
        return true;
    case EFFECT_HELD:
        line_add(line, "learns that %02x%02x holds ", effect->holder.b[0], effect->holder.b[1]);
        line_stream(line, &effect->stream);
        line_add(line, " to %llu", (unsigned long long)effect->seq);
        return true;
    case EFFECT_SEND:
    case EFFECT_PROGRESS:
    case EFFECT_FORK:
    case EFFECT_REFUSED:
    case EFFECT_CLOSE:
        break;
    }
    return false;
}

size_t trace_effect(const struct effect *effect, char *out, size_t size)
{
    struct line line = line_begin(out, size);

    if (line_stored(&line, effect)) {
        return line.used;
    }
    if (effect->kind == EFFECT_SEND) {
        line_add(&line, "says ");
        line_frame(&line, effect->bytes);
    } else if (effect->kind == EFFECT_FORK) {
        line_add(&line, "finds %s in ", effect->status == S_STALE ? "amnesia" : "a fork");
        line_stream(&line, &effect->stream);
        line_add(&line, " at %llu", (unsigned long long)effect->seq);
    } else if (effect->kind == EFFECT_REFUSED) {
        line_add(&line, "refuses: %.*s", (int)effect->bytes.size, (const char *)effect->bytes.data);
    } else if (effect->kind == EFFECT_CLOSE) {
        line_add(&line, "closes, back in %u ms", effect->after_ms);
    } else {
        line_add(&line, "progress");
    }
    return line.used;
}

const char *peer_state_name(enum peer_state state)
{
    switch (state) {
    case PEER_CLOSED:
        return "closed";
    case PEER_GREETING:
        return "greeting";
    case PEER_COMPARING:
        return "comparing";
    case PEER_MOVING:
        return "moving";
    case PEER_IN_STEP:
        return "in step";
    }
    return "?";
}
