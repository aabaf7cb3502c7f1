#include "node/cmd/command.h"
#include "tests/kit/kit.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char scratch[128];

static int scratch_open(void **state)
{
    (void)state;
    kit_scratch_make(scratch, sizeof scratch);
    return 0;
}

static int scratch_close(void **state)
{
    (void)state;
    kit_scratch_remove(scratch);
    return 0;
}

/* Runs a command on D = scratch/node; *out_out is what it printed, to be freed. */
static int run(char **argv, char **out_out)
{
    struct command_context context = {.in = stdin};
    char *err = NULL;
    size_t out_size, err_size;
    int argc = 0;

    while (argv[argc]) {
        argc++;
    }
    context.out = open_memstream(out_out, &out_size);
    context.err = open_memstream(&err, &err_size);
    int code = command_execute(&context, argc, argv);
    fclose(context.out);
    fclose(context.err);
    free(err);
    return code;
}

static void a_hub_founds_its_federation_with_one_roster_cell(void **state)
{
    char dir[256], path[300], *out;
    struct stat info;
    (void)state;

    snprintf(dir, sizeof dir, "%s/deep/hub", scratch);
    char *init[] = {"init", "--dir", dir, "--name", "hub", "--kind", "hub", "--country", "CN", "--federation", "IIOE", NULL};
    assert_int_equal(run(init, &out), EXIT_DONE);
    free(out);
    snprintf(path, sizeof path, "%s/node.key", dir);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    snprintf(path, sizeof path, "%s/authority.key", dir);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);

    char *digest[] = {"digest", "--dir", dir, "--json", NULL};
    assert_int_equal(run(digest, &out), EXIT_DONE);
    json_t *document = json_loads(out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "streams")), 1);
    json_t *stream = json_array_get(json_object_get(document, "streams"), 0);
    assert_string_equal(json_string_value(json_object_get(stream, "node")), "hub");
    assert_string_equal(json_string_value(json_object_get(stream, "topic")), "roster");
    assert_int_equal(json_integer_value(json_object_get(stream, "seq")), 1);
    json_decref(document);
    free(out);

    char *again[] = {"init", "--dir", dir, "--name", "hub", "--kind", "hub", NULL};
    assert_int_equal(run(again, &out), EXIT_PROBLEM);
    free(out);
    char *state_of[] = {"status", "--dir", dir, NULL};
    assert_int_equal(run(state_of, &out), EXIT_DONE);
    assert_non_null(strstr(out, "in step"));
    free(out);
}

static void any_other_kind_waits_for_a_token(void **state)
{
    char dir[256], *out;
    (void)state;

    snprintf(dir, sizeof dir, "%s/campus", scratch);
    char *init[] = {"init", "--dir", dir, "--name", "c", "--kind", "campus", NULL};
    assert_int_equal(run(init, &out), EXIT_DONE);
    free(out);
    char *digest[] = {"digest", "--dir", dir, NULL};
    assert_int_equal(run(digest, &out), EXIT_PROBLEM);
    free(out);
}

static void what_failed_leaves_nothing_and_what_was_set_is_kept(void **state)
{
    struct rlimit before, small = {.rlim_cur = 64 << 10};
    char dir[256], path[300], *out;
    struct stat info;
    (void)state;

    snprintf(dir, sizeof dir, "%s/short", scratch);
    char *init[] = {"init", "--dir", dir, "--name", "hub", "--kind", "hub", "--set", "disclosure_min=5", NULL};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small); /* a database does not fit */
    int code = run(init, &out);
    setrlimit(RLIMIT_FSIZE, &before);
    free(out);
    assert_int_equal(code, EXIT_NO_SPACE);
    assert_int_equal(stat(dir, &info), -1);
    assert_int_equal(run(init, &out), EXIT_DONE);
    free(out);
    struct config config;
    struct report report = {.status = S_OK};
    config_init(&config);
    snprintf(path, sizeof path, "%s/qanat.conf", dir);
    assert_int_equal(config_load(&config, path, &report), S_OK);
    assert_int_equal(config.disclosure_min, 5);
}

static void a_wrong_kind_or_country_is_usage_and_makes_nothing(void **state)
{
    char dir[256], long_name[FEDERATION_NAME_MAX + 2], *out;
    struct stat info;
    (void)state;

    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    snprintf(dir, sizeof dir, "%s/wrong", scratch);
    char *kind[] = {"init", "--dir", dir, "--name", "c", "--kind", "castle", NULL};
    assert_int_equal(run(kind, &out), EXIT_WRONG_USAGE);
    free(out);
    char *country[] = {"init", "--dir", dir, "--name", "c", "--kind", "campus", "--country", "e1", NULL};
    assert_int_equal(run(country, &out), EXIT_WRONG_USAGE);
    free(out);
    char *name[] = {"init", "--dir", dir, "--kind", "campus", NULL};
    assert_int_equal(run(name, &out), EXIT_WRONG_USAGE);
    free(out);
    char *blank[] = {"init", "--dir", dir, "--name", "c\nd", "--kind", "campus", NULL};
    assert_int_equal(run(blank, &out), EXIT_WRONG_USAGE);
    free(out);
    char *listen[] = {"init", "--dir", dir, "--name", "c", "--kind", "campus", "--listen", "127.0.0.1:5", NULL};
    assert_int_equal(run(listen, &out), EXIT_WRONG_USAGE);
    free(out);
    char *page[] = {"init", "--dir", dir, "--name", "c", "--kind", "campus", "--http", "127.0.0.1", NULL};
    assert_int_equal(run(page, &out), EXIT_WRONG_USAGE);
    free(out);
    char *founder[] = {"init", "--dir", dir, "--name", "c", "--kind", "campus", "--federation", "F", NULL};
    assert_int_equal(run(founder, &out), EXIT_WRONG_USAGE);
    free(out);
    const char *const federations[] = {"", " ", "a\nb", "\x1b[31m", "caf\xe9", long_name};
    for (size_t i = 0; i < sizeof federations / sizeof *federations; i++) {
        char *federation[] = {"init", "--dir", dir, "--name", "c", "--kind", "hub", "--federation", (char *)(uintptr_t)federations[i], NULL};
        assert_int_equal(run(federation, &out), EXIT_WRONG_USAGE);
        free(out);
    }
    char *set[] = {"init", "--dir", dir, "--name", "c", "--kind", "campus", "--set", "disclosure_min=many", NULL};
    assert_int_equal(run(set, &out), EXIT_WRONG_USAGE);
    free(out);
    assert_int_equal(stat(dir, &info), -1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hub_founds_its_federation_with_one_roster_cell, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(any_other_kind_waits_for_a_token, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(what_failed_leaves_nothing_and_what_was_set_is_kept, scratch_open, scratch_close),
        cmocka_unit_test_setup_teardown(a_wrong_kind_or_country_is_usage_and_makes_nothing, scratch_open, scratch_close),
    };
    return KIT_RUN(tests);
}
