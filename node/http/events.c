#include "node/http/events.h"

#include <stdlib.h>
#include <string.h>

#include "node/http/server.h"
#include "replication/base/check.h"

enum { BLOCK_SIZE = 16 * 1024 };

/* One who watches: from events_answer() until both its exchange and its response are gone. */
struct events_stream {
    struct events *events;
    struct exchange *exchange; /* NULL: it has ended */
    struct events_stream *next;
    unsigned wanted;
    uint64_t seen[EVENTS_DOCUMENTS_MAX]; /* the version of each that was told last */
    struct buffer out;                   /* being sent, from `at` on */
    size_t at;
    uint64_t told_ms, allowed_ms; /* when something was sent last, and the right to look was asked last */
    bool is_suspended, is_ending, has_beat;
};

struct document {
    char *text; /* NULL: none yet, or a large one */
    size_t size;
    struct hash hash;
    uint64_t version; /* 0: none yet */
    uint64_t made_ms;
    uint64_t generation; /* of the store when it was made */
};

struct events {
    uv_loop_t *loop;
    uv_timer_t timer;
    uv_work_t work;
    struct http_context *context;
    const struct events_source *source;
    size_t count; /* of documents */
    struct document documents[EVENTS_DOCUMENTS_MAX];
    struct {
        char *text[EVENTS_DOCUMENTS_MAX];
        size_t size[EVENTS_DOCUMENTS_MAX];
        unsigned mask;
        uint64_t generation;
    } made; /* by the work under way */
    struct events_stream *first;
    unsigned streams, suspended;
    bool is_working, is_stopping;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

void events_format(struct buffer *out, const char *name, const char *data, size_t size)
{
    buffer_append(out, "event: ", 7);
    buffer_append(out, name, strlen(name));
    for (size_t at = 0; at < size;) {
        const char *end = memchr(data + at, '\n', size - at);
        const size_t length = end ? (size_t)(end - data) - at : size - at;
        buffer_append(out, "\ndata: ", 7);
        buffer_append(out, data + at, length);
        at += length + 1;
    }
    buffer_append(out, "\n\n", 2);
}

/* --- streams ---------------------------------------------------------------------------------------------- */

static bool has_news(const struct events_stream *stream)
{
    bool is_new = stream->has_beat || stream->is_ending || stream->events->is_stopping;

    for (size_t i = 0; i < stream->events->count; i++) {
        is_new = is_new || ((stream->wanted >> i & 1) && stream->seen[i] != stream->events->documents[i].version);
    }
    return is_new;
}

static void stream_wake(struct events_stream *stream)
{
    if (stream->is_suspended && stream->exchange && has_news(stream)) {
        stream->is_suspended = false;
        stream->events->suspended--;
        MHD_resume_connection(stream->exchange->connection);
        origin_poke(stream->exchange->origin);
    }
}

/* Puts what is to be said next into `out`: one document, else a heartbeat. */
static void stream_fill(struct events_stream *stream)
{
    struct events *events = stream->events;

    buffer_clear(&stream->out);
    stream->at = 0;
    for (size_t i = 0; i < events->count && stream->out.size == 0; i++) {
        const struct document *document = &events->documents[i];
        if ((stream->wanted >> i & 1) && stream->seen[i] != document->version) {
            events_format(&stream->out, events->source->names[i], document->text ? document->text : "null",
                          document->text ? document->size : 4);
            stream->seen[i] = document->version;
        }
    }
    if (stream->out.size == 0 && stream->has_beat) {
        events_format(&stream->out, "beat", "1", 1);
    }
    stream->has_beat = false;
}

static ssize_t stream_read(void *cls, uint64_t position, char *out, size_t max)
{
    struct events_stream *stream = cls;

    (void)position;
    if (stream->at == stream->out.size && !stream->is_ending) {
        stream_fill(stream);
    }
    const size_t left = stream->out.size - stream->at, size = left < max ? left : max;
    if (size > 0) {
        memcpy(out, stream->out.data + stream->at, size);
        stream->at += size;
        stream->told_ms = uv_now(stream->events->loop);
        return (ssize_t)size;
    }
    if (stream->is_ending || stream->events->is_stopping || !stream->exchange) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    CHECK(!stream->is_suspended);
    stream->is_suspended = true;
    stream->events->suspended++;
    MHD_suspend_connection(stream->exchange->connection);
    return 0;
}

/* Is anybody left who wants document `i`? */
static bool is_watched(const struct events *events, size_t i)
{
    bool is = false;

    for (const struct events_stream *stream = events->first; stream; stream = stream->next) {
        is = is || (stream->wanted >> i & 1);
    }
    return is;
}

/* What nobody watches is forgotten: it would be old when somebody looks again. */
static void documents_forget(struct events *events)
{
    for (size_t i = 0; i < events->count; i++) {
        if (events->documents[i].version && !is_watched(events, i)) {
            free(events->documents[i].text);
            events->documents[i] = (struct document){.text = NULL};
        }
    }
}

void events_stream_end(struct events_stream *stream)
{
    struct events *events = stream->events;
    struct events_stream **at = &events->first;

    if (!stream->exchange) {
        return;
    }
    stream->exchange->stream = NULL;
    stream->exchange = NULL;
    while (*at != stream) {
        at = &(*at)->next;
    }
    *at = stream->next;
    events->streams--;
    events->suspended -= stream->is_suspended;
    stream->is_suspended = false;
    documents_forget(events);
    if (events->streams == 0) {
        uv_timer_stop(&events->timer);
    }
}

/* The response goes, before or after its exchange. */
static void stream_free(void *cls)
{
    struct events_stream *stream = cls;

    events_stream_end(stream);
    buffer_release(&stream->out);
    free(stream);
}

/* --- documents -------------------------------------------------------------------------------------------- */

static void work_run(uv_work_t *work)
{
    struct events *events = work->data;

    for (size_t i = 0; i < events->count; i++) {
        events->made.text[i] =
            events->made.mask >> i & 1 ? events->source->make(events->context, i, &events->made.size[i]) : NULL;
    }
}

static void document_take(struct events *events, size_t i)
{
    struct document *document = &events->documents[i];
    char *text = events->made.text[i];
    const size_t size = events->made.size[i];

    if (!text || !is_watched(events, i)) {
        free(text);
        return;
    }
    const struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of((const uint8_t *)text, size));
    document->made_ms = uv_now(events->loop);
    document->generation = events->made.generation;
    if (document->version && hash_equal(&hash, &document->hash)) {
        free(text);
        return;
    }
    free(document->text);
    document->hash = hash;
    document->version++;
    document->text = size <= EVENTS_DOCUMENT_MAX ? text : NULL;
    document->size = size;
    if (!document->text) {
        free(text);
    }
}

static void work_done(uv_work_t *work, int status)
{
    struct events *events = work->data;

    (void)status;
    events->is_working = false;
    for (size_t i = 0; i < events->count; i++) {
        document_take(events, i);
    }
    for (struct events_stream *stream = events->first; stream; stream = stream->next) {
        stream_wake(stream);
    }
}

static bool is_due(const struct events *events, size_t i)
{
    const struct document *document = &events->documents[i];
    const bool is_live = events->source->is_live >> i & 1;

    return is_watched(events, i) &&
           (is_live || document->version == 0 || document->generation != store_generation(events->context->store) ||
            uv_now(events->loop) - document->made_ms >= EVENTS_STALE_MS);
}

static void work_start(struct events *events)
{
    unsigned mask = 0;

    for (size_t i = 0; i < events->count; i++) {
        mask |= is_due(events, i) ? 1u << i : 0;
    }
    if (mask && !events->is_working && !events->is_stopping) {
        events->made.mask = mask;
        events->made.generation = store_generation(events->context->store);
        events->is_working = true;
        events->work.data = events;
        uv_queue_work(events->loop, &events->work, work_run, work_done);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct events *events = timer->data;

    const uint64_t now = uv_now(events->loop);

    for (struct events_stream *stream = events->first; stream; stream = stream->next) {
        if (now - stream->allowed_ms >= EVENTS_HEARTBEAT_MS) {
            stream->allowed_ms = now;
            stream->exchange->has_session_been_read = false;
            stream->exchange->signin.person = 0;
            stream->is_ending = !events->source->may(stream->exchange, stream->wanted);
        }
        stream->has_beat = stream->has_beat || (stream->is_suspended && now - stream->told_ms >= EVENTS_HEARTBEAT_MS);
        stream_wake(stream);
    }
    work_start(events);
}

/* --- opening and closing ---------------------------------------------------------------------------------- */

struct events *events_open(uv_loop_t *loop, struct http_context *context, const struct events_source *source)
{
    struct events *events = calloc(1, sizeof *events);

    CHECK(events);
    events->loop = loop;
    events->context = context;
    events->source = source;
    while (source->names[events->count]) {
        events->count++;
    }
    CHECK(events->count <= EVENTS_DOCUMENTS_MAX);
    uv_timer_init(loop, &events->timer);
    events->timer.data = events;
    return events;
}

void events_answer(struct events *events, struct exchange *exchange, unsigned wanted)
{
    if (events->streams == EVENTS_STREAMS_MAX) {
        exchange_header_add(exchange, "Retry-After", "30");
        exchange_refuse(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "busy", "Too many watch already: ask again from time to time.");
        return;
    }
    struct events_stream *stream = calloc(1, sizeof *stream);
    CHECK(stream);
    stream->events = events;
    stream->exchange = exchange;
    stream->wanted = wanted;
    stream->told_ms = stream->allowed_ms = uv_now(events->loop);
    buffer_init(&stream->out);
    buffer_append(&stream->out, "retry: 2000\n\n", 13);
    stream->next = events->first;
    events->first = stream;
    events->streams++;
    exchange->stream = stream;
    exchange->is_private = true;
    exchange_header_add(exchange, "X-Accel-Buffering", "no"); /* a proxy that gathers would make it late */
    exchange->code = MHD_HTTP_OK;
    exchange->media_type = "text/event-stream; charset=utf-8";
    exchange->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, stream_read, stream, stream_free);
    CHECK(exchange->response);
    uv_timer_start(&events->timer, on_tick, EVENTS_TICK_MS, EVENTS_TICK_MS);
    work_start(events);
}

void events_stop(struct events *events)
{
    events->is_stopping = true;
    for (struct events_stream *stream = events->first; stream; stream = stream->next) {
        stream_wake(stream);
    }
}

bool events_is_idle(const struct events *events)
{
    return !events->is_working && events->suspended == 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct events *events = handle->data;
    void (*closed)(void *ctx) = events->closed;
    void *ctx = events->closed_ctx;

    for (size_t i = 0; i < events->count; i++) {
        free(events->documents[i].text);
    }
    free(events);
    closed(ctx);
}

void events_close(struct events *events, void (*closed)(void *ctx), void *ctx)
{
    CHECK(!events->is_working);
    events->closed = closed;
    events->closed_ctx = ctx;
    uv_close((uv_handle_t *)&events->timer, on_closed);
}
