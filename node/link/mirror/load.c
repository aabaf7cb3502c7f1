#include "node/link/mirror/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "node/store/course/mirror.h"
#include "replication/base/check.h"

struct mirror_load {
    struct mirror_load_options options;
    struct mirror_get *get; /* NULL: none under way */
    size_t at;              /* the piece under way */
    uint64_t next;          /* where the next byte that comes belongs */
    uint8_t *data;          /* of the piece under way */
    uint32_t filled;
    size_t jobs;
    unsigned tries; /* since something came */
    bool is_waiting, is_rangeless, is_ranged, is_lie, has_ended;
    enum status status;
    char error[MIRROR_ERROR_MAX];
};

/* An object on its way to the store. */
struct load_job {
    struct mirror_load *load;
    struct hash object;
    uint8_t *data;
    size_t size;
};

static const struct mirror_taker taker;

static struct content_piece *piece_of(const struct mirror_load *load)
{
    return load->at < load->options.place.count ? &load->options.place.pieces[load->at] : NULL;
}

/* --- to the store
 * ----------------------------------------------------------------------------------------------- */

static enum status job_run(struct db *db, void *arg)
{
    const struct load_job *job = arg;
    const struct link_content *content = job->load->options.content;

    return content->put(content->ctx, db, &job->object, bytes_of(job->data, job->size));
}

static void load_end(struct mirror_load *load, enum status status, const char *error)
{
    if (!load->has_ended) {
        load->has_ended = true;
        load->status = status;
        snprintf(load->error, sizeof load->error, "%.*s", (int)sizeof load->error - 1, error);
    }
}

static void job_done(void *arg, enum status status)
{
    struct load_job *job = arg;
    struct mirror_load *load = job->load;
    const struct mirror_owner *owner = load->options.owner;

    CHECK(load->jobs > 0);
    load->jobs--;
    if (status == S_OK || status == S_EXISTS) {
        owner->stored(owner->ctx, job->size);
    } else {
        mirror_load_stop(load);
        load->status = status;
        snprintf(load->error, sizeof load->error, "what it gave could not be stored: %s",
                 status_text(status));
    }
    free(job->data);
    free(job);
    mirror_load_resume(load);
    owner->changed(owner->ctx);
}

/* A piece is full: true when it is what its name says. */
static bool piece_finish(struct mirror_load *load)
{
    const struct content_piece *piece = piece_of(load);
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(load->data, load->filled));

    if (!hash_equal(&hash, &piece->object)) {
        load->is_lie = true;
        return false;
    }
    struct load_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    *job = (struct load_job){load, piece->object, load->data, load->filled};
    load->data = NULL;
    load->filled = 0;
    load->at++;
    load->jobs++;
    store_write(load->options.store, job_run, job, job_done);
    return true;
}

/* --- from the server
 * ---------------------------------------------------------------------------------------------- */

/* An object whose size nobody said is as large as the answer. */
static bool size_learn(struct mirror_load *load, uint64_t total)
{
    struct content_piece *piece = piece_of(load);

    if (load->options.place.total == 0 && total > 0 && total <= MEMBER_WHOLE_MAX) {
        load->options.place.total = total;
        piece->size = (uint32_t)total;
    }
    return piece->size > 0;
}

static bool on_begun(void *ctx, long code, uint64_t from, uint64_t total)
{
    struct mirror_load *load = ctx;
    const struct content_piece *piece = piece_of(load);

    if (total > 0 && load->options.place.total > 0 && total != load->options.place.total) {
        load->is_lie = true;
        return false;
    }
    if (!size_learn(load, total)) {
        return false;
    }
    uint64_t asked = piece->start + load->filled;
    if (from > asked) {
        load->is_lie = true;
        return false;
    }
    if (from < asked) { /* all of it comes, whatever was asked for */
        load->is_rangeless = code == 200;
        if (!load->is_rangeless || (!load->options.is_whole && asked > MIRROR_LOAD_SKIP_MAX)) {
            return false;
        }
        load->filled = 0;
    }
    load->next = from;
    if (code == 206 && !load->is_ranged) {
        load->is_ranged = true;
        load->options.owner->changed(load->options.owner->ctx);
    }
    return true;
}

/* The first pieces that are not due any more are passed over; false when nothing is left to come for. */
static bool piece_choose(struct mirror_load *load)
{
    const struct mirror_owner *owner = load->options.owner;
    const struct content_piece *piece = piece_of(load);

    while (piece && load->filled == 0 && load->data == NULL && !owner->is_due(owner->ctx, &piece->object)) {
        if (!load->options.is_whole && !load->is_rangeless) {
            return false; /* another request comes cheaper than bytes in vain */
        }
        load->at++;
        piece = piece_of(load);
    }
    return piece != NULL;
}

static size_t part_take(struct mirror_load *load, const uint8_t *data, size_t size)
{
    const struct content_piece *piece = piece_of(load);
    uint64_t begin = piece->start + load->filled;

    if (load->next < begin) { /* before it: passed over */
        return size < begin - load->next ? size : (size_t)(begin - load->next);
    }
    CHECK(load->next == begin);
    if (load->data == NULL) {
        load->data = malloc(piece->size);
        CHECK(load->data != NULL);
    }
    size_t part = size < piece->size - load->filled ? size : piece->size - load->filled;
    memcpy(load->data + load->filled, data, part);
    load->filled += (uint32_t)part;
    return part;
}

static enum mirror_taken on_data(void *ctx, const uint8_t *data, size_t size)
{
    struct mirror_load *load = ctx;
    const struct mirror_owner *owner = load->options.owner;
    size_t used = 0;

    load->is_waiting = load->jobs >= MIRROR_LOAD_JOBS_MAX || !owner->may_move(owner->ctx);
    if (load->is_waiting) {
        return MIRROR_WAIT;
    }
    owner->moved(owner->ctx, size);
    load->tries = 0;
    while (used < size) {
        if (!piece_choose(load)) {
            return MIRROR_STOP;
        }
        size_t part = part_take(load, data + used, size - used);
        used += part;
        load->next += part;
        if (load->data && load->filled == piece_of(load)->size && !piece_finish(load)) {
            return MIRROR_STOP;
        }
    }
    /* When a server has no ranges the rest of the content may be nothing that is needed. */
    return piece_of(load) || load->next == load->options.place.total || !load->is_rangeless ? MIRROR_TAKEN
                                                                                            : MIRROR_STOP;
}

static void on_cost(void *ctx, size_t size)
{
    struct mirror_load *load = ctx;

    load->options.owner->moved(load->options.owner->ctx, size);
}

static void on_done(void *ctx, enum status status, const char *error)
{
    struct mirror_load *load = ctx;
    const struct mirror_owner *owner = load->options.owner;
    bool is_all = piece_of(load) == NULL;

    load->get = NULL;
    load->is_waiting = false;
    if (load->is_lie || (status == S_OK && !is_all)) {
        load_end(load, S_BAD_DIGEST, "it gave other bytes than the ones asked for");
    } else if (is_all || (status == S_DENIED && !load->is_rangeless && load->next > 0)) {
        load_end(load, S_OK, ""); /* all came, or the rest is not needed any more */
    } else if (status == S_DENIED) {
        load_end(load, S_DENIED, "it does not give parts of a content");
    } else if (status != S_UNREACHABLE || ++load->tries >= MIRROR_LOAD_TRIES) {
        load_end(load, status, error);
    } else {
        snprintf(load->error, sizeof load->error, "%s", error); /* taken up at the next tick */
    }
    owner->changed(owner->ctx);
}

static const struct mirror_taker taker = {
    .begun = on_begun, .data = on_data, .cost = on_cost, .done = on_done};

/* --- its life
 * ------------------------------------------------------------------------------------------------------ */

static void load_ask(struct mirror_load *load)
{
    const struct mirror_load_options *options = &load->options;
    const struct content_place *place = &options->place;
    const struct content_piece *piece = piece_of(load), *last = &place->pieces[place->count - 1];
    char url[MIRROR_URL_MAX + HASH_HEX_SIZE + 1], hex[HASH_HEX_SIZE];
    struct mirror_request request = {.url = url,
                                     .proxy = options->proxy,
                                     .is_local = mirror_url_is_local(options->url),
                                     .is_paced = options->is_paced,
                                     .taker = &taker,
                                     .ctx = load};
    struct report report = {.status = S_OK};

    hash_hex(&place->content, hex);
    snprintf(url, sizeof url, "%s%s", options->url, hex);
    request.from = piece->start + load->filled;
    uint64_t end = last->start + last->size;
    bool is_all = request.from == 0 && end == place->total;
    request.size =
        is_all || end <= request.from || (options->is_whole && request.from == 0) ? 0 : end - request.from;
    load->next = 0;
    load->get = mirror_get_start(options->http, &request, &report);
    if (!load->get) {
        load_end(load, S_UNREACHABLE, report.text);
    }
}

bool mirror_load_is_worth_it(const struct content_place *place)
{
    uint64_t missing = 0;

    for (size_t i = 0; i < place->count; i++) {
        missing += place->pieces[i].size;
    }
    return place->total - missing <= missing || place->total <= MIRROR_LOAD_SMALL;
}

struct mirror_load *mirror_load_start(const struct mirror_load_options *options)
{
    struct mirror_load *load = calloc(1, sizeof *load);

    CHECK(load != NULL && options->place.count > 0);
    load->options = *options;
    load_ask(load);
    return load;
}

void mirror_load_tick(struct mirror_load *load)
{
    if (!load->get && !load->has_ended) {
        log_event(LOG_DEBUG, "mirror_resumed", "mirror=%s error=\"%s\"", load->options.url, load->error);
        load_ask(load);
    }
}

void mirror_load_resume(struct mirror_load *load)
{
    const struct mirror_owner *owner = load->options.owner;

    if (load->get && load->is_waiting && load->jobs < MIRROR_LOAD_JOBS_MAX && owner->may_move(owner->ctx)) {
        load->is_waiting = false;
        mirror_get_resume(load->get);
    }
}

void mirror_load_stop(struct mirror_load *load)
{
    if (load->get) {
        mirror_get_stop(load->get);
        load->get = NULL;
    }
    load->is_waiting = false;
    load_end(load, S_OK, "");
}

bool mirror_load_is_over(const struct mirror_load *load)
{
    return load->has_ended && load->jobs == 0;
}

void mirror_load_free(struct mirror_load *load)
{
    CHECK(mirror_load_is_over(load) && !load->get);
    free(load->options.place.pieces);
    free(load->data);
    free(load);
}

enum status mirror_load_status(const struct mirror_load *load)
{
    return load->status;
}

const char *mirror_load_error(const struct mirror_load *load)
{
    return load->error;
}

bool mirror_load_is_waiting(const struct mirror_load *load)
{
    return load->is_waiting || load->jobs >= MIRROR_LOAD_JOBS_MAX;
}

bool mirror_load_has(const struct mirror_load *load, const struct hash *object, bool is_any)
{
    const struct content_place *place = &load->options.place;
    size_t from =
        load->at > load->jobs ? load->at - load->jobs : 0; /* those on their way to the store, too */
    size_t end = load->has_ended ? load->at : is_any ? place->count : load->at + 1;

    for (size_t i = from; i < end && i < place->count; i++) {
        if (hash_equal(&place->pieces[i].object, object)) {
            return true;
        }
    }
    return false;
}

const struct content_place *mirror_load_place(const struct mirror_load *load)
{
    return &load->options.place;
}

bool mirror_load_is_rangeless(const struct mirror_load *load)
{
    return load->is_rangeless;
}

bool mirror_load_is_ranged(const struct mirror_load *load)
{
    return load->is_ranged;
}
