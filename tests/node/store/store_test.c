#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/shortfall.h"
#include "node/store/engine.h"
#include "node/store/writer.h"
#include "tests/kit/kit.h"

struct fixture {
    char dir[256];
    struct store *store;
    struct report report;
};

static enum status open_store(struct fixture *fixture, bool must_create, bool read_only)
{
    struct store_options options = {.must_create = must_create, .read_only = read_only};

    report_clear(&fixture->report);
    return store_open(fixture->dir, &options, &fixture->store, &fixture->report);
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    assert_int_equal(open_store(fixture, true, false), S_OK);
    *state = fixture;
    return 0;
}

/* The rights of files bind root, too, once it has no capabilities; in a child, for the rest goes on. True when they do then. */
static bool rights_bind(const char *path)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    return syscall(SYS_capset, &head, none) == 0 && access(path, W_OK) != 0;
}

/* What opening says while `name` has `mode`: 0 as it should, 1 not, 77 where rights bind nobody. */
static int opened_without_rights(struct fixture *fixture, const char *name, mode_t mode, bool read_only)
{
    char path[300], expected[64];
    int code;

    snprintf(path, sizeof path, "%s/%s", fixture->dir, name);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && fchmod(fd, mode) == 0);
    close(fd);
    pid_t child = fork();
    if (child == 0) {
        if (!rights_bind(path)) {
            _exit(77);
        }
        snprintf(expected, sizeof expected, "it belongs to user %u and its mode is %03o; run", (unsigned)getuid(), (unsigned)mode);
        enum status status = open_store(fixture, false, read_only);
        bool is_named = strstr(fixture->report.text, path) && strstr(fixture->report.text, expected) && strstr(fixture->report.text, "chmod 600");
        _exit(status == S_DENIED && is_named ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(chmod(path, 0600), 0);
    return WIFEXITED(code) ? WEXITSTATUS(code) : 1;
}

static void a_file_that_may_not_be_written_is_named_with_owner_and_mode(void **state)
{
    static const struct {
        const char *name;
        mode_t mode;
        bool read_only;
    } cases[] = {{"qanat.db", 0444, false}, {"qanat.db", 0000, true}, {"qanat.db-shm", 0000, true},
                 {"qanat.db-wal", 0444, false}, {"qanat.db-shm", 0400, false}};
    struct fixture *fixture = *state;

    store_close(fixture->store);
    fixture->store = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int code = opened_without_rights(fixture, cases[i].name, cases[i].mode, cases[i].read_only);
        if (code == 77) {
            skip();
        }
        if (code != 0) {
            fail_msg("%s of mode %03o", cases[i].name, (unsigned)cases[i].mode);
        }
    }
    assert_int_equal(open_store(fixture, false, false), S_OK);
    assert_int_equal(store_check_rights(fixture->dir, true, NULL), S_OK);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    store_close(fixture->store);
    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

/* A job that puts property "n<number>" and then says `status`. */
struct put {
    int number;
    enum status status;
    enum status outcome;
    int order;
    bool is_finished;
};

static int orders;

static enum status put_run(struct db *db, void *arg)
{
    struct put *put = arg;
    char name[16];

    snprintf(name, sizeof name, "n%d", put->number);
    enum status status = property_put(db, name, bytes_of(&put->number, sizeof put->number));
    return status != S_OK ? status : put->status;
}

static void put_done(void *arg, enum status status)
{
    struct put *put = arg;

    put->outcome = status;
    put->order = orders++;
    put->is_finished = true;
}

static enum status nothing_run(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static bool is_there(struct store *store, int number)
{
    char name[16];
    int value = -1;
    struct db *db = store_read_begin(store);

    snprintf(name, sizeof name, "n%d", number);
    bool is_found = property_get(db, name, &value, sizeof value);
    store_read_end(store, db);
    return is_found && value == number;
}

static void an_acknowledged_job_is_seen_by_readers_and_after_a_reopen(void **state)
{
    struct fixture *fixture = *state;
    struct put put = {.number = 7};

    assert_int_equal(store_write_wait(fixture->store, put_run, &put), S_OK);
    assert_true(is_there(fixture->store, 7));
    store_close(fixture->store);
    assert_int_equal(open_store(fixture, false, false), S_OK);
    assert_true(is_there(fixture->store, 7));
}

static void a_failing_job_is_undone_alone_wherever_it_stands(void **state)
{
    enum { COUNT = 9 };
    struct fixture *fixture = *state;

    for (int failing = 0; failing < COUNT; failing++) {
        struct put puts[COUNT];
        for (int i = 0; i < COUNT; i++) {
            puts[i] = (struct put){.number = failing * 100 + i, .status = i == failing ? S_STALE : S_OK};
            store_write(fixture->store, put_run, &puts[i], put_done);
        }
        store_write_wait(fixture->store, nothing_run, NULL);
        store_drain(fixture->store);
        for (int i = 0; i < COUNT; i++) {
            assert_true(puts[i].is_finished);
            assert_int_equal(puts[i].outcome, i == failing ? S_STALE : S_OK);
            assert_int_equal(is_there(fixture->store, puts[i].number), i != failing);
        }
    }
}

static void completions_come_in_the_order_of_the_jobs_and_only_when_drained(void **state)
{
    enum { COUNT = 100 };
    struct fixture *fixture = *state;
    static struct put puts[COUNT];

    orders = 0;
    for (int i = 0; i < COUNT; i++) {
        puts[i] = (struct put){.number = i};
        store_write(fixture->store, put_run, &puts[i], put_done);
    }
    store_write_wait(fixture->store, nothing_run, NULL);
    assert_int_equal(orders, 0);
    store_drain(fixture->store);
    assert_int_equal(orders, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(puts[i].order, i);
    }
}

static void count_wake(void *ctx)
{
    atomic_fetch_add((_Atomic int *)ctx, 1);
}

static void the_loop_is_woken_for_completions(void **state)
{
    struct fixture *fixture = *state;
    static _Atomic int wakes;
    struct put put = {.number = 1};

    store_set_wake(fixture->store, count_wake, &wakes);
    store_write(fixture->store, put_run, &put, put_done);
    store_write_wait(fixture->store, nothing_run, NULL);
    store_write_wait(fixture->store, nothing_run,
                     NULL); /* the wake comes before the next transaction, not before the first wait ends */
    assert_true(atomic_load(&wakes) >= 1);
    store_drain(fixture->store);
    assert_true(put.is_finished);
}

static void the_generation_grows_with_commits(void **state)
{
    struct fixture *fixture = *state;
    struct put put = {.number = 1};
    uint64_t before = store_generation(fixture->store);

    store_write_wait(fixture->store, put_run, &put);
    assert_true(store_generation(fixture->store) > before);
    before = store_generation(fixture->store);
    store_run_apart(fixture->store, nothing_run, NULL); /* a database that was built anew may hold less */
    assert_true(store_generation(fixture->store) > before);
}

static void closing_finishes_what_is_queued(void **state)
{
    enum { COUNT = 50 };
    struct fixture *fixture = *state;
    static struct put puts[COUNT];

    for (int i = 0; i < COUNT; i++) {
        puts[i] = (struct put){.number = i};
        store_write(fixture->store, put_run, &puts[i], put_done);
    }
    store_close(fixture->store);
    for (int i = 0; i < COUNT; i++) {
        assert_true(puts[i].is_finished && puts[i].outcome == S_OK);
    }
    assert_int_equal(open_store(fixture, false, false), S_OK);
    assert_true(is_there(fixture->store, COUNT - 1));
}

static enum status fail_hard_run(struct db *db, void *arg)
{
    db_fail(db, *(enum status *)arg);
    return S_OK; /* the job did not look */
}

static void a_database_error_fails_the_job_even_when_the_job_overlooks_it(void **state)
{
    struct fixture *fixture = *state;
    enum status status = S_NO_SPACE;
    struct put put = {.number = 3};

    assert_int_equal(store_write_wait(fixture->store, fail_hard_run, &status), S_NO_SPACE);
    assert_int_equal(store_write_wait(fixture->store, put_run, &put), S_OK);
    assert_true(is_there(fixture->store, 3));
}

static enum status constraint_run(struct db *db, void *arg)
{
    struct statement *put = db_statement(db, STATEMENT_property_put);

    statement_bind_string(put, 1, "x");
    statement_bind_null(put, 2);
    *(enum status *)arg = statement_run(put);
    return S_OK;
}

static void nothing_is_written_on_the_strength_of_a_read_that_failed(void **state)
{
    struct fixture *fixture = *state;
    struct put put = {.number = 8};
    struct shortfall watch;

    shortfall_begin(&watch);
    struct db *db = store_read_begin(fixture->store);
    db_fail(db, S_IO);
    store_read_end(fixture->store, db);
    assert_int_equal(store_write_wait(fixture->store, put_run, &put), S_IO);
    assert_int_equal(shortfall_end(&watch), S_IO);
    assert_false(is_there(fixture->store, 8));
    assert_int_equal(store_write_wait(fixture->store, put_run, &put), S_OK);
    assert_true(is_there(fixture->store, 8));
}

static void a_broken_constraint_is_the_jobs_to_judge(void **state)
{
    struct fixture *fixture = *state;
    enum status status = S_OK;

    assert_int_equal(store_write_wait(fixture->store, constraint_run, &status), S_OK);
    assert_int_equal(status, S_EXISTS);
}

static void a_reader_keeps_its_snapshot(void **state)
{
    struct fixture *fixture = *state;
    struct put put = {.number = 5};
    int value;
    struct db *db = store_read_begin(fixture->store);

    store_write_wait(fixture->store, put_run, &put);
    assert_false(property_get(db, "n5", &value, sizeof value));
    store_read_end(fixture->store, db);
    assert_true(is_there(fixture->store, 5));
}

static enum status grow_run(struct db *db, void *arg)
{
    static uint8_t block[64 * 1024];
    char name[16];

    for (int i = 0; i < 32; i++) {
        snprintf(name, sizeof name, "big%d", *(int *)arg * 100 + i);
        enum status status = property_put(db, name, bytes_of(block, sizeof block));
        if (status != S_OK) {
            return status;
        }
    }
    return S_OK;
}

static void the_wal_stays_small_without_readers(void **state)
{
    struct fixture *fixture = *state;
    char path[300];
    struct stat info;

    for (int i = 0; i < 20; i++) {
        assert_int_equal(store_write_wait(fixture->store, grow_run, &i), S_OK);
    }
    store_write_wait(fixture->store, nothing_run, NULL);
    snprintf(path, sizeof path, "%s/qanat.db-wal", fixture->dir);
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_size <= 2 * WRITER_CHECKPOINT_SIZE);
}

static void opening_says_what_is_there(void **state)
{
    struct fixture *fixture = *state, other = {.store = NULL};

    snprintf(other.dir, sizeof other.dir, "%s", fixture->dir);
    assert_int_equal(open_store(&other, true, false), S_EXISTS);
    assert_null(other.store);
    snprintf(other.dir, sizeof other.dir, "%.200s/none", fixture->dir);
    assert_int_equal(open_store(&other, false, false), S_NOT_FOUND);
    assert_non_null(strstr(other.report.text, other.dir));
}

static void a_read_only_store_reads_beside_the_writer(void **state)
{
    struct fixture *fixture = *state, reader = {.store = NULL};
    struct put put = {.number = 11};

    snprintf(reader.dir, sizeof reader.dir, "%s", fixture->dir);
    assert_int_equal(open_store(&reader, false, true), S_OK);
    store_write_wait(fixture->store, put_run, &put);
    assert_true(is_there(reader.store, 11));
    store_close(reader.store);
}

static void what_was_acknowledged_survives_kill_9(void **state)
{
    struct fixture *fixture = *state;
    int pipes[2], number = -1, last = -1;

    store_close(fixture->store);
    fixture->store = NULL;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        if (open_store(fixture, false, false) != S_OK) {
            _exit(1);
        }
        for (int i = 0;; i++) {
            struct put put = {.number = i};
            if (store_write_wait(fixture->store, put_run, &put) != S_OK ||
                write(pipes[1], &i, sizeof i) < 0) {
                _exit(1);
            }
        }
    }
    while (last < 200 && read(pipes[0], &number, sizeof number) == (ssize_t)sizeof number) {
        last = number;
    }
    kill(child, SIGKILL);
    close(pipes[1]);
    while (read(pipes[0], &number, sizeof number) == (ssize_t)sizeof number) {
        last = number;
    }
    close(pipes[0]);
    waitpid(child, NULL, 0);
    assert_true(last >= 200);
    assert_int_equal(open_store(fixture, false, false), S_OK);
    for (int i = 0; i <= last; i++) {
        assert_true(is_there(fixture->store, i));
    }
}

static void an_empty_file_is_a_loss_and_no_new_node(void **state)
{
    struct fixture *fixture = *state;
    char path[300];
    struct stat info;

    store_close(fixture->store);
    fixture->store = NULL;
    snprintf(path, sizeof path, "%s/qanat.db", fixture->dir);
    assert_int_equal(truncate(path, 100), 0);
    assert_false(store_is_absent(fixture->dir));
    for (off_t size = 99; size >= 0; size -= 33) {
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(open_store(fixture, false, false), S_CORRUPT);
        assert_non_null(strstr(fixture->report.text, "restore the last backup"));
        assert_int_equal(open_store(fixture, false, true), S_CORRUPT);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_size, size);
        assert_int_equal(open_store(fixture, true, false), size ? S_EXISTS : S_OK); /* what making one began with */
        store_close(fixture->store);
        fixture->store = NULL;
    }
    assert_int_equal(open_store(fixture, false, false), S_OK);
}

/* Killed between the first page and the end of the journal that would take it back: what a cut join stood before, for good. */
static void a_database_whose_making_was_cut_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    char path[300], journal[320];
    struct report report = {.status = S_OK};

    store_close(fixture->store);
    fixture->store = NULL;
    snprintf(path, sizeof path, "%s/qanat.db", fixture->dir);
    snprintf(journal, sizeof journal, "%s-journal", path);
    assert_int_equal(truncate(path, 4096), 0);
    assert_false(store_is_absent(fixture->dir));
    assert_int_equal(dir_write_file(journal, bytes_text("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"), 0600, &report), S_OK);
    assert_true(store_is_absent(fixture->dir));
    assert_int_equal(open_store(fixture, true, false), S_OK);
    assert_int_equal(access(journal, F_OK), -1);
    store_close(fixture->store);
    fixture->store = NULL;
    assert_int_equal(dir_write_file(journal, bytes_text("\xd9"), 0600, &report), S_OK); /* beside a database it says nothing */
    assert_false(store_is_absent(fixture->dir));
}

KIT_TESTS()
{
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_acknowledged_job_is_seen_by_readers_and_after_a_reopen),
        STORE_TEST(a_failing_job_is_undone_alone_wherever_it_stands),
        STORE_TEST(completions_come_in_the_order_of_the_jobs_and_only_when_drained),
        STORE_TEST(the_loop_is_woken_for_completions),
        STORE_TEST(the_generation_grows_with_commits),
        STORE_TEST(closing_finishes_what_is_queued),
        STORE_TEST(a_database_error_fails_the_job_even_when_the_job_overlooks_it),
        STORE_TEST(nothing_is_written_on_the_strength_of_a_read_that_failed),
        STORE_TEST(a_broken_constraint_is_the_jobs_to_judge),
        STORE_TEST(a_reader_keeps_its_snapshot),
        STORE_TEST(the_wal_stays_small_without_readers),
        STORE_TEST(opening_says_what_is_there),
        STORE_TEST(a_file_that_may_not_be_written_is_named_with_owner_and_mode),
        STORE_TEST(an_empty_file_is_a_loss_and_no_new_node),
        STORE_TEST(a_database_whose_making_was_cut_is_made_anew),
        STORE_TEST(a_read_only_store_reads_beside_the_writer),
        STORE_TEST(what_was_acknowledged_survives_kill_9),
    };
    return KIT_RUN(tests);
}
