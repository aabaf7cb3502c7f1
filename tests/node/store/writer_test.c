/* What the writer does when the disk fails: the k-th write or sync, for every k. */
#include "node/store/writer.h"

#include <stdio.h>
#include <string.h>

#include "node/log.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/stream/lthash.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"
#include "tests/node/store/faulty_disk.h"

static int setup(void **state)
{
    faulty_disk_arm(DISK_SOUND, 0, false);
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    faulty_disk_arm(DISK_SOUND, 0, false);
    desk_close(*state);
    return 0;
}

/* A job that counts own cell `key` up to `value`. */
struct put {
    char key[32];
    int64_t value;
    enum status outcome;
};

static enum status put_run(struct db *db, void *arg)
{
    struct put *put = arg;
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, put->value);
    enum status status = own_cell_put(db, TOPIC_RESULTS, bytes_text(put->key), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static void put_done(void *arg, enum status status)
{
    ((struct put *)arg)->outcome = status;
}

static enum status get_run(struct db *db, void *arg)
{
    struct put *put = arg;
    struct bytes value;
    enum status status = own_cell_get(db, TOPIC_RESULTS, bytes_text(put->key), &value);

    return status == S_OK && !cell_value_get_number(value, &put->value) ? S_CORRUPT : status;
}

static enum status put_one(struct desk *desk, const char *key, int64_t value)
{
    struct put put = {.value = value};

    snprintf(put.key, sizeof put.key, "%.31s", key);
    return store_write_wait(desk->store, put_run, &put);
}

/* The own stream's certificate names exactly the stored cells; returns their number. */
static size_t check_own(struct desk *desk)
{
    enum { CELLS_MAX = 4096 };
    static struct cell cells[CELLS_MAX];
    struct stream_id stream = {.node = desk->identity.node, .topic = TOPIC_RESULTS};
    struct certificate certificate;
    struct lthash state;
    struct arena arena;

    assert_true(own_living(desk->store, &stream.incarnation));
    struct hash key = lthash_key(&desk->federation, &stream);
    arena_init(&arena, 1 << 24);
    lthash_init(&state);
    struct db *db = store_read_begin(desk->store);
    assert_true(stream_find(db, &stream, &certificate));
    size_t count = stream_cells_scan(db, &stream, 0, CELLS_MAX, &arena, cells);
    store_read_end(desk->store, db);
    for (size_t i = 0; i < count; i++) {
        lthash_add(&state, &key, &cells[i]);
    }
    struct hash digest = lthash_digest(&state);
    assert_true(hash_equal(&digest, &certificate.head.digest));
    assert_int_equal(certificate_verify(&certificate, &desk->federation, desk->identity.sign_public), S_OK);
    arena_release(&arena);
    return count;
}

/* The `k`-th operation fails while a few jobs run. Acknowledged ones are there, refused ones may be said
 * again, the state is certified throughout. */
static bool run_with_fault(struct desk *desk, enum disk_fault fault, int k, bool stays)
{
    enum { COUNT = 6 };
    struct put puts[COUNT];

    faulty_disk_arm(fault, k, stays);
    for (int i = 0; i < COUNT; i++) {
        puts[i] = (struct put){.value = k, .outcome = S_STALE};
        snprintf(puts[i].key, sizeof puts[i].key,
                 "f%d\x1f"
                 "k%d\x1f"
                 "i%d",
                 (int)fault, k, i);
        store_write(desk->store, put_run, &puts[i], put_done);
        if (i % 2) {
            enum status status = put_one(desk, "pulse", k * 100 + i);
            assert_true(status == S_OK || status == S_NO_SPACE || status == S_IO);
        }
    }
    bool has_failed = faulty_disk_failures() > 0;
    faulty_disk_arm(DISK_SOUND, 0, false);
    assert_int_equal(put_one(desk, "pulse", k), S_OK); /* it works again without a restart */
    store_drain(desk->store);
    for (int i = 0; i < COUNT; i++) {
        struct put stored = puts[i];
        enum status status = store_write_wait(desk->store, get_run, &stored);
        assert_int_not_equal(puts[i].outcome, S_STALE);
        if (puts[i].outcome == S_OK) {
            assert_int_equal(status, S_OK);
            assert_int_equal(stored.value, k);
        } else if (status == S_NOT_FOUND) {
            assert_int_equal(put_one(desk, puts[i].key, k), S_OK);
        }
    }
    check_own(desk);
    return has_failed;
}

static void for_every_k(struct desk *desk, enum disk_fault fault, bool stays)
{
    enum { K_MAX = 400 };
    int k = 1;

    assert_int_equal(put_one(desk, "pulse", -1), S_OK);
    while (k < K_MAX && run_with_fault(desk, fault, k, stays)) {
        k++;
    }
    assert_true(k > 3 && k < K_MAX);
    struct stream_id before = {.topic = TOPIC_RESULTS}, after;
    own_living(desk->store, &before.incarnation);
    desk_reopen(desk);
    assert_int_equal(put_one(desk, "after", 1), S_OK);
    assert_true(own_living(desk->store, &after.incarnation));
    assert_true(id_equal(&before.incarnation, &after.incarnation)); /* the anchor kept step */
    check_own(desk);
}

static void a_full_disk_refuses_jobs_and_loses_none(void **state)
{
    for_every_k(*state, DISK_FULL, false);
}

static void a_disk_that_stays_full_refuses_jobs_until_there_is_room(void **state)
{
    for_every_k(*state, DISK_FULL, true);
}

static void a_failed_write_is_never_acknowledged(void **state)
{
    for_every_k(*state, DISK_WRITE_FAILS, false);
}

static void a_failed_sync_is_never_acknowledged(void **state)
{
    for_every_k(*state, DISK_SYNC_FAILS, false);
}

static void while_syncs_fail_nothing_is_acknowledged(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(put_one(desk, "a", 1), S_OK);
    faulty_disk_arm(DISK_SYNC_FAILS, 1, true);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(put_one(desk, "b", i), S_IO);
    }
    faulty_disk_arm(DISK_SOUND, 0, false);
    assert_int_equal(put_one(desk, "b", 9), S_OK);
    assert_int_equal(check_own(desk), 2);
}

static enum status slow_run(struct db *db, void *arg)
{
    (void)db;
    pthread_mutex_lock(arg);
    pthread_mutex_unlock(arg);
    return S_OK;
}

static void count_done(void *arg, enum status status)
{
    *(int *)arg += status == S_OK;
}

static enum status nothing_run(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static void a_full_queue_makes_its_filler_wait(void **state)
{
    struct desk *desk = *state;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int done = 0;

    pthread_mutex_lock(&gate);
    store_write(desk->store, slow_run, &gate, NULL);
    for (int i = 0; i < STORE_QUEUE_MAX - 1; i++) {
        store_write(desk->store, nothing_run, &done, count_done);
    }
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < 100; i++) { /* some of these wait for room */
        store_write(desk->store, nothing_run, &done, count_done);
    }
    store_write_wait(desk->store, nothing_run, NULL);
    store_drain(desk->store);
    assert_int_equal(done, STORE_QUEUE_MAX - 1 + 100);
}

/* Work put off by jobs: how often it ran, and what it is to say. */
struct look {
    int runs;
    enum status answer;
};

static enum status look_run(struct db *db, void *arg)
{
    struct look *look = arg;

    look->runs++;
    struct put put = {.key = "looked", .value = look->runs};
    enum status status = put_run(db, &put);
    return status == S_OK ? look->answer : status;
}

static enum status look_later(struct db *db, void *arg)
{
    store_defer(db, look_run, arg);
    return S_OK;
}

/* Ten jobs of one transaction; returns how many were done. */
static int look_ten_times(struct desk *desk, struct look *look)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int done = 0;

    pthread_mutex_lock(&gate);
    store_write(desk->store, slow_run, &gate, NULL);
    for (int i = 0; i < 10; i++) {
        store_write(desk->store, look_later, look, NULL);
        store_write(desk->store, nothing_run, &done, count_done);
    }
    pthread_mutex_unlock(&gate);
    store_write_wait(desk->store, nothing_run, NULL);
    store_drain(desk->store);
    return done;
}

static void what_jobs_put_off_runs_once_in_their_transaction(void **state)
{
    struct desk *desk = *state;
    struct look look = {.answer = S_OK};
    struct put put = {.key = "looked"};

    assert_int_equal(look_ten_times(desk, &look), 10);
    assert_in_range(look.runs, 1, 2); /* 2: when the last jobs came too late for the first transaction */
    assert_int_equal(store_write_wait(desk->store, get_run, &put), S_OK);
    assert_int_equal(put.value, look.runs);
    int before = look.runs;
    assert_int_equal(store_write_wait(desk->store, nothing_run, NULL), S_OK);
    assert_int_equal(look.runs, before);
}

static void what_was_put_off_fails_alone(void **state)
{
    struct desk *desk = *state;
    struct look look = {.answer = S_INVALID};
    struct put put = {.key = "looked"};

    assert_int_equal(look_ten_times(desk, &look), 10);
    assert_in_range(look.runs, 1, 2);
    assert_int_equal(store_write_wait(desk->store, get_run, &put), S_NOT_FOUND); /* what it did is undone */
}

static enum status look_before_commit(struct db *db, void *arg)
{
    store_before_commit(db, look_run, arg);
    return S_OK;
}

static void what_has_to_be_durable_first_runs_before_the_commit(void **state)
{
    struct desk *desk = *state;
    struct look look = {.answer = S_OK};
    struct put put = {.key = "looked"};

    assert_int_equal(store_write_wait(desk->store, look_before_commit, &look), S_OK);
    assert_int_equal(look.runs, 1);
    assert_int_equal(store_write_wait(desk->store, get_run, &put), S_OK);
    assert_int_equal(put.value, 1);
    assert_int_equal(store_write_wait(desk->store, nothing_run, NULL), S_OK);
    assert_int_equal(look.runs, 1);
}

static void when_it_fails_nothing_of_the_transaction_stands(void **state)
{
    struct desk *desk = *state;
    struct look look = {.answer = S_IO};
    struct put put = {.key = "beside", .value = 7};
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int done = 0;

    pthread_mutex_lock(&gate);
    store_write(desk->store, slow_run, &gate, NULL); /* what follows waits, and shares a transaction */
    store_write(desk->store, put_run, &put, NULL);
    store_write(desk->store, nothing_run, &done, count_done);
    store_write(desk->store, look_before_commit, &look, NULL);
    pthread_mutex_unlock(&gate);
    (void)store_write_wait(desk->store, nothing_run, NULL);
    store_drain(desk->store);
    assert_int_equal(look.runs, 1);
    assert_int_equal(store_write_wait(desk->store, look_before_commit, &look), S_IO);
    struct put looked = {.key = "looked"};
    assert_int_equal(store_write_wait(desk->store, get_run, &looked), S_NOT_FOUND);
    assert_int_equal(store_write_wait(desk->store, nothing_run, NULL), S_OK); /* the store goes on */
}

static void a_transaction_takes_jobs_the_longer_the_dearer_its_end_is(void **state)
{
    (void)state;
    assert_int_equal(writer_group_ms(0), WRITER_GROUP_MIN_MS);
    assert_int_equal(writer_group_ms(10), 40);
    assert_int_equal(writer_group_ms(50), WRITER_GROUP_MS);
    assert_int_equal(writer_group_ms(51), WRITER_GROUP_MS);
    assert_int_equal(writer_group_ms(INT64_MAX), WRITER_GROUP_MS);
}

KIT_TESTS()
{
#define WRITER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_takes_jobs_the_longer_the_dearer_its_end_is),
        WRITER_TEST(a_full_disk_refuses_jobs_and_loses_none),
        WRITER_TEST(a_disk_that_stays_full_refuses_jobs_until_there_is_room),
        WRITER_TEST(a_failed_write_is_never_acknowledged),
        WRITER_TEST(a_failed_sync_is_never_acknowledged),
        WRITER_TEST(while_syncs_fail_nothing_is_acknowledged),
        WRITER_TEST(a_full_queue_makes_its_filler_wait),
        WRITER_TEST(what_jobs_put_off_runs_once_in_their_transaction),
        WRITER_TEST(what_was_put_off_fails_alone),
        WRITER_TEST(what_has_to_be_durable_first_runs_before_the_commit),
        WRITER_TEST(when_it_fails_nothing_of_the_transaction_stands),
    };

    log_set_level((enum log_level) - 1); /* the errors are ours */
    faulty_disk_install();
    return KIT_RUN(tests);
}
