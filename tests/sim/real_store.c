/* The real store under the simulator's nodes: streams, staging, receipts, incarnations and adoptions in node/store's SQLite databases, objects in memory.
 *
 * The linker puts these before the functions of the memory store (tests/kit/memory_store.h) in the programs that ask for it (-Wl,--wrap), so the
 * same worlds, faults and truths run over both. A memory store stays behind each, for its objects and wants. What differs:
 *
 *   a kill        the files as they are at that moment, log and all, are what the store is opened from again
 *   a power cut   the same, and the anchor is gone
 *   a backup      the files, copied while nothing is written; a restore also has no anchor
 *   an incarnation is the one that the world drew: own_renew() gets it as its random bytes
 *   the clock     is the world's
 *   what a relay alters in its own database is left out (memory_store_tamper() does nothing) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/log.h"
#include "node/store/stream/adopt.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/audit.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/delta.h"
#include "node/store/stream/doubled.h"
#include "node/store/stream/head.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "node/store/view.h"
#include "replication/base/check.h"
#include "tests/sim/clone.h"
#include "tests/sim/real_clock.h"
#include "tests/sim/real_files.h"
#include "tests/sim/world.h"

enum { STORES_MAX = 64, PATH_SIZE = 256 };

/* What stands beside a memory store. */
struct real {
    struct memory_store *memory;
    struct node *node; /* whose it is, from its first start on */
    char dir[PATH_SIZE], anchors[PATH_SIZE];
    struct store *store; /* NULL: closed */
    struct store_view view;
    bool is_viewing;
    const struct roster *roster; /* of the last view */
    struct view objects;         /* the memory store's own view */
    struct id living;            /* in which the store wrote last */
    bool is_renewing;            /* it begins anew with what it writes next */
    struct buffer found;         /* what memory_store_find() lends */
};

static struct real *reals[STORES_MAX];
static char template_dir[PATH_SIZE];
static const char memory_dir[] = "/dev/shm";

#define REAL(type, name, ...)      \
    type __real_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__)

REAL(struct memory_store *, memory_store_new, const struct id *federation);
REAL(void, memory_store_free, struct memory_store *memory);
REAL(void, memory_store_set_concerns, struct memory_store *memory,
     bool (*concerns)(void *ctx, const struct id *node, const struct held *held), void *ctx);
REAL(struct view, memory_store_view, struct memory_store *memory, const struct roster *roster, const struct id *living);
REAL(enum status, memory_store_stage, struct memory_store *memory, const struct stream_id *stream, uint64_t after_seq, uint64_t seq, struct bytes body);
REAL(enum status, memory_store_apply, struct memory_store *memory, const struct stream_id *stream, uint64_t after_seq, struct bytes body);
REAL(void, memory_store_unstage, struct memory_store *memory, const struct stream_id *stream);
REAL(void, memory_store_held_put, struct memory_store *memory, const struct held *held);
REAL(void, memory_store_write, struct memory_store *memory, const struct stream_id *stream, const struct memory_cell *cells, size_t count,
     const struct identity *identity, hlc stamp);
REAL(enum status, memory_store_adopt, struct memory_store *memory, const struct adopt_plan *plan, const struct identity *identity, hlc stamp);
REAL(enum status, memory_store_apply_adopted, struct memory_store *memory, const struct stream_id *stream, uint64_t after_seq, struct bytes body,
     const struct memory_author *author);
REAL(uint64_t, memory_store_adopted_seq, struct memory_store *memory, const struct stream_id *stream);
REAL(bool, memory_store_kept, struct memory_store *memory, size_t at, struct stream_id *stream_out);
REAL(enum status, alarm_look, struct db *db, const struct certificate *before, const struct certificate *after);
REAL(void, memory_store_renew, struct memory_store *memory);
REAL(bool, memory_store_find, struct memory_store *memory, const struct stream_id *stream, struct bytes key, struct bytes *value_out);
REAL(void, memory_store_crash, struct memory_store *memory);
REAL(struct memory_store *, memory_store_copy, const struct memory_store *memory);
REAL(void, memory_store_forget, struct memory_store *memory, const struct stream_id *stream);
REAL(bool, memory_store_tamper, struct memory_store *memory, const struct stream_id *stream, bool keeps_certificate);

/* --- files --- */

static void template_remove(void)
{
    kit_scratch_remove(template_dir);
}

static struct store *store_begin(const char *dir, const char *anchors, bool must_create)
{
    struct store_options options = {.must_create = must_create, .anchor_dir = anchors};
    struct report report = {.status = S_OK};
    struct store *store;

    if (store_open(dir, &options, &store, &report) != S_OK) {
        fprintf(stderr, "%s\n", report.text);
        abort();
    }
    return store;
}

/* Making the tables takes longer than a seed: it is done once. */
static void template_make(void)
{
    if (!template_dir[0]) {
        log_set_level(LOG_ERROR);
        if (access(memory_dir, W_OK | X_OK) == 0) {
            setenv("TMPDIR", memory_dir, 0); /* a sync costs nothing there */
        }
        kit_scratch_make(template_dir, sizeof template_dir);
        store_close(store_begin(template_dir, template_dir, true));
        atexit(template_remove);
    }
}

/* --- stores beside memory stores --- */

static struct real *real_of(const struct memory_store *memory)
{
    for (size_t i = 0; i < STORES_MAX; i++) {
        if (reals[i] && reals[i]->memory == memory) {
            return reals[i];
        }
    }
    CHECK_NEVER("a store that nobody made");
    return NULL;
}

static struct real *real_make(struct memory_store *memory, const char *from_dir)
{
    struct real *real = calloc(1, sizeof *real);
    size_t at;

    for (at = 0; at < STORES_MAX && reals[at]; at++) {
    }
    CHECK(real && at < STORES_MAX);
    reals[at] = real;
    real->memory = memory;
    buffer_init(&real->found);
    kit_scratch_make(real->dir, sizeof real->dir);
    kit_scratch_make(real->anchors, sizeof real->anchors);
    real_files_copy(from_dir, real->dir);
    return real;
}

static void view_close(struct real *real)
{
    if (real->is_viewing) {
        enum status status = store_view_end(&real->view);
        CHECK(status == S_OK);
        real->is_viewing = false;
    }
}

static void real_shut(struct real *real)
{
    view_close(real);
    if (real->store) {
        store_close(real->store);
        real->store = NULL;
    }
}

static struct store *store_of(struct real *real)
{
    if (!real->store) {
        CHECK(real->node);
        real->store = store_begin(real->dir, real->anchors, false);
        store_set_identity(real->store, real->node->identity, &real->node->world->federation->id);
    }
    return real->store;
}

static struct db *db_of(struct real *real)
{
    if (!real->is_viewing) {
        store_view_begin(&real->view, store_of(real), real->roster, NULL);
        real->is_viewing = true;
    }
    if (!real->view.db) { /* a view asks the database for the first time */
        real->view.db = store_read_begin(real->store);
    }
    return real->view.db;
}

/* Nobody knows whether this database is the latest. */
static void anchor_lose(struct real *real)
{
    real_shut(real);
    kit_scratch_remove(real->anchors);
    kit_scratch_make(real->anchors, sizeof real->anchors);
}

struct memory_store *__wrap_memory_store_new(const struct id *federation)
{
    struct memory_store *memory = __real_memory_store_new(federation);

    template_make();
    real_make(memory, template_dir);
    return memory;
}

void __wrap_memory_store_free(struct memory_store *memory)
{
    for (size_t i = 0; memory && i < STORES_MAX; i++) {
        if (reals[i] && reals[i]->memory == memory) {
            struct real *real = reals[i];
            real_shut(real);
            kit_scratch_remove(real->dir);
            kit_scratch_remove(real->anchors);
            buffer_release(&real->found);
            free(real);
            reals[i] = NULL;
        }
    }
    __real_memory_store_free(memory);
}

void __wrap_memory_store_set_concerns(struct memory_store *memory, bool (*concerns)(void *ctx, const struct id *node, const struct held *held),
                                      void *ctx)
{
    real_of(memory)->node = ctx;
    __real_memory_store_set_concerns(memory, concerns, ctx);
}

void __wrap_memory_store_crash(struct memory_store *memory)
{
    struct real *real = real_of(memory);
    char left[PATH_SIZE];

    view_close(real);
    if (real->store) {
        kit_scratch_make(left, sizeof left);
        real_files_copy(real->dir, left);
        real_shut(real);
        real_files_copy(left, real->dir);
        kit_scratch_remove(left);
    }
    __real_memory_store_crash(memory);
}

bool __wrap_memory_store_is_instant(void);
bool __wrap_memory_store_is_instant(void)
{
    return true;
}

struct memory_store *__wrap_memory_store_copy(const struct memory_store *memory)
{
    struct real *from = real_of(memory);
    struct memory_store *copy = __real_memory_store_copy(memory);

    view_close(from);
    real_make(copy, from->dir)->node = from->node;
    return copy;
}

/* --- the view --- */

static const struct view *streams(void *ctx)
{
    struct real *real = ctx;

    db_of(real);
    return &real->view.view;
}

static const struct view *objects(void *ctx)
{
    return &((struct real *)ctx)->objects;
}

/* Each op of the view asks the one that knows. */
#define ASK(whom, type, op, declared, ...)                  \
    static type ask_##op declared                           \
    {                                                       \
        const struct view *view = whom(ctx);                \
        return view->ops->op(view->ctx, __VA_ARGS__);       \
    }

ASK(streams, bool, stream_next, (void *ctx, const struct stream_id *after, struct stream_head *head_out), after, head_out)
ASK(streams, bool, stream_find, (void *ctx, const struct stream_id *stream, struct certificate *certificate_out), stream, certificate_out)
ASK(streams, size_t, cells_scan,
    (void *ctx, const struct stream_id *stream, uint64_t after_seq, size_t max, struct arena *arena, struct cell *cells_out), stream, after_seq, max,
    arena, cells_out)
ASK(streams, uint64_t, staged_seq, (void *ctx, const struct stream_id *stream), stream)
ASK(streams, size_t, held_scan, (void *ctx, const struct id *node, size_t max, struct held *held_out), node, max, held_out)
ASK(streams, uint64_t, adopted_seq, (void *ctx, const struct stream_id *stream), stream)
ASK(streams, uint64_t, held_seq, (void *ctx, const struct stream_id *stream, const struct id *holder), stream, holder)
ASK(objects, bool, object_find, (void *ctx, const struct hash *object, uint64_t *size_out), object, size_out)
ASK(objects, size_t, object_read, (void *ctx, const struct hash *object, uint64_t offset, uint8_t *out, size_t size), object, offset, out, size)
ASK(objects, size_t, wanted_scan, (void *ctx, size_t skip, size_t max, struct wanted *wanted_out), skip, max, wanted_out)
ASK(objects, size_t, bases_scan, (void *ctx, const struct hash *object, size_t max, struct hash *bases_out), object, max, bases_out)
ASK(objects, size_t, coming_scan, (void *ctx, size_t max, struct hash *objects_out), max, objects_out)

/* No world lasts for a month: in some it is as if. */
static bool ask_is_over(void *ctx, const struct stream_head *head)
{
    const struct real *real = ctx;

    return clone_is_over(real->node->world, real->node) || streams(ctx)->ops->is_over(streams(ctx)->ctx, head);
}

static uint64_t ask_generation(void *ctx)
{
    return streams(ctx)->ops->generation(streams(ctx)->ctx) + objects(ctx)->ops->generation(objects(ctx)->ctx);
}

struct view __wrap_memory_store_view(struct memory_store *memory, const struct roster *roster, const struct id *living)
{
    static const struct view_ops ops = {
        .stream_next = ask_stream_next,
        .stream_find = ask_stream_find,
        .cells_scan = ask_cells_scan,
        .staged_seq = ask_staged_seq,
        .object_find = ask_object_find,
        .object_read = ask_object_read,
        .wanted_scan = ask_wanted_scan,
        .bases_scan = ask_bases_scan,
        .coming_scan = ask_coming_scan,
        .generation = ask_generation,
        .held_scan = ask_held_scan,
        .adopted_seq = ask_adopted_seq,
        .held_seq = ask_held_seq,
        .is_over = ask_is_over,
    };
    struct real *real = real_of(memory);
    struct id known;

    if (id_is_none(living) && !real->is_renewing && (!real->store || own_living(real->store, &known))) {
        anchor_lose(real);
    }
    real_clock_set(node_wall_ms(real->node->world, real->node));
    if (real->roster != roster) {
        view_close(real);
        real->roster = roster;
    }
    real->objects = __real_memory_store_view(memory, roster, living);
    hlc drawn_at = real->store && own_living(real->store, &known) ? own_living_drawn(real->store) : 0;
    return (struct view){.ctx = real, .ops = &ops, .roster = roster, .living = *living, .living_drawn = drawn_at};
}

uint64_t __wrap_memory_store_adopted_seq(struct memory_store *memory, const struct stream_id *stream)
{
    return adopted_seq(db_of(real_of(memory)), stream);
}

bool __wrap_memory_store_kept(struct memory_store *memory, size_t at, struct stream_id *stream_out)
{
    return adopted_kept(db_of(real_of(memory)), at, stream_out);
}

bool __wrap_memory_store_doubled(struct memory_store *memory, const struct id *node, struct id streams_out[2]);
bool __wrap_memory_store_doubled(struct memory_store *memory, const struct id *node, struct id streams_out[2])
{
    struct doubled found;
    bool is_doubled = doubled_find(db_of(real_of(memory)), node, &found);

    if (is_doubled) {
        memcpy(streams_out, found.streams, sizeof found.streams);
    }
    return is_doubled;
}

void __wrap_memory_store_renew(struct memory_store *memory)
{
    real_of(memory)->is_renewing = true;
}

bool __wrap_memory_store_find(struct memory_store *memory, const struct stream_id *stream, struct bytes key, struct bytes *value_out)
{
    struct real *real = real_of(memory);
    struct db *db = db_of(real);
    struct cell_rows rows;
    struct head_row row;
    struct cell cell;

    if (!head_find(db, stream, &row)) {
        return false;
    }
    cell_rows_init(&rows, db, row.number, false);
    bool is_found = cell_row_find(&rows, key, &cell) == S_OK;
    if (is_found) {
        buffer_clear(&real->found);
        buffer_append(&real->found, cell.value.data, cell.value.size);
        *value_out = buffer_bytes(&real->found);
    }
    cell_rows_release(&rows);
    return is_found;
}

/* --- writing --- */

struct request {
    struct real *real;
    const struct id *federation;
    const struct stream_id *stream;
    const struct id *living; /* the incarnation in which is written, NULL: nothing of its own is */
    const struct memory_cell *cells;
    size_t count;
    const struct adopt_plan *plan;
    const struct held *held;
    uint64_t after_seq, seq;
    struct bytes body;
    struct delta *delta; /* of a body that is folded in a part at a time */
    bool is_whole;
};

static enum status request_run(struct memory_store *memory, store_job *job, struct request *request)
{
    struct real *real = real_of(memory);

    view_close(real);
    request->real = real;
    request->federation = &real->node->world->federation->id;
    real_clock_set(node_wall_ms(real->node->world, real->node));
    const struct node *as = clone_is_of_all(real->node->world) ? world_find(real->node->world, &real->node->identity->node) : real->node;
    real_machine_set(&(struct id){{(uint8_t)(1 + as->index)}});
    return store_write_wait(store_of(real), job, request);
}

/* The store writes in the incarnation that the world drew, and decides by itself (node/store/stream/anchor.h) whether the last one goes on. */
static enum status living_take(struct db *db, struct request *request, const struct id *living)
{
    struct real *real = request->real;
    bool goes_on = id_equal(living, &real->living);
    struct id now;

    real_draw_next(goes_on ? NULL : living);
    enum status status = real->is_renewing ? own_renew(db) : S_OK; /* as node/store/stream/rotation.c does with its CLOSE */
    real->is_renewing = false;
    status = status == S_OK ? own_incarnation(db, &now) : status;
    real_draw_next(NULL);
    if (status == S_OK && !id_equal(&now, living)) {
        world_fail(real->node->world, goes_on ? "node %d: a kill made its store begin anew" : "node %d: its store goes on where it may not",
                   real->node->index);
        status = S_STALE;
    }
    real->living = *living;
    return status;
}

/* The alarm is a cell that the world would not know of (tests/system/forget.sh has it). */
enum status __wrap_alarm_look(struct db *db, const struct certificate *before, const struct certificate *after)
{
    return before && after ? db_status(db) : S_INVALID;
}

static enum status stage_run(struct db *db, void *arg)
{
    struct request *request = arg;

    return stream_stage(db, request->stream, request->after_seq, request->seq, request->body);
}

static enum status unstage_run(struct db *db, void *arg)
{
    return stream_unstage(db, ((struct request *)arg)->stream);
}

static enum status apply_run(struct db *db, void *arg)
{
    struct request *request = arg;
    enum status status = request->living ? living_take(db, request, request->living) : S_OK;

    if (request->delta != NULL) {
        return delta_part(request->delta, db, &request->is_whole);
    }
    return status == S_OK ? stream_apply_body(db, request->federation, request->stream, request->body) : status;
}

static enum status held_run(struct db *db, void *arg)
{
    return held_put(db, ((struct request *)arg)->held);
}

static enum status write_run(struct db *db, void *arg)
{
    struct request *request = arg;
    enum status status = living_take(db, request, &request->stream->incarnation);

    for (size_t i = 0; i < request->count && status == S_OK; i++) {
        status = own_cell_put(db, request->stream->topic, request->cells[i].key, request->cells[i].value);
    }
    return status;
}

static enum status adopt_plan_run(struct db *db, void *arg)
{
    struct request *request = arg;
    enum status status = living_take(db, request, &request->plan->living.incarnation);

    if (status == S_OK && request->plan->is_anew) {
        real_draw_next(&request->real->node->living);
    }
    status = status == S_OK ? adopt_run(db, request->plan) : status;
    real_draw_next(NULL);
    if (status == S_OK && request->plan->is_anew) {
        request->real->living = request->real->node->living;
    }
    return status;
}

static enum status settle_run(struct db *db, void *arg)
{
    struct request *request = arg;
    enum status status = living_take(db, request, request->living);

    return status == S_OK ? adopt_settle(db, &request->stream->node, UINT64_MAX) : status;
}

enum status __wrap_memory_store_settle(struct memory_store *memory, const struct stream_id *living);
enum status __wrap_memory_store_settle(struct memory_store *memory, const struct stream_id *living)
{
    return request_run(memory, settle_run, &(struct request){.stream = living, .living = &living->incarnation});
}

static enum status forget_run(struct db *db, void *arg)
{
    struct head_row row;

    return head_find(db, ((struct request *)arg)->stream, &row) ? audit_drop(db, row.number) : db_status(db);
}

enum status __wrap_memory_store_stage(struct memory_store *memory, const struct stream_id *stream, uint64_t after_seq, uint64_t seq,
                                      struct bytes body)
{
    return request_run(memory, stage_run, &(struct request){.stream = stream, .after_seq = after_seq, .seq = seq, .body = body});
}

void __wrap_memory_store_unstage(struct memory_store *memory, const struct stream_id *stream)
{
    enum status status = request_run(memory, unstage_run, &(struct request){.stream = stream});
    CHECK(status == S_OK);
}

/* Every other one of another node's, as if it were large (node/store/stream/delta.h). */
static enum status apply(struct memory_store *memory, struct request *request)
{
    const struct node *node = real_of(memory)->node;
    enum status status;

    request->is_whole = request->body.size % 2 == 0 || id_equal(&request->stream->node, &node->identity->node);
    request->delta = request->is_whole ? NULL : delta_new(store_of(real_of(memory)), &node->world->federation->id, request->stream, request->body);
    do {
        status = request_run(memory, apply_run, request);
    } while (status == S_OK && !request->is_whole);
    delta_free(request->delta);
    if (status == S_BAD_DIGEST || status == S_INVALID) {
        __wrap_memory_store_unstage(memory, request->stream);
    }
    return status;
}

enum status __wrap_memory_store_apply(struct memory_store *memory, const struct stream_id *stream, uint64_t after_seq, struct bytes body)
{
    return apply(memory, &(struct request){.stream = stream, .after_seq = after_seq, .body = body});
}

enum status __wrap_memory_store_apply_adopted(struct memory_store *memory, const struct stream_id *stream, uint64_t after_seq, struct bytes body,
                                              const struct memory_author *author)
{
    return apply(memory, &(struct request){.stream = stream, .after_seq = after_seq, .body = body, .living = &author->living.incarnation});
}

void __wrap_memory_store_held_put(struct memory_store *memory, const struct held *held)
{
    enum status status = request_run(memory, held_run, &(struct request){.held = held});
    CHECK(status == S_OK);
}

void __wrap_memory_store_write(struct memory_store *memory, const struct stream_id *stream, const struct memory_cell *cells, size_t count,
                               const struct identity *identity, hlc stamp)
{
    enum status status = request_run(memory, write_run, &(struct request){.stream = stream, .cells = cells, .count = count});

    (void)identity, (void)stamp; /* the store has both */
    CHECK(status == S_OK || status == S_STALE);
}

enum status __wrap_memory_store_adopt(struct memory_store *memory, const struct adopt_plan *plan, const struct identity *identity, hlc stamp)
{
    (void)identity, (void)stamp;
    return request_run(memory, adopt_plan_run, &(struct request){.plan = plan});
}

void __wrap_memory_store_forget(struct memory_store *memory, const struct stream_id *stream)
{
    enum status status = request_run(memory, forget_run, &(struct request){.stream = stream});
    CHECK(status == S_OK);
}

bool __wrap_memory_store_tamper(struct memory_store *memory, const struct stream_id *stream, bool keeps_certificate)
{
    (void)memory, (void)stream, (void)keeps_certificate;
    return false;
}
