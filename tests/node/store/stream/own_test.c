#include "node/store/stream/own.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/store/stream/past.h"
#include "node/store/stream/stream.h"
#include "replication/stream/lthash.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

/* The clock of this machine is as far ahead (-Wl,--wrap). */
static uint64_t ahead_ms;

uint64_t __real_engine_wall_ms(void);
uint64_t __wrap_engine_wall_ms(void);
uint64_t __wrap_engine_wall_ms(void)
{
    return __real_engine_wall_ms() + ahead_ms;
}

static int setup(void **state)
{
    ahead_ms = 0;
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

/* A job that puts one count, and then says `status`. */
struct put {
    const char *key;
    int64_t value;
    enum status status;
};

static enum status put_run(struct db *db, void *arg)
{
    struct put *put = arg;
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, put->value);
    enum status status = own_cell_put(db, TOPIC_RESULTS, bytes_text(put->key), buffer_bytes(&value));
    buffer_release(&value);
    return status != S_OK ? status : put->status;
}

static enum status put(struct desk *desk, const char *key, int64_t value)
{
    struct put put = {.key = key, .value = value};
    return store_write_wait(desk->store, put_run, &put);
}

static struct stream_id results_of(struct desk *desk)
{
    struct stream_id stream = {.node = desk->identity.node, .topic = TOPIC_RESULTS};

    assert_true(own_living(desk->store, &stream.incarnation));
    return stream;
}

static struct certificate certificate_of(struct desk *desk, const struct stream_id *stream)
{
    struct certificate certificate;
    struct db *db = store_read_begin(desk->store);

    assert_true(stream_find(db, stream, &certificate));
    store_read_end(desk->store, db);
    return certificate;
}

/* The certificate holds, and names exactly the cells that are stored. */
static uint64_t check_stream(struct desk *desk, const struct stream_id *stream)
{
    enum { CELLS_MAX = 4096 };
    static struct cell cells[CELLS_MAX];
    struct certificate certificate = certificate_of(desk, stream);
    struct hash key = lthash_key(&desk->federation, stream);
    struct lthash state;
    struct arena arena;

    assert_int_equal(certificate_verify(&certificate, &desk->federation, desk->identity.sign_public), S_OK);
    arena_init(&arena, 1 << 24);
    lthash_init(&state);
    struct db *db = store_read_begin(desk->store);
    size_t count = stream_cells_scan(db, stream, 0, CELLS_MAX, &arena, cells);
    store_read_end(desk->store, db);
    assert_int_equal(count, certificate.head.count);
    for (size_t i = 0; i < count; i++) {
        lthash_add(&state, &key, &cells[i]);
    }
    struct hash digest = lthash_digest(&state);
    assert_true(hash_equal(&digest, &certificate.head.digest));
    assert_int_equal(cells[count - 1].seq, certificate.head.seq);
    arena_release(&arena);
    return certificate.head.seq;
}

static void a_put_cell_is_certified_when_its_job_is_done(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(put(desk,
                         "r\x1f"
                         "a",
                         1),
                     S_OK);
    assert_int_equal(put(desk,
                         "r\x1f"
                         "b",
                         1),
                     S_OK);
    assert_int_equal(put(desk,
                         "r\x1f"
                         "a",
                         2),
                     S_OK);
    struct stream_id stream = results_of(desk);
    assert_int_equal(check_stream(desk, &stream), 3);
    assert_int_equal(certificate_of(desk, &stream).head.count, 2);
}

static void an_equal_value_changes_nothing(void **state)
{
    struct desk *desk = *state;

    put(desk, "r", 1);
    struct stream_id stream = results_of(desk);
    struct certificate before = certificate_of(desk, &stream);
    put(desk, "r", 1);
    struct certificate after = certificate_of(desk, &stream);
    assert_memory_equal(&before, &after, sizeof before);
}

static void an_undone_job_leaves_no_seq_and_no_cell(void **state)
{
    struct desk *desk = *state;
    struct put failing = {.key = "r\x1f"
                                 "new term",
                          .value = 9,
                          .status = S_STALE};

    assert_int_equal(store_write_wait(desk->store, put_run, &failing),
                     S_STALE); /* before there is any incarnation */
    put(desk,
        "r\x1f"
        "a",
        1);
    assert_int_equal(store_write_wait(desk->store, put_run, &failing), S_STALE);
    put(desk,
        "r\x1f"
        "another term",
        2);
    struct stream_id stream = results_of(desk);
    assert_int_equal(check_stream(desk, &stream), 2);
    assert_int_equal(put(desk,
                         "r\x1f"
                         "new term",
                         3),
                     S_OK);
    assert_int_equal(check_stream(desk, &stream), 3);
}

static void jobs_of_one_transaction_fail_alone(void **state)
{
    enum { COUNT = 12 };
    struct desk *desk = *state;
    char keys[COUNT][16];
    struct put puts[COUNT], last = {.key = "last", .value = 1};

    for (int failing = 0; failing < COUNT; failing++) {
        for (int i = 0; i < COUNT; i++) {
            snprintf(keys[i], sizeof keys[i],
                     "k%d\x1f"
                     "t%d",
                     i, failing * 100 + i);
            puts[i] = (struct put){keys[i], 1, i == failing ? S_DENIED : S_OK};
            store_write(desk->store, put_run, &puts[i], NULL);
        }
        last.value = failing;
        assert_int_equal(store_write_wait(desk->store, put_run, &last), S_OK);
        struct stream_id stream = results_of(desk);
        check_stream(desk, &stream);
    }
    struct stream_id stream = results_of(desk);
    assert_int_equal(certificate_of(desk, &stream).head.count, COUNT * (COUNT - 1) + 1);
}

static void a_cell_outside_the_format_is_refused(void **state)
{
    struct desk *desk = *state;
    static char key[CELL_KEY_MAX + 2];

    memset(key, 'k', sizeof key - 1);
    assert_int_equal(put(desk, key, 1), S_TOO_LARGE);
    key[CELL_KEY_MAX] = 0;
    assert_int_equal(put(desk, key, 1), S_OK);
    assert_int_not_equal(put(desk, "", 1), S_OK);
}

static enum status get_run(struct db *db, void *arg)
{
    struct bytes value;
    enum status status = own_cell_get(db, TOPIC_RESULTS, bytes_text("r"), &value);

    return status == S_OK && !cell_value_get_number(value, arg) ? S_CORRUPT : status;
}

static void the_value_of_an_own_cell_can_be_read_back(void **state)
{
    struct desk *desk = *state;
    int64_t number = 0;

    assert_int_equal(store_write_wait(desk->store, get_run, &number), S_NOT_FOUND);
    put(desk, "r", 42);
    assert_int_equal(store_write_wait(desk->store, get_run, &number), S_OK);
    assert_int_equal(number, 42);
}

/* Writes one cell that was never written before. */
static struct id living(struct desk *desk)
{
    static int64_t writes;

    assert_int_equal(put(desk, "wake", ++writes), S_OK);
    return results_of(desk).incarnation;
}

static void a_restart_goes_on_with_the_incarnation(void **state)
{
    struct desk *desk = *state;

    struct id before = living(desk);
    desk_reopen(desk);
    struct id after = living(desk);
    assert_true(id_equal(&before, &after));
    struct stream_id stream = results_of(desk);
    assert_int_equal(check_stream(desk, &stream), 2);
}

static void after_kill_9_the_incarnation_goes_on_and_no_seq_comes_twice(void **state)
{
    struct desk *desk = *state;
    int pipes[2];
    uint64_t seq = 0, last = 0;

    struct id before = living(desk);
    desk_shut(desk);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        desk_reopen(desk);
        for (int64_t i = 0;; i++) {
            if (put(desk, "busy", i) != S_OK) {
                _exit(1);
            }
            struct stream_id stream = results_of(desk);
            uint64_t now = certificate_of(desk, &stream).head.seq;
            if (write(pipes[1], &now, sizeof now) < 0) {
                _exit(1);
            }
            usleep(2000); /* so that the kill mostly meets an idle writer */
        }
    }
    while (seq < 60 && read(pipes[0], &seq, sizeof seq) == (ssize_t)sizeof seq) {
        last = seq;
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(pipes[1]);
    while (read(pipes[0], &seq, sizeof seq) == (ssize_t)sizeof seq) {
        last = seq;
    }
    close(pipes[0]);
    desk_reopen(desk);
    struct id after = living(desk);
    struct stream_id stream = results_of(desk);
    uint64_t next = check_stream(desk, &stream);
    /* Killed between the anchor and the commit it starts afresh, which is safe too. */
    assert_true(id_equal(&before, &after) ? next > last : next == 1);
}

static void copy(const char *from, const char *to)
{
    char command[700];

    snprintf(command, sizeof command, "cp -a '%s/.' '%s/'", from, to);
    assert_int_equal(system(command), 0);
}

static void an_older_database_gets_a_fresh_incarnation(void **state)
{
    struct desk *desk = *state;
    char backup[256];

    kit_scratch_make(backup, sizeof backup);
    struct id before = living(desk);
    desk_shut(desk);
    copy(desk->dir, backup);
    desk_reopen(desk);
    living(desk);
    desk_shut(desk);
    copy(backup, desk->dir);
    desk_reopen(desk);
    struct id after = living(desk);
    assert_false(id_equal(&before, &after));
    struct stream_id old = {desk->identity.node, before, TOPIC_RESULTS};
    assert_int_equal(check_stream(desk, &old), 1); /* the closed stream is kept as it was */
    kit_scratch_remove(backup);
}

static void a_copied_directory_gets_a_fresh_incarnation(void **state)
{
    struct desk *desk = *state;
    char original[256], other[256];

    kit_scratch_make(other, sizeof other);
    struct id before = living(desk);
    desk_shut(desk);
    copy(desk->dir, other);
    memcpy(original, desk->dir, sizeof original);
    memcpy(desk->dir, other, sizeof other);
    desk_reopen(desk);
    struct id after = living(desk);
    assert_false(id_equal(&before, &after));
    desk_shut(desk);
    memcpy(desk->dir, original, sizeof original);
    desk_reopen(desk);
    after = living(desk);
    assert_true(id_equal(&before, &after)); /* the original goes on */
    kit_scratch_remove(other);
}

static void without_its_anchor_a_node_starts_afresh(void **state)
{
    struct desk *desk = *state;
    char command[300];

    struct id before = living(desk);
    desk_shut(desk);
    snprintf(command, sizeof command, "rm -f '%s'/*", desk->anchors);
    assert_int_equal(system(command), 0);
    desk_reopen(desk);
    struct id after = living(desk);
    assert_false(id_equal(&before, &after));
}

static enum status renew_run(struct db *db, void *arg)
{
    (void)arg;
    return own_renew(db);
}

static void a_node_that_forgot_can_draw_a_fresh_incarnation(void **state)
{
    struct desk *desk = *state;

    struct id before = living(desk);
    assert_int_equal(store_write_wait(desk->store, renew_run, NULL), S_OK);
    struct id after = living(desk);
    assert_false(id_equal(&before, &after));
    desk_reopen(desk);
    before = living(desk);
    assert_true(id_equal(&before, &after));
}

static void an_incarnation_left_alone_for_long_is_not_added_to(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(put(desk, "a", 1), S_OK);
    struct id first = living(desk);
    ahead_ms = PAST_LEASE_MS - 60000;
    struct id second = living(desk);
    assert_true(id_equal(&first, &second)); /* and that was a change */
    ahead_ms += PAST_LEASE_MS + 60000;
    second = living(desk);
    assert_false(id_equal(&first, &second)); /* in the running node */
    ahead_ms += PAST_LEASE_MS + 60000;
    desk_reopen(desk);
    first = living(desk);
    assert_false(id_equal(&first, &second)); /* and in one that starts */
    ahead_ms = 0; /* the clock is set back */
    second = living(desk);
    assert_true(id_equal(&first, &second));
}

static enum status count_run(struct db *db, void *arg)
{
    struct put *put = arg;
    struct bytes stored;
    int64_t before = 0;
    enum status status = own_cell_get(db, TOPIC_RESULTS, bytes_text(put->key), &stored);

    if (status == S_OK && !cell_value_get_number(stored, &before)) {
        return S_CORRUPT;
    }
    ahead_ms += 120000; /* while it runs */
    put->value = before + 1;
    return put_run(db, put);
}

static void a_job_reads_and_writes_in_one_incarnation(void **state)
{
    struct desk *desk = *state;
    struct put count = {.key = "a"};

    assert_int_equal(put(desk, "a", 5), S_OK);
    ahead_ms = PAST_LEASE_MS - 60000;
    struct stream_id first = results_of(desk);
    assert_int_equal(store_write_wait(desk->store, count_run, &count), S_OK);
    assert_int_equal(count.value, 6);
    assert_true(certificate_of(desk, &first).head.seq == 2); /* a total in another stream would count the 5 twice */
    ahead_ms += PAST_LEASE_MS;
    assert_int_equal(store_write_wait(desk->store, count_run, &count), S_OK);
    assert_int_equal(count.value, 1);
}

KIT_TESTS()
{
#define OWN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        OWN_TEST(a_put_cell_is_certified_when_its_job_is_done),
        OWN_TEST(an_equal_value_changes_nothing),
        OWN_TEST(an_undone_job_leaves_no_seq_and_no_cell),
        OWN_TEST(jobs_of_one_transaction_fail_alone),
        OWN_TEST(a_cell_outside_the_format_is_refused),
        OWN_TEST(the_value_of_an_own_cell_can_be_read_back),
        OWN_TEST(a_restart_goes_on_with_the_incarnation),
        OWN_TEST(after_kill_9_the_incarnation_goes_on_and_no_seq_comes_twice),
        OWN_TEST(an_older_database_gets_a_fresh_incarnation),
        OWN_TEST(a_copied_directory_gets_a_fresh_incarnation),
        OWN_TEST(without_its_anchor_a_node_starts_afresh),
        OWN_TEST(a_node_that_forgot_can_draw_a_fresh_incarnation),
        OWN_TEST(an_incarnation_left_alone_for_long_is_not_added_to),
        OWN_TEST(a_job_reads_and_writes_in_one_incarnation),
    };
    return KIT_RUN(tests);
}
