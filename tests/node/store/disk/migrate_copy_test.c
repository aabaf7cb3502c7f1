#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/store/disk/migrate.h"
#include "node/store/disk/migrate_copy.h"
#include "node/store/engine.h"
#include "tests/kit/kit.h"

struct fixture {
    char dir[256];
    char path[300];
    char copy[340];
    struct report report;
    struct db *db;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    snprintf(fixture->path, sizeof fixture->path, "%s/qanat.db", fixture->dir);
    snprintf(fixture->copy, sizeof fixture->copy, "%s.schema-1", fixture->path);
    assert_int_equal(db_open(fixture->path, DB_CREATE, 0, &fixture->db, &fixture->report), S_OK);
    assert_int_equal(migrate_run(fixture->db, NULL, &fixture->report), S_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    db_close(fixture->db);
    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

static void the_copy_is_the_whole_database_in_one_file(void **state)
{
    struct fixture *fixture = *state;
    struct stat info;
    struct db *copy;

    assert_int_equal(db_execute(fixture->db, "INSERT INTO property VALUES ('mine', x'01')"), S_OK); /* in the log only */
    for (int again = 0; again < 2; again++) {
        assert_int_equal(migrate_copy_make(fixture->db, fixture->path, 1, &fixture->report), S_OK);
        assert_int_equal(stat(fixture->copy, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
    assert_int_equal(db_open(fixture->copy, DB_READ, 0, &copy, &fixture->report), S_OK);
    assert_int_equal(db_query_int(copy, "SELECT count(*) FROM property WHERE name = 'mine'"), 1);
    assert_true(db_query_is_ok(copy, "PRAGMA integrity_check"));
    db_close(copy);
}

static void a_copy_that_cannot_be_written_is_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    char part[360];

    snprintf(part, sizeof part, "%s.part", fixture->copy);
    assert_int_equal(mkdir(part, 0700), 0);
    assert_int_equal(migrate_copy_make(fixture->db, fixture->path, 1, &fixture->report), S_IO);
    assert_non_null(strstr(fixture->report.text, ".schema-1"));
    assert_int_not_equal(access(fixture->copy, F_OK), 0);
}

static void room_is_asked_for_the_copy_and_the_work(void **state)
{
    (void)state;
    assert_int_equal(migrate_room_needed(0), MIGRATE_SPARE_SIZE);
    assert_int_equal(migrate_room_needed(1000), 3000 + MIGRATE_SPARE_SIZE);
}

static void an_old_copy_goes_a_younger_one_stays(void **state)
{
    struct fixture *fixture = *state;
    struct stat info;

    assert_int_equal(migrate_copy_make(fixture->db, fixture->path, 1, &fixture->report), S_OK);
    assert_int_equal(stat(fixture->copy, &info), 0);
    uint64_t end_ms = (uint64_t)info.st_mtim.tv_sec * 1000 + (uint64_t)MIGRATE_COPY_DAYS * 24 * 3600 * 1000;
    migrate_copy_expire(fixture->path, end_ms);
    assert_int_equal(access(fixture->copy, F_OK), 0);
    migrate_copy_expire(fixture->path, 0); /* a clock that was lost */
    assert_int_equal(access(fixture->copy, F_OK), 0);
    migrate_copy_expire(fixture->path, end_ms + 1);
    assert_int_not_equal(access(fixture->copy, F_OK), 0);
}

static void who_is_erased_does_not_live_on_in_a_copy(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(migrate_copy_drop(fixture->path), S_OK); /* none is there */
    assert_int_equal(migrate_copy_make(fixture->db, fixture->path, 1, &fixture->report), S_OK);
    assert_int_equal(migrate_copy_drop(fixture->path), S_OK);
    assert_int_not_equal(access(fixture->copy, F_OK), 0);
    assert_int_equal(mkdir(fixture->copy, 0700), 0);
    assert_int_equal(migrate_copy_drop(fixture->path), S_IO);
}

KIT_TESTS()
{
#define COPY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        COPY_TEST(the_copy_is_the_whole_database_in_one_file),
        COPY_TEST(a_copy_that_cannot_be_written_is_refused_by_name),
        COPY_TEST(room_is_asked_for_the_copy_and_the_work),
        COPY_TEST(an_old_copy_goes_a_younger_one_stays),
        COPY_TEST(who_is_erased_does_not_live_on_in_a_copy),
    };
    return KIT_RUN(tests);
}
