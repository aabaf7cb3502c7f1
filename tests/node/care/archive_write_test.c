#include "node/care/archive.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static char scratch[128], path[160];

static int setup(void **state)
{
    (void)state;
    kit_scratch_make(scratch, sizeof scratch);
    snprintf(path, sizeof path, "%s/archive", scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(scratch);
    return 0;
}

static int files_in_scratch(void)
{
    char command[200];
    snprintf(command, sizeof command, "exit $(ls -A '%s' | wc -l)", scratch);
    return system(command) >> 8 & 0xff;
}

static void what_is_not_finished_leaves_nothing(void **state)
{
    struct archive_writer *writer;
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(archive_create(path, &writer, &report), S_OK);
    assert_int_equal(archive_add_bytes(writer, "a", 0600, bytes_text("x")), S_OK);
    archive_close(writer);
    assert_int_equal(files_in_scratch(), 0);
}

static void a_name_that_is_taken_is_refused_at_the_start_and_at_the_end(void **state)
{
    struct archive_writer *writer;
    struct report report = {.status = S_OK};
    struct stat info;
    (void)state;

    assert_int_equal(archive_create(path, &writer, &report), S_OK);
    close(open(path, O_CREAT | O_WRONLY, 0600)); /* somebody else was faster */
    assert_int_equal(archive_finish(writer), S_EXISTS);
    archive_close(writer);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 0);
    assert_int_equal(archive_create(path, &writer, &report), S_EXISTS);
    assert_int_equal(files_in_scratch(), 1);
}

static void a_file_shorter_than_announced_is_no_entry(void **state)
{
    struct archive_writer *writer;
    struct report report = {.status = S_OK};
    FILE *file = tmpfile();
    (void)state;

    fputs("short", file);
    fflush(file);
    assert_int_equal(archive_create(path, &writer, &report), S_OK);
    assert_int_equal(archive_add_file(writer, "f", 0600, fileno(file), 6, NULL), S_CORRUPT);
    archive_close(writer);
    fclose(file);
}

static void a_full_disk_is_told_and_leaves_nothing(void **state)
{
    static uint8_t block[64 * 1024];
    struct rlimit before, small = {.rlim_cur = 100 * 1024};
    struct archive_writer *writer;
    struct report report = {.status = S_OK};
    enum status status = S_OK;
    (void)state;

    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(archive_create(path, &writer, &report), S_OK);
    setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 0; i < 4 && status == S_OK; i++) {
        status = archive_add_bytes(writer, "block", 0600, bytes_of(block, sizeof block));
    }
    setrlimit(RLIMIT_FSIZE, &before);
    archive_close(writer);
    assert_int_equal(status, S_NO_SPACE);
    assert_int_equal(files_in_scratch(), 0);
}

KIT_TESTS()
{
#define WRITE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        WRITE_TEST(what_is_not_finished_leaves_nothing),
        WRITE_TEST(a_name_that_is_taken_is_refused_at_the_start_and_at_the_end),
        WRITE_TEST(a_file_shorter_than_announced_is_no_entry),
        WRITE_TEST(a_full_disk_is_told_and_leaves_nothing),
    };
    return KIT_RUN(tests);
}
