#include "node/link/session_job.h"

#include <stdlib.h>
#include <string.h>

#include "node/link/burden.h"
#include "node/link/sessions.h"
#include "node/local_time.h"
#include "node/store/stream/beside.h"
#include "node/store/stream/delta.h"
#include "replication/stream/lthash.h"
#include "replication/wire/batch.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

enum { SMALL = 1000, LARGE = 200 * 1000 };

static struct kit_store kit;
static struct session_context context;
static uv_loop_t loop;
static struct hash stored; /* of the writer thread, until it was waited for */
static size_t stores, size, ends, places;
static uint8_t data[LARGE];

static enum status put(void *ctx, struct db *db, const struct hash *object, struct bytes bytes)
{
    (void)ctx, (void)db;
    stored = *object;
    size = bytes.size;
    stores++;
    return S_OK;
}

static bool place(void *ctx, const struct hash *object, struct bytes bytes)
{
    (void)ctx, (void)object;
    return bytes.size > 0;
}

static const struct link_content content = {.put = put, .place = place};

static int setup(void **state)
{
    (void)state;
    kit_store_open(&kit);
    uv_loop_init(&loop);
    context =
        (struct session_context){.store = kit.store, .content = &content, .assay = assay_new(kit.store, &loop)};
    stores = size = ends = places = 0;
    memset(data, 7, sizeof data);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assay_free(context.assay);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    kit_store_close(&kit);
    return 0;
}

static void placed(void *arg)
{
    (void)arg;
    places++;
}

static void done(void *arg, enum status status)
{
    assay_end(context.assay, &((struct session_job *)arg)->assay);
    *(enum status *)((struct session_job *)arg)->session = status;
    session_job_free(arg);
    ends++;
}

/* Stores an object of `length` bytes whose name is right or not; what its job ended with. */
static enum status store_object(size_t length, bool is_right, bool is_unassayed)
{
    enum status status = S_INTERNAL;
    struct effect effect = {
        .kind = EFFECT_OBJECT, .bytes = bytes_of(data, length), .is_unassayed = is_unassayed};
    size_t before = ends;

    effect.object = hash_of(bytes_of(NULL, 0), effect.bytes);
    effect.object.b[0] ^= !is_right;
    struct session_job *job = session_job_new((struct session *)(void *)&status, &context, &effect);
    assert_ptr_equal(job->data.data, data); /* no copy */
    session_job_start(job, &(struct waiting_jobs){0}, placed, done);
    while (ends == before) {
        store_drain(kit.store);
    }
    uv_run(&loop, UV_RUN_NOWAIT);
    return status;
}

static void an_object_is_stored_after_a_look_at_its_hash(void **state)
{
    (void)state;

    assert_int_equal(store_object(LARGE, true, true), S_OK);
    assert_int_equal(stores, 1);
    assert_int_equal(size, LARGE);
    assert_int_equal(places, 1);
    assert_int_equal(store_object(LARGE, false, true), S_BAD_DIGEST);
    assert_int_equal(stores, 1);
    assert_int_equal(store_object(SMALL, true, false), S_OK); /* the core looked */
    assert_int_equal(stores, 2);
    assert_int_equal(size, SMALL);
    assert_int_equal(places, 2);
    assert_int_equal(store_object(SMALL, false, false), S_OK); /* nobody looks twice */
    assert_int_equal(places, 3);
}

static void who_has_no_courses_stores_no_object(void **state)
{
    (void)state;
    context.content = NULL;
    assert_int_equal(store_object(LARGE, true, true), S_DENIED);
    assert_int_equal(store_object(SMALL, true, false), S_DENIED);
}

static void other_effects_keep_a_copy_of_their_bytes(void **state)
{
    struct effect effect = {
        .kind = EFFECT_STAGE, .bytes = bytes_of(data, SMALL), .seq = 9, .after_seq = 4, .ticket = 3};
    (void)state;

    struct session_job *job = session_job_new(NULL, &context, &effect);
    assert_ptr_equal(job->data.data, job->copy);
    assert_memory_equal(job->copy, data, SMALL);
    assert_int_equal(job->seq, 9);
    assert_int_equal(job->after_seq, 4);
    assert_int_equal(job->ticket, 3);
    session_job_free(job);
}

/* The job of a batch that `writer` wrote; it holds nothing, so that it fails where it is begun. */
static void apply_start(unsigned writer, enum status *status, struct waiting_jobs *waiting)
{
    struct effect effect = {.kind = EFFECT_APPLY, .stream = {.node = {{(uint8_t)writer}}, .topic = TOPIC_RESULTS}};

    session_job_start(session_job_new((struct session *)(void *)status, &context, &effect), waiting, NULL, done);
}

static void drain_until(size_t count)
{
    while (ends < count) {
        store_drain(kit.store);
    }
}

static void sessions_begin(void)
{
    static const struct federation federation;
    struct report report = {.status = S_OK};

    context.members = members_open(kit.store, &federation, &report);
    assert_non_null(context.members);
    context.sessions = sessions_new(&context);
}

static void sessions_end(void)
{
    sessions_free(context.sessions);
    members_close(context.members);
}

static void cells_of_who_kept_the_store_long_wait_and_those_of_others_do_not(void **state)
{
    struct waiting_jobs waiting = {0};
    enum status late = S_INTERNAL, later = S_INTERNAL, other = S_INTERNAL;
    const struct id writer = {{1}};
    (void)state;

    sessions_begin();
    struct burden *burden = sessions_burden(context.sessions);
    burden_add(burden, &writer, 60 * 1000, local_time_monotonic());
    apply_start(1, &late, &waiting);
    apply_start(1, &later, &waiting);
    apply_start(2, &other, &waiting);
    drain_until(1);
    assert_int_equal(other, S_INVALID);
    assert_int_equal(session_jobs_continue(&waiting, done), burden_until_ms(burden, &writer));
    assert_int_equal(late, S_INTERNAL);
    *burden = (struct burden){0}; /* its time has come */
    assert_int_equal(session_jobs_continue(&waiting, done), UINT64_MAX);
    drain_until(3);
    assert_int_equal(late, S_INVALID);
    assert_int_equal(later, S_INVALID);
    burden_add(burden, &writer, 60 * 1000, local_time_monotonic());
    apply_start(1, &late, &waiting);
    session_jobs_drop(&waiting, done); /* the session is over */
    assert_int_equal(late, S_STALE);
    sessions_end();
}

static struct waiting_jobs in_parts;
static size_t parts;

static void part_done(void *arg, enum status status)
{
    if (session_job_goes_on(arg, &in_parts, status)) {
        parts++;
        return;
    }
    done(arg, status);
}

/* The job of a batch of `count` changes of one cell, few bytes. */
static void changes_start(unsigned writer, uint64_t count, enum status *status)
{
    static uint8_t value[] = {CELL_COUNT, 2};
    struct batch batch = {.stream = {.node = {{(uint8_t)writer}}, .topic = TOPIC_RESULTS}, .count = count, .has_certificate = true};
    struct stream_head *head = &batch.certificate.head;
    struct cell *cells = calloc(count, sizeof *cells);
    struct effect effect = {.kind = EFFECT_APPLY, .stream = batch.stream};
    struct lthash sum;
    struct buffer body;

    assert_non_null(cells);
    for (uint64_t i = 0; i < count; i++) {
        cells[i] = (struct cell){.key = bytes_text("p"), .value = bytes_of(value, sizeof value), .seq = i + 1};
    }
    batch.cells = cells;
    *head = (struct stream_head){.stream = batch.stream, .seq = count, .count = 1};
    struct hash key = lthash_key(&members_federation(context.members)->id, &batch.stream);
    lthash_init(&sum);
    lthash_add(&sum, &key, &cells[count - 1]);
    head->digest = lthash_digest(&sum);
    buffer_init(&body);
    assert_int_equal(batch_encode(&batch, &body), S_OK);
    effect.bytes = buffer_bytes(&body);
    session_job_start(session_job_new((struct session *)(void *)status, &context, &effect), &in_parts, NULL, part_done);
    buffer_release(&body);
    free(cells);
}

static void many_cells_come_in_parts_and_one_stream_at_a_time(void **state)
{
    enum status first = S_INTERNAL, second = S_INTERNAL, few = S_INTERNAL;
    (void)state;

    sessions_begin();
    in_parts = (struct waiting_jobs){0}, parts = 0;
    changes_start(1, BATCH_CELLS_MAX, &first);
    changes_start(2, BATCH_CELLS_MAX, &second);
    while (parts < 4) { /* both were looked at; the first one has its turn */
        store_drain(kit.store);
        (void)session_jobs_continue(&in_parts, part_done);
    }
    changes_start(3, DELTA_AT_ONCE_CELLS, &few);
    while (few == S_INTERNAL) {
        store_drain(kit.store);
        (void)session_jobs_continue(&in_parts, part_done);
    }
    assert_int_equal(few, S_OK); /* between two parts */
    assert_int_equal(first, S_INTERNAL);
    while (ends < 3) {
        store_drain(kit.store);
        (void)session_jobs_continue(&in_parts, part_done);
        assert_true(second == S_INTERNAL || first == S_OK);
    }
    assert_int_equal(first, S_OK);
    assert_int_equal(second, S_OK);
    assert_true(parts > 2 * (BATCH_CELLS_MAX / BESIDE_PART_CELLS));
    sessions_end();
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_object_is_stored_after_a_look_at_its_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(who_has_no_courses_stores_no_object, setup, teardown),
        cmocka_unit_test_setup_teardown(cells_of_who_kept_the_store_long_wait_and_those_of_others_do_not, setup, teardown),
        cmocka_unit_test_setup_teardown(many_cells_come_in_parts_and_one_stream_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(other_effects_keep_a_copy_of_their_bytes, setup, teardown),
    };
    return KIT_RUN(tests);
}
