#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/input.h"
#include "tests/kit/kit.h"

static char scratch[128], path[200];

static int setup(void **state)
{
    (void)state;
    kit_scratch_make(scratch, sizeof scratch);
    snprintf(path, sizeof path, "%s/input", scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(scratch);
    return 0;
}

static void a_file_is_read(void **state)
{
    struct report report = {.status = S_OK};
    char text[8] = "";
    (void)state;

    assert_null(input_stream(path, &report));
    assert_int_equal(report.status, S_NOT_FOUND);
    assert_non_null(strstr(report.text, path));
    FILE *file = fopen(path, "w");
    fputs("water", file);
    fclose(file);
    report_clear(&report);
    file = input_stream(path, &report);
    assert_non_null(fgets(text, sizeof text, file));
    assert_string_equal(text, "water");
    fclose(file);
}

static void a_folder_is_refused_by_its_name(void **state)
{
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(mkdir(path, 0700), 0);
    assert_null(input_stream(path, &report));
    assert_int_equal(report.status, S_INVALID);
    assert_non_null(strstr(report.text, path));
    assert_non_null(strstr(report.text, "is a folder and no file"));
    assert_int_equal(rmdir(path), 0);
}

static void a_pipe_without_a_writer_is_refused(void **state)
{
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(input_open(path, &report), -1);
    assert_int_equal(report.status, S_INVALID);
    assert_non_null(strstr(report.text, "nobody writes"));
}

static void *write_it(void *arg)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC); /* waits for the reader */
    (void)arg;

    assert_int_equal(write(fd, "water", 5), 5);
    close(fd);
    return NULL;
}

static void a_pipe_with_a_writer_is_read(void **state)
{
    struct report report = {.status = S_OK};
    pthread_t writer;
    char text[8] = "";
    (void)state;

    assert_int_equal(mkfifo(path, 0600), 0);
    pthread_create(&writer, NULL, write_it, NULL);
    FILE *file = input_stream(path, &report);
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    assert_string_equal(text, "water"); /* looking took nothing of it */
    fclose(file);
    pthread_join(writer, NULL);
}

static void what_the_caller_has_open_is_read(void **state)
{
    struct report report = {.status = S_OK};
    int ends[2];
    char text[8] = "";
    (void)state;

    for (int has_writer = 0; has_writer < 2; has_writer++) {
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "water", 5), 5);
        if (!has_writer) {
            close(ends[1]);
        }
        snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
        int fd = input_open(path, &report);
        assert_int_equal(read(fd, text, sizeof text), 5);
        assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
        close(fd);
        close(ends[0]);
        if (has_writer) {
            close(ends[1]);
        }
    }
}

KIT_TESTS()
{
#define INPUT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        INPUT_TEST(a_file_is_read),
        INPUT_TEST(a_folder_is_refused_by_its_name),
        INPUT_TEST(a_pipe_without_a_writer_is_refused),
        INPUT_TEST(a_pipe_with_a_writer_is_read),
        INPUT_TEST(what_the_caller_has_open_is_read),
    };
    return KIT_RUN(tests);
}
