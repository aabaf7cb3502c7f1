#include "node/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/kit/kit.h"

struct fixture {
    char dir[256];
    char path[300];
    struct report report;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    snprintf(fixture->path, sizeof fixture->path, "%s/file", fixture->dir);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    chmod(fixture->dir, 0700);
    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

/* As root of anybody else's file, so of a file of the kernel's: it keeps its mode, as all files on a FAT stick do. */
static void a_file_system_without_modes_is_no_error(void **state)
{
    struct fixture *fixture = *state;
    struct stat info;
    int own = open(fixture->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644), stubborn = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

    assert_true(own >= 0 && stubborn >= 0);
    assert_true(dir_set_mode(own, 0600) && fstat(own, &info) == 0 && (info.st_mode & 0777) == 0600);
    assert_int_equal(fchmod(stubborn, 0600), -1);
    assert_int_equal(errno, EPERM);
    assert_true(dir_set_mode(stubborn, 0600));
    assert_false(dir_set_mode(-1, 0600));
    close(own);
    close(stubborn);
}

static void the_lock_is_held_by_one_process_at_a_time(void **state)
{
    struct fixture *fixture = *state;
    int first, second;
    char pid[32];

    assert_int_equal(dir_lock(fixture->dir, &first, &fixture->report), S_OK);
    assert_int_equal(dir_lock(fixture->dir, &second, &fixture->report), S_BUSY);
    assert_int_equal(second, -1);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(fixture->report.text, pid));
    assert_non_null(strstr(fixture->report.text, fixture->dir));
    close(first);
    assert_int_equal(dir_lock(fixture->dir, &first, &fixture->report), S_OK);
    close(first);
}

static void a_file_is_replaced_whole_with_its_mode(void **state)
{
    struct fixture *fixture = *state;
    struct buffer content;
    struct stat info;

    buffer_init(&content);
    assert_int_equal(dir_write_file(fixture->path, bytes_text("first, longer"), 0600, &fixture->report),
                     S_OK);
    assert_int_equal(dir_write_file(fixture->path, bytes_text("second"), 0640, &fixture->report), S_OK);
    assert_int_equal(dir_read_file(fixture->path, 6, &content, &fixture->report), S_OK);
    assert_true(bytes_equal(buffer_bytes(&content), bytes_text("second")));
    assert_int_equal(stat(fixture->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    buffer_release(&content);
}

static void what_a_killed_writer_left_goes_with_the_next_lock(void **state)
{
    struct fixture *fixture = *state;
    char path[320];
    int lock;

    snprintf(path, sizeof path, "%s/node.key.next.part", fixture->dir);
    int writer = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(writer, LOCK_EX), 0);
    assert_int_equal(dir_lock(fixture->dir, &lock, &fixture->report), S_OK);
    assert_int_equal(access(path, F_OK), 0); /* it writes still */
    close(lock);
    close(writer);
    assert_int_equal(dir_lock(fixture->dir, &lock, &fixture->report), S_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    close(lock);
}

static void a_file_that_a_link_names_is_written_where_it_is(void **state)
{
    struct fixture *fixture = *state;
    char link[320];
    struct stat info;
    struct buffer content;

    buffer_init(&content);
    snprintf(link, sizeof link, "%s/qanat.conf", fixture->dir); /* it stands in /etc, say */
    assert_int_equal(dir_write_file(fixture->path, bytes_text("before"), 0644, &fixture->report), S_OK);
    assert_int_equal(symlink(fixture->path, link), 0);
    assert_int_equal(dir_write_file(link, bytes_text("after"), 0644, &fixture->report), S_OK);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(dir_read_file(fixture->path, 64, &content, &fixture->report), S_OK);
    assert_true(bytes_equal(buffer_bytes(&content), bytes_text("after")));
    buffer_release(&content);
}

static void a_scratch_file_has_no_name(void **state)
{
    char dir[256], path[300], text[8];
    struct report report = {.status = S_OK};
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/node", dir);
    errno = 0;
    assert_null(dir_scratch_file(path));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(dir_create(path, &report), S_OK);
    FILE *file = dir_scratch_file(path);
    assert_non_null(file);
    fputs("secret", file);
    rewind(file);
    assert_string_equal(fgets(text, sizeof text, file), "secret");
    snprintf(path, sizeof path, "%s/node/tmp", dir);
    assert_int_equal(rmdir(path), 0); /* empty */
    fclose(file);
    kit_scratch_remove(dir);
}

static void a_file_over_the_bound_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct buffer content;

    buffer_init(&content);
    assert_int_equal(dir_write_file(fixture->path, bytes_text("1234567"), 0600, &fixture->report), S_OK);
    assert_int_equal(dir_read_file(fixture->path, 6, &content, &fixture->report), S_TOO_LARGE);
    assert_non_null(strstr(fixture->report.text, fixture->path));
    buffer_release(&content);
}

static void a_missing_file_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct buffer content;

    buffer_init(&content);
    assert_int_equal(dir_read_file(fixture->path, 6, &content, &fixture->report), S_NOT_FOUND);
    assert_non_null(strstr(fixture->report.text, fixture->path));
    buffer_release(&content);
}

static void a_failed_write_names_the_path_and_leaves_no_trace(void **state)
{
    struct fixture *fixture = *state;
    struct report report = {.status = S_OK};
    char path[320];

    snprintf(path, sizeof path, "%s/none/file", fixture->dir);
    assert_int_equal(dir_write_file(path, bytes_text("x"), 0600, &report), S_NOT_FOUND);
    assert_non_null(strstr(report.text, path));
    assert_int_equal(rmdir(fixture->dir), 0); /* nothing was left in it */
    assert_int_equal(mkdir(fixture->dir, 0700), 0);
}

static void a_directory_that_cannot_be_made_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct report report = {.status = S_OK};
    char path[320];

    snprintf(path, sizeof path, "%s/file", fixture->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    snprintf(path, sizeof path, "%s/file/deep/node", fixture->dir);
    assert_int_not_equal(dir_create(path, &report), S_OK);
    assert_non_null(strstr(report.text, path));
}

static void a_new_directory_is_private_and_a_used_one_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char dir[320], part[340];
    struct stat info;

    snprintf(dir, sizeof dir, "%s/node", fixture->dir);
    assert_int_equal(dir_create(dir, &fixture->report), S_OK);
    assert_int_equal(stat(dir, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    snprintf(part, sizeof part, "%s/blobs", dir);
    assert_int_equal(stat(part, &info), 0);
    assert_int_equal(dir_create(dir, &fixture->report), S_OK); /* empty still */
    snprintf(part, sizeof part, "%s/node.key", dir);
    assert_int_equal(dir_write_file(part, bytes_text("k"), 0600, &fixture->report), S_OK);
    assert_int_equal(dir_create(dir, &fixture->report), S_EXISTS);
}

static void the_mark_lies_there_before_anything_else(void **state)
{
    struct fixture *fixture = *state;
    char dir[320], part[340];

    snprintf(dir, sizeof dir, "%s/marked", fixture->dir);
    assert_int_not_equal(dir_create_marked(dir, "no-folder/mark", &fixture->report), S_OK);
    snprintf(part, sizeof part, "%s/blobs", dir);
    assert_int_not_equal(access(part, F_OK), 0);
    assert_int_equal(dir_create_marked(dir, "mark", &fixture->report), S_OK);
    assert_int_equal(access(part, F_OK), 0);
    snprintf(part, sizeof part, "%s/mark", dir);
    assert_int_equal(access(part, F_OK), 0);
}

static void a_path_is_joined_up_to_its_limit(void **state)
{
    (void)state;
    char out[DIR_PATH_MAX], dir[DIR_PATH_MAX];

    memset(dir, 'd', sizeof dir);
    dir[DIR_PATH_MAX - 5] = 0;
    assert_int_equal(dir_path(dir, "abc", out), S_OK);
    assert_int_equal(strlen(out), DIR_PATH_MAX - 1);
    assert_int_equal(dir_path(dir, "abcd", out), S_TOO_LARGE);
}

static void a_write_that_does_not_fit_keeps_the_old_file(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t large[256 * 1024];
    struct rlimit before, small;
    struct buffer content;

    buffer_init(&content);
    assert_int_equal(dir_write_file(fixture->path, bytes_text("kept"), 0600, &fixture->report), S_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 64 * 1024;
    setrlimit(RLIMIT_FSIZE, &small);
    enum status status = dir_write_file(fixture->path, bytes_of(large, sizeof large), 0600, &fixture->report);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, S_NO_SPACE);
    assert_non_null(strstr(fixture->report.text, fixture->path));
    assert_int_equal(dir_read_file(fixture->path, 100, &content, NULL), S_OK);
    assert_true(bytes_equal(buffer_bytes(&content), bytes_text("kept")));
    buffer_release(&content);
    unlink(fixture->path);
    assert_int_equal(rmdir(fixture->dir), 0); /* no temporary file was left */
    assert_int_equal(mkdir(fixture->dir, 0700), 0);
}

/* What does not take writes: tests/system/machine.sh. */
static void a_directory_that_takes_writes_is_not_read_only(void **state)
{
    struct fixture *fixture = *state;

    assert_false(dir_is_read_only(fixture->dir));
    assert_false(dir_is_read_only("/no/such/directory"));
}

static void a_disk_lacks_inodes_only_where_it_has_room(void **state)
{
    struct statvfs disk = {.f_bavail = DIR_FULL_MIB, .f_frsize = 1 << 20, .f_files = 1000, .f_favail = DIR_INODES_MIN - 1};
    (void)state;

    assert_true(dir_lacks_inodes(&disk));
    disk.f_favail = DIR_INODES_MIN;
    assert_false(dir_lacks_inodes(&disk));
    disk.f_favail = 0;
    disk.f_bavail = DIR_FULL_MIB - 1;
    assert_false(dir_lacks_inodes(&disk));
    disk.f_bavail = 1 << 20;
    disk.f_files = 0;
    assert_false(dir_lacks_inodes(&disk));
}

KIT_TESTS()
{
#define DIR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DIR_TEST(a_file_system_without_modes_is_no_error),
        DIR_TEST(what_a_killed_writer_left_goes_with_the_next_lock),
        DIR_TEST(a_file_that_a_link_names_is_written_where_it_is),
        DIR_TEST(the_lock_is_held_by_one_process_at_a_time),
        DIR_TEST(a_file_is_replaced_whole_with_its_mode),
        DIR_TEST(a_scratch_file_has_no_name),
        DIR_TEST(a_file_over_the_bound_is_refused),
        DIR_TEST(a_missing_file_is_named),
        DIR_TEST(a_failed_write_names_the_path_and_leaves_no_trace),
        DIR_TEST(a_directory_that_cannot_be_made_is_named),
        DIR_TEST(a_new_directory_is_private_and_a_used_one_is_refused),
        DIR_TEST(the_mark_lies_there_before_anything_else),
        DIR_TEST(a_path_is_joined_up_to_its_limit),
        DIR_TEST(a_write_that_does_not_fit_keeps_the_old_file),
        DIR_TEST(a_directory_that_takes_writes_is_not_read_only),
        DIR_TEST(a_disk_lacks_inodes_only_where_it_has_room),
    };
    return KIT_RUN(tests);
}
