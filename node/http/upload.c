#include "node/http/upload.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/http/routes.h"
#include "node/http/server.h"
#include "node/http/visitor.h"
#include "node/local_time.h"
#include "replication/base/check.h"

enum { WORDS_MAX = 16, WORD_MAX = 1024 };

enum state { STATE_RECEIVING, STATE_WAITING, STATE_RUNNING, STATE_DONE };
static const char *const state_words[] = {"receiving", "waiting", "running", "done"};

struct upload {
    struct upload *next;
    struct uploads *owner;
    uint64_t number, size;
    uint64_t total; /* once all of it is here */
    const char *what; /* "course" */
    char who[PERSON_ID_MAX + 1];
    char *words[WORDS_MAX + 1]; /* malloc'ed; the third is the file */
    int count;
    FILE *file;
    struct exchange *exchange; /* while it is received */
    struct buffer pending, writing;
    uint64_t looked; /* at this size there was room */
    int error;       /* errno of a write; 0 */
    bool is_too_large;
    uv_work_t work;
    enum state state; /* from WAITING on under the lock */
    int exit_code;
    char *out, *err;
};

struct uploads {
    struct http_context *context;
    pthread_mutex_t lock;
    struct upload *first; /* newest first; those whose body is here */
    uint64_t last_number;
    _Atomic unsigned under_way;
    bool is_running, is_stopping;
};

static void upload_free(struct upload *upload)
{
    for (int i = 0; i < upload->count; i++) {
        free(upload->words[i]);
    }
    if (upload->file) {
        fclose(upload->file);
    }
    buffer_release(&upload->pending);
    buffer_release(&upload->writing);
    free(upload->out);
    free(upload->err);
    free(upload);
}

/* --- its words -------------------------------------------------------------------------------------------- */

static void word_add(struct upload *upload, const char *name, const char *value)
{
    char *word = NULL;

    CHECK(upload->count < WORDS_MAX);
    CHECK(asprintf(&word, *name && value ? "%s=%s" : "%s%s", name, value ? value : "") >= 0);
    upload->words[upload->count++] = word;
}

/* What the query says becomes options, each as one word. False after an answer. */
static bool options_add(struct exchange *exchange, struct upload *upload, const char *const *names)
{
    char option[32];

    for (; *names; names++) {
        const char *value = exchange_query(exchange, *names);
        if (value && strlen(value) > WORD_MAX) {
            exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "%s: this is too long.\n", *names);
            return false;
        }
        if (value && *value) {
            snprintf(option, sizeof option, "--%s", *names);
            word_add(upload, option, value);
        }
    }
    return true;
}

static bool words_make(struct exchange *exchange, struct upload *upload)
{
    static const char *const course_options[] = {"id", "lang", "title", "series", "version", "localises", "from", NULL};
    static const char *const person_options[] = {"id", NULL};
    const bool is_course = strcmp(upload->what, "course") == 0;
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(upload->file));
    word_add(upload, "", upload->what);
    word_add(upload, "", "import");
    word_add(upload, "", path);
    word_add(upload, "--json", NULL);
    if (!is_course && exchange_query_is_on(exchange, "dry_run")) {
        word_add(upload, "--dry-run", NULL);
    }
    return options_add(exchange, upload, is_course ? course_options : person_options);
}

/* --- receiving -------------------------------------------------------------------------------------------- */

/* May it be begun? False after an answer. */
static bool may_begin(struct exchange *exchange, const char *what, uint64_t length)
{
    struct uploads *uploads = exchange->origin->http->uploads;
    uint64_t room = 0;

    if (!what || (strcmp(what, "course") != 0 && strcmp(what, "person") != 0)) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "for: course or person, what the file is.\n");
    } else if (!exchange_require(exchange, strcmp(what, "course") == 0 ? ROLE_MANAGER : ROLE_ADMINISTRATOR)) {
        return false;
    } else if (strcmp(what, "course") == 0 && (!exchange_query(exchange, "id") || !exchange_query(exchange, "lang"))) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "id and lang: which course it is, in which language.\n");
    } else if (length > (uint64_t)PACKAGE_SIZE_MAX) {
        exchange_problem(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "A package is at most %lld GiB.\n", PACKAGE_SIZE_MAX >> 30);
    } else if (!blobs_have_room(exchange->context->blobs, length, &room)) {
        exchange_refuse(exchange, MHD_HTTP_INSUFFICIENT_STORAGE, "no_space",
                        "No room: the file has %llu MiB, %llu MiB are free above disk_floor_mib.",
                        (unsigned long long)(length >> 20), (unsigned long long)(room >> 20));
    } else if (uploads->under_way == UPLOADS_UNDER_WAY_MAX) {
        exchange_header_add(exchange, "Retry-After", "30");
        exchange_refuse(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "busy", "%d files are on their way already: try again in a moment.",
                        UPLOADS_UNDER_WAY_MAX);
    } else {
        return true;
    }
    return false;
}

void upload_begin(struct exchange *exchange)
{
    const char *length = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *what = exchange_query(exchange, "for");
    struct uploads *uploads = exchange->origin->http->uploads;

    if (!may_begin(exchange, what, length ? strtoull(length, NULL, 10) : 0)) {
        return;
    }
    struct upload *upload = calloc(1, sizeof *upload);
    CHECK(upload);
    upload->owner = uploads;
    upload->what = strcmp(what, "course") == 0 ? "course" : "person";
    snprintf(upload->who, sizeof upload->who, "%s", exchange_session(exchange)->id);
    buffer_init(&upload->pending);
    buffer_init(&upload->writing);
    upload->file = dir_scratch_file(exchange->context->dir);
    if (!upload->file) {
        exchange_fail(exchange, error_is_no_space(errno) ? S_NO_SPACE : S_IO, NULL);
        upload_free(upload);
        return;
    }
    if (!words_make(exchange, upload)) {
        upload_free(upload);
        return;
    }
    upload->exchange = exchange;
    exchange->upload = upload;
    uploads->under_way++;
}

/* Writes `writing` to the file; on a thread of the pool, or of the command. */
static void piece_write(struct upload *upload)
{
    const uint64_t size = upload->size + upload->writing.size;
    uint64_t room;

    if (upload->error == 0 && size - upload->looked >= UPLOAD_LOOK_SIZE) {
        upload->looked = size;
        upload->error = blobs_have_room(upload->owner->context->blobs, UPLOAD_LOOK_SIZE, &room) ? 0 : ENOSPC;
    }
    for (size_t at = 0; upload->error == 0 && at < upload->writing.size;) {
        const ssize_t put = write(fileno(upload->file), upload->writing.data + at, upload->writing.size - at);
        if (put < 0 && errno != EINTR) {
            upload->error = errno;
        }
        at += put > 0 ? (size_t)put : 0;
    }
    upload->size = size;
    buffer_clear(&upload->writing);
}

static void work_run(uv_work_t *work)
{
    piece_write(work->data);
}

static void work_done(uv_work_t *work, int status)
{
    struct upload *upload = work->data;

    (void)status;
    upload->exchange->origin->http->writing--;
    caller_enter(upload->exchange->caller, CALLER_BODY, local_time_monotonic());
    MHD_resume_connection(upload->exchange->connection);
    origin_poke(upload->exchange->origin);
}

void upload_take(struct exchange *exchange, const char *data, size_t size)
{
    struct upload *upload = exchange->upload;

    upload->is_too_large = upload->is_too_large || upload->size + upload->pending.size + size > (uint64_t)PACKAGE_SIZE_MAX;
    if (upload->is_too_large || upload->error) {
        return; /* said at its end */
    }
    buffer_append(&upload->pending, data, size);
    if (upload->pending.size < UPLOAD_PIECE_SIZE) {
        return;
    }
    const struct buffer empty = upload->writing;
    upload->writing = upload->pending;
    upload->pending = empty;
    upload->work.data = upload;
    exchange->origin->http->writing++;
    caller_enter(exchange->caller, CALLER_SERVED, local_time_monotonic()); /* a slow disk is not the caller's fault */
    MHD_suspend_connection(exchange->connection);
    uv_queue_work(exchange->origin->http->loop, &upload->work, work_run, work_done);
}

void upload_end(struct exchange *exchange)
{
    struct upload *upload = exchange->upload;

    exchange->upload = NULL;
    upload->owner->under_way--;
    upload_free(upload);
}

/* --- commands --------------------------------------------------------------------------------------------- */

static struct upload *next_waiting(struct uploads *uploads)
{
    struct upload *oldest = NULL;

    for (struct upload *upload = uploads->first; upload && !uploads->is_stopping; upload = upload->next) {
        oldest = upload->state == STATE_WAITING ? upload : oldest;
    }
    return oldest;
}

char *upload_text_cut(char *text, size_t size)
{
    if (text && size > UPLOAD_TEXT_MAX) {
        size = UPLOAD_TEXT_MAX;
        while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80) {
            size--;
        }
        text[size] = '\0';
    }
    return text;
}

static void command_run(struct upload *upload)
{
    static char nothing[1];
    struct http_context *context = upload->owner->context;
    char *out = NULL, *err = NULL, *words[WORDS_MAX + 1];
    size_t out_size = 0, err_size = 0;

    buffer_append(&upload->writing, upload->pending.data, upload->pending.size);
    piece_write(upload);
    if (upload->error) {
        CHECK(asprintf(&err, "The file cannot be kept here: %s", strerror(upload->error)) >= 0);
        upload->exit_code = error_is_no_space(upload->error) ? 73 : 1;
        upload->err = err;
        return;
    }
    FILE *streams[3] = {fmemopen(nothing, 1, "r"), open_memstream(&out, &out_size), open_memstream(&err, &err_size)};
    CHECK(streams[0] && streams[1] && streams[2]);
    (void)fgetc(streams[0]); /* now at its end */
    memcpy(words, upload->words, sizeof words);
    upload->exit_code = context->run_command(context->run_ctx, upload->who, upload->count, words, streams);
    for (int i = 0; i < 3; i++) {
        fclose(streams[i]);
    }
    upload->out = upload_text_cut(out, out_size);
    upload->err = upload_text_cut(err, err_size);
}

static void *commands_run(void *arg)
{
    struct uploads *uploads = arg;
    struct upload *upload;

    pthread_mutex_lock(&uploads->lock);
    while ((upload = next_waiting(uploads)) != NULL) {
        upload->state = STATE_RUNNING;
        pthread_mutex_unlock(&uploads->lock);
        command_run(upload);
        fclose(upload->file);
        upload->file = NULL;
        pthread_mutex_lock(&uploads->lock);
        upload->state = STATE_DONE;
        uploads->under_way--;
    }
    uploads->is_running = false;
    pthread_mutex_unlock(&uploads->lock);
    return NULL;
}

/* The oldest outcomes go. */
static void outcomes_forget(struct uploads *uploads)
{
    struct upload **at = &uploads->first;

    for (int kept = 0; *at;) {
        struct upload *upload = *at;
        if (upload->state == STATE_DONE && ++kept > UPLOADS_KEPT_MAX) {
            *at = upload->next;
            upload_free(upload);
        } else {
            at = &upload->next;
        }
    }
}

static void command_start(struct uploads *uploads, struct upload *upload)
{
    pthread_attr_t detached;
    pthread_t thread;

    pthread_mutex_lock(&uploads->lock);
    upload->number = ++uploads->last_number;
    upload->state = STATE_WAITING;
    upload->next = uploads->first;
    uploads->first = upload;
    outcomes_forget(uploads);
    if (!uploads->is_running) {
        pthread_attr_init(&detached);
        pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
        uploads->is_running = pthread_create(&thread, &detached, commands_run, uploads) == 0;
        pthread_attr_destroy(&detached);
    }
    if (!uploads->is_running) {
        upload->state = STATE_DONE;
        upload->exit_code = 75;
        upload->err = strdup("There are no threads left: try again.");
        uploads->under_way--;
    }
    pthread_mutex_unlock(&uploads->lock);
}

/* --- what it answers -------------------------------------------------------------------------------------- */

static json_t *said_json(const char *text)
{
    json_t *document = text && *text ? json_loads(text, 0, NULL) : json_null();

    return document ? document : json_string(text);
}

/* Under the lock. */
static json_t *upload_json(const struct upload *upload)
{
    json_t *words = json_array();
    const bool is_done = upload->state == STATE_DONE;

    for (int i = 0; i < upload->count; i++) {
        if (i != 2) { /* the file */
            json_array_append_new(words, json_string(upload->words[i]));
        }
    }
    json_t *document = json_pack("{s:I,s:s,s:s,s:s,s:I,s:o,s:o,s:o,s:o}", "upload", (json_int_t)upload->number, "for",
                                 upload->what, "who", upload->who, "state", state_words[upload->state], "bytes",
                                 (json_int_t)upload->total, "words", words, "exit",
                                 is_done ? json_integer(upload->exit_code) : json_null(), "out",
                                 is_done ? said_json(upload->out) : json_null(), "err",
                                 is_done && upload->err ? json_string(upload->err) : json_null());
    CHECK(document);
    return document;
}

/* All of the body is here. */
static void upload_finish(struct exchange *exchange)
{
    struct upload *upload = exchange->upload;

    if (!upload) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "Send the file as the body.\n");
    } else if (upload->is_too_large) {
        exchange_problem(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "A package is at most %lld GiB.\n", PACKAGE_SIZE_MAX >> 30);
    } else if (upload->error) {
        exchange_refuse(exchange, error_is_no_space(upload->error) ? MHD_HTTP_INSUFFICIENT_STORAGE : MHD_HTTP_INTERNAL_SERVER_ERROR,
                        error_is_no_space(upload->error) ? "no_space" : "internal", "The file cannot be kept here: %s",
                        strerror(upload->error));
    } else if (upload->size + upload->pending.size == 0) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "The file is empty.\n");
    } else {
        exchange->upload = NULL;
        upload->exchange = NULL;
        upload->total = upload->size + upload->pending.size;
        command_start(upload->owner, upload);
        pthread_mutex_lock(&upload->owner->lock);
        json_t *document = upload_json(upload);
        pthread_mutex_unlock(&upload->owner->lock);
        route_answer_json(exchange, document);
        exchange->code = MHD_HTTP_ACCEPTED;
    }
}

void uploads_route_handle(struct exchange *exchange)
{
    struct uploads *uploads = exchange->origin->http->uploads;

    if (exchange->method == METHOD_POST) {
        upload_finish(exchange);
        return;
    }
    if (!exchange_require(exchange, ROLE_MANAGER)) {
        return;
    }
    json_t *list = json_array();
    pthread_mutex_lock(&uploads->lock);
    for (const struct upload *upload = uploads->first; upload; upload = upload->next) {
        json_array_append_new(list, upload_json(upload));
    }
    pthread_mutex_unlock(&uploads->lock);
    exchange->is_private = true;
    route_answer_json(exchange, json_pack("{s:o}", "uploads", list));
}

void upload_route_handle(struct exchange *exchange)
{
    struct uploads *uploads = exchange->origin->http->uploads;
    const uint64_t number = strtoull(exchange->path, NULL, 10);
    json_t *document = NULL;

    if (!exchange_require(exchange, ROLE_MANAGER)) {
        return;
    }
    pthread_mutex_lock(&uploads->lock);
    for (const struct upload *upload = uploads->first; upload && !document; upload = upload->next) {
        document = upload->number == number ? upload_json(upload) : NULL;
    }
    pthread_mutex_unlock(&uploads->lock);
    exchange->is_private = true;
    if (document) {
        route_answer_json(exchange, document);
    } else {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "No such upload is known any more.\n");
    }
}

/* --- all of them ------------------------------------------------------------------------------------------ */

struct uploads *uploads_new(struct http_context *context)
{
    struct uploads *uploads = calloc(1, sizeof *uploads);

    CHECK(uploads);
    uploads->context = context;
    CHECK(pthread_mutex_init(&uploads->lock, NULL) == 0);
    return uploads;
}

void uploads_stop(struct uploads *uploads)
{
    pthread_mutex_lock(&uploads->lock);
    uploads->is_stopping = true;
    pthread_mutex_unlock(&uploads->lock);
}

bool uploads_is_idle(struct uploads *uploads)
{
    pthread_mutex_lock(&uploads->lock);
    const bool is_idle = !uploads->is_running;
    pthread_mutex_unlock(&uploads->lock);
    return is_idle;
}

void uploads_free(struct uploads *uploads)
{
    while (uploads->first) {
        struct upload *upload = uploads->first;
        uploads->first = upload->next;
        upload_free(upload);
    }
    pthread_mutex_destroy(&uploads->lock);
    free(uploads);
}
