#include "node/link/session_job.h"

#include <stdlib.h>
#include <string.h>

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
    free(arg);
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
    session_job_start(job, placed, done);
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
    free(job);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_object_is_stored_after_a_look_at_its_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(who_has_no_courses_stores_no_object, setup, teardown),
        cmocka_unit_test_setup_teardown(other_effects_keep_a_copy_of_their_bytes, setup, teardown),
    };
    return KIT_RUN(tests);
}
