#include "node/store/disk/ballast.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/log.h"
#include "tests/kit/kit.h"

enum { SIZE = 1 << 20 };

static char dir[256], path[300];

static int setup(void **state)
{
    (void)state;
    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/ballast", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(dir);
    return 0;
}

static void room_is_kept_in_real_blocks(void **state)
{
    struct ballast ballast;
    struct stat info;
    (void)state;

    ballast_init(&ballast, dir, SIZE);
    ballast_look(&ballast, 1000);
    if (!ballast.kept_size) {
        skip(); /* a file system without fallocate() */
    }
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_size == SIZE && info.st_blocks * 512 >= SIZE);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(ballast_kept(dir), SIZE);
    ballast_look(&ballast, 2000); /* nothing changes */
    assert_int_equal(ballast_kept(dir), SIZE);
}

static void it_is_let_go_and_made_again_after_a_while(void **state)
{
    struct ballast ballast, other;
    (void)state;

    ballast_init(&ballast, dir, SIZE);
    ballast_look(&ballast, 1000);
    ballast_init(&other, dir, 0); /* a command that makes none itself */
    if (!other.kept_size) {
        skip();
    }
    ballast_release(&other, 2000);
    assert_int_equal(ballast_kept(dir), 0);
    ballast_release(&other, 2000);
    ballast_look(&other, 2000 + 2 * BALLAST_RETRY_MS);
    assert_int_equal(ballast_kept(dir), 0);
    ballast_release(&ballast, 2000);
    ballast_look(&ballast, 2000 + BALLAST_RETRY_MS - 1);
    assert_int_equal(ballast_kept(dir), 0);
    ballast_look(&ballast, 2000 + BALLAST_RETRY_MS);
    assert_int_equal(ballast_kept(dir), SIZE);
}

static void a_disk_with_less_room_than_the_file_takes_gets_it_back(void **state)
{
    struct ballast ballast;
    struct statvfs vfs;
    (void)state;

    assert_int_equal(statvfs(dir, &vfs), 0);
    ballast_init(&ballast, dir, SIZE);
    ballast_look(&ballast, 1000);
    if (!ballast.kept_size) {
        skip();
    }
    ballast.kept_size =
        (uint64_t)vfs.f_blocks * vfs.f_frsize + 1; /* as if the disk had less left than that */
    ballast_look(&ballast, 1001);
    assert_int_equal(ballast_kept(dir), 0);
}

static void none_is_made_where_three_would_not_fit(void **state)
{
    struct ballast ballast;
    struct statvfs vfs;
    (void)state;

    assert_int_equal(statvfs(dir, &vfs), 0);
    ballast_init(&ballast, dir, (uint64_t)vfs.f_bavail * vfs.f_frsize / 2);
    ballast_look(&ballast, 1000);
    assert_int_equal(access(path, F_OK), -1);
}

KIT_TESTS()
{
#define BALLAST_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        BALLAST_TEST(room_is_kept_in_real_blocks),
        BALLAST_TEST(it_is_let_go_and_made_again_after_a_while),
        BALLAST_TEST(a_disk_with_less_room_than_the_file_takes_gets_it_back),
        BALLAST_TEST(none_is_made_where_three_would_not_fit),
    };

    log_set_level((enum log_level) - 1);
    return KIT_RUN(tests);
}
