#include "node/cmd/problem.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cmd/table.h"
#include "tests/kit/import.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void output_that_is_lost_is_a_problem(void **state)
{
    char *argv[] = {"--version", NULL}, *command[] = {"authority", "new-key", "--help", NULL};
    struct command_context context = {.in = stdin, .out = fopen("/dev/full", "w"), .err = tmpfile()};
    (void)state;

    assert_non_null(context.out);
    assert_int_equal(command_execute(&context, 1, argv), EXIT_NO_SPACE);
    fputs("kept", context.out);
    assert_int_equal(command_execute(&context, 3, command), EXIT_NO_SPACE);
    fclose(context.out);
    fclose(context.err);
}

static void lost_rows(FILE *out)
{
    static const struct table_column columns[] = {{"name", "NAME", false}};
    json_t *rows = json_pack("[{s:s}]", "name", "p");

    table_print(out, false, columns, 1, rows);
    json_decref(rows);
}

static void a_table_that_is_lost_is_lost_like_anything_else(void **state)
{
    struct command_context context = {.in = stdin, .err = tmpfile()};
    int ends[2];
    (void)state;

    context.out = fopen("/dev/full", "w");
    assert_non_null(context.out);
    lost_rows(context.out);
    assert_int_equal(problem_flush(&context, EXIT_DONE), EXIT_NO_SPACE);
    fclose(context.out);

    signal(SIGPIPE, SIG_IGN); /* as in main() */
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    context.out = fdopen(ends[1], "w");
    lost_rows(context.out);
    assert_int_equal(problem_flush(&context, EXIT_DONE), EXIT_DONE); /* who stopped reading wanted no more */
    assert_int_equal(ftell(context.err), strlen("qanat: its output could not all be written: No space left on device\n"));
    fclose(context.out);
    fclose(context.err);
}

static void output_over_a_limit_on_files_has_no_space(void **state)
{
    struct rlimit before, limit;
    struct command_context context = {.in = stdin, .out = tmpfile(), .err = tmpfile()};
    (void)state;

    signal(SIGXFSZ, SIG_IGN); /* as in main() */
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 1, .rlim_max = before.rlim_max};
    fputs("more than that", context.out);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    const int code = problem_flush(&context, EXIT_DONE);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, EXIT_NO_SPACE);
    fclose(context.out);
    fclose(context.err);
}

static void output_to_nowhere_is_a_problem_of_who_has_any(void **state)
{
    char *argv[] = {"--version", NULL}, *noun[] = {"peer", "--help", NULL};
    char *said;
    size_t size;
    (void)state;

    for (int round = 0; round < 2; round++) {
        struct command_context context = {.in = stdin, .out = tmpfile(), .err = open_memstream(&said, &size)};
        int other = open("/dev/null", O_RDONLY); /* as main() puts it where stdout was closed */
        assert_int_equal(dup2(other, fileno(context.out)), fileno(context.out));
        assert_int_equal(problem_flush(&context, EXIT_DONE), EXIT_DONE);
        assert_int_equal(round ? command_execute(&context, 2, noun) : command_execute(&context, 1, argv), EXIT_PROBLEM);
        fclose(context.err);
        assert_non_null(strstr(said, "stdout is closed"));
        free(said);
        fclose(context.out);
        close(other);
    }
}

static void no_space_is_said_of_the_place_that_has_none(void **state)
{
    static const struct {
        const char *dir, *text, *advice;
    } cases[] = {
        {"/var/lib/qanat", "cannot write \"/var/lib/qanat/x\"", "Free some space where /var/lib/qanat lies and"},
        {"/var/lib/qanat", "cannot write \"/media/stick/x\"", "Free some space there and"},
        {"/var/lib/qanat", "no room for \"/media/stick/x\": less than disk_floor_mib would stay free", "Free some space where /var/lib/qanat lies and"},
        {"/", "cannot write \"../../../../../../../../../../../../proc/x\"", "Free some space there and"}, /* a name from here; nothing fits there */
        {"/", "cannot store the course 'x': no room", "Free some space where / lies and"},
    };
    struct command_context context = {.in = stdin, .out = stdout};
    char *said;
    size_t size;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        context.dir = cases[i].dir;
        report_clear(&context.report);
        report_set(&context.report, S_NO_SPACE, "%s", cases[i].text);
        context.err = open_memstream(&said, &size);
        assert_int_equal(problem_print(&context, S_NO_SPACE), EXIT_NO_SPACE);
        fclose(context.err);
        assert_non_null(strstr(said, cases[i].advice));
        free(said);
    }
    report_clear(&context.report);
    report_set(&context.report, S_NO_SPACE, "\"/media/stick/x.zip\": over the quota: it needs 1 MiB, content_quota_mib allows 1 MiB");
    context.err = open_memstream(&said, &size);
    assert_int_equal(problem_print(&context, S_NO_SPACE), EXIT_NO_SPACE);
    fclose(context.err);
    assert_null(strstr(said, "Free some space")); /* that would not help */
    assert_non_null(strstr(said, "raise content_quota_mib"));
    free(said);
}

static void file_is(const char *path, const char *text)
{
    uint8_t data[64];

    assert_int_equal(kit_file_read(path, data, sizeof data), strlen(text));
    assert_memory_equal(data, text, strlen(text));
}

static void a_file_appears_whole_in_the_place_of_the_one_before(void **state)
{
    struct command_context context = {.in = stdin, .out = stdout, .err = stderr};
    struct draft draft;
    struct kit_command kit;
    struct stat info;
    char path[500];
    int error;
    (void)state;

    kit_command_open(&kit);
    snprintf(path, sizeof path, "%s/out", kit.scratch);
    for (const char *const *text = (const char *const[]){"first", "second", NULL}, *before = NULL; *text; before = *text++) {
        FILE *out = problem_open(&context, path, 0640, &draft);
        assert_non_null(out);
        fputs(*text, out);
        fflush(out);
        assert_int_equal(access(path, F_OK), before ? 0 : -1); /* killed here: what stood there stands */
        if (before) {
            file_is(path, before);
        }
        assert_int_equal(problem_close(&context, out, &draft, &error), S_OK);
        file_is(path, *text);
    }
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    FILE *full = problem_open(&context, "/dev/full", 0640, &draft); /* no file: written to as it is */
    fputs("x", full);
    assert_int_equal(problem_close(&context, full, &draft, &error), S_NO_SPACE);
    assert_null(problem_open(&context, kit.scratch, 0640, &draft));
    kit_command_close(&kit);
}

static void an_empty_list_says_that_it_is(void **state)
{
    static const struct {
        const char *words, *said;
    } cases[] = {{"person list", "Nobody is registered here yet"},
                 {"cohort list", "No cohort is here yet"},
                 {"peer list", "No other node belongs to the federation yet"},
                 {"course list", "No version is here.\n"},
                 {"course verify", "No version is held here."},
                 {"credential list", "No certificate was issued here."}};
    struct kit_command kit;
    char json[64];
    (void)state;

    kit_command_open(&kit);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(kit_command(&kit, cases[i].words), EXIT_DONE);
        assert_string_equal(kit.out, "");
        assert_non_null(strstr(kit.err, cases[i].said));
        snprintf(json, sizeof json, "%s --json", cases[i].words);
        assert_int_equal(kit_command(&kit, json), EXIT_DONE);
        assert_string_equal(kit.err, ""); /* the document says it */
    }
    kit_command_close(&kit);
}

static void what_was_typed_does_not_steer_the_terminal(void **state)
{
    struct command_context context = {.in = stdin, .out = stdout};
    char *said;
    size_t size;
    (void)state;

    report_set(&context.report, S_INVALID, "no \"%s\"", "\x1b[31mmü\nr\x7f");
    context.err = open_memstream(&said, &size);
    assert_int_equal(problem_print(&context, S_INVALID), EXIT_PROBLEM);
    fclose(context.err);
    assert_string_equal(said, "qanat: no \"?[31mmü?r?\"\n");
    free(said);
}

static void without_a_command_the_help_is_talk(void **state)
{
    char *out, *err;
    size_t out_size, err_size;
    struct command_context context = {.in = stdin, .out = open_memstream(&out, &out_size), .err = open_memstream(&err, &err_size)};
    (void)state;

    assert_int_equal(command_execute(&context, 0, NULL), EXIT_WRONG_USAGE);
    fclose(context.out);
    fclose(context.err);
    assert_int_equal(out_size, 0);
    assert_non_null(strstr(err, "usage: qanat COMMAND"));
    free(out);
    free(err);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_that_is_lost_is_a_problem),
        cmocka_unit_test(a_table_that_is_lost_is_lost_like_anything_else),
        cmocka_unit_test(output_over_a_limit_on_files_has_no_space),
        cmocka_unit_test(output_to_nowhere_is_a_problem_of_who_has_any),
        cmocka_unit_test(no_space_is_said_of_the_place_that_has_none),
        cmocka_unit_test(a_file_appears_whole_in_the_place_of_the_one_before),
        cmocka_unit_test(an_empty_list_says_that_it_is),
        cmocka_unit_test(what_was_typed_does_not_steer_the_terminal),
        cmocka_unit_test(without_a_command_the_help_is_talk),
    };
    return KIT_RUN(tests);
}
