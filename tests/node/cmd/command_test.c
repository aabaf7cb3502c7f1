#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/app_command.h"

/* Runs `argv` (ended by NULL) and keeps what it said. */
struct said {
    int code;
    char *out, *err;
};

static struct said execute(char **argv)
{
    struct command_context context = {.in = stdin};
    struct said said = {0};
    size_t out_size, err_size;
    int argc = 0;

    while (argv[argc]) {
        argc++;
    }
    context.out = open_memstream(&said.out, &out_size);
    context.err = open_memstream(&said.err, &err_size);
    said.code = command_execute(&context, argc, argv);
    fclose(context.out);
    fclose(context.err);
    return said;
}

static void said_release(struct said *said)
{
    free(said->out);
    free(said->err);
}

static void every_command_explains_itself(void **state)
{
    const struct command *command;
    (void)state;

    for (size_t i = 0; (command = command_at(i)); i++) {
        assert_non_null(command->run);
        assert_true(strlen(command->summary) > 10);
        assert_non_null(command->help);
        assert_null(strchr(command->summary, '\n'));
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(command->name, command_at(other)->name);
        }
    }
}

static void an_unknown_command_is_named_and_leaves_with_usage(void **state)
{
    char *argv[] = {"frobnicate", NULL};
    struct said said = execute(argv);
    (void)state;

    assert_int_equal(said.code, EXIT_WRONG_USAGE);
    assert_non_null(strstr(said.err, "'frobnicate'"));
    assert_string_equal(said.out, "");
    said_release(&said);
}

static void an_option_that_is_not_known_is_named(void **state)
{
    char *argv[] = {"init", "--dir", "/nonexistent/x", "--name", "n", "--kind", "hub", "--sparkle", NULL};
    struct said said = execute(argv);
    (void)state;

    assert_int_equal(said.code, EXIT_WRONG_USAGE);
    assert_non_null(strstr(said.err, "'--sparkle'"));
    said_release(&said);
}

static void options_of_every_command_may_come_first(void **state)
{
    char *argv[] = {"--json", "--dir", "/nonexistent/x", "--set=late_after_h=3", "status", NULL};
    char *nothing[] = {"--dir", "/nonexistent/x", NULL};
    struct said said = execute(argv);
    (void)state;

    assert_int_equal(said.code, EXIT_PROBLEM);
    assert_non_null(strstr(said.err, "qanat status: '/nonexistent/x'"));
    said_release(&said);
    said = execute(nothing);
    assert_int_equal(said.code, EXIT_WRONG_USAGE);
    assert_non_null(strstr(said.err, "usage: qanat COMMAND"));
    said_release(&said);
}

static void a_directory_without_a_node_is_refused_by_name(void **state)
{
    char *argv[] = {"digest", "--dir", "/nonexistent/node", NULL};
    struct said said = execute(argv);
    (void)state;

    assert_int_equal(said.code, EXIT_PROBLEM);
    assert_non_null(strstr(said.err, "'/nonexistent/node'"));
    said_release(&said);
}

static void help_goes_to_stdout_and_is_success(void **state)
{
    char *argv[] = {"init", "--help", NULL};
    struct said said = execute(argv);
    (void)state;

    assert_int_equal(said.code, EXIT_DONE);
    assert_non_null(strstr(said.out, "--kind hub|national|training|regional|campus"));
    said_release(&said);
}

static void every_status_has_an_exit_code_of_the_contract(void **state)
{
    (void)state;
    assert_int_equal(command_exit_code(S_OK), 0);
    assert_int_equal(command_exit_code(S_USAGE), 2);
    assert_int_equal(command_exit_code(S_UNREACHABLE), 69);
    assert_int_equal(command_exit_code(S_NO_SPACE), 73);
    assert_int_equal(command_exit_code(S_BUSY), 75);
    assert_int_equal(command_exit_code(S_CORRUPT), 1);
}

static void options_before_the_command_go_before_two_dashes(void **state)
{
    char *argv[] = {"--dir", "/nonexistent/here", "person", "erase", "--", "-5", NULL};
    struct said said = execute(argv);
    (void)state;

    assert_int_equal(said.code, EXIT_PROBLEM); /* the directory is not there: --dir was taken */
    assert_non_null(strstr(said.err, "/nonexistent/here"));
    said_release(&said);
}

static void a_dash_is_no_word(void **state)
{
    char *argv[] = {"authority", "new-key", "-x", NULL};
    struct said said = execute(argv);
    (void)state;

    assert_int_equal(said.code, EXIT_WRONG_USAGE);
    assert_non_null(strstr(said.err, "'-x'"));
    said_release(&said);
}

static void numbers_end_at_their_limits(void **state)
{
#define INVITE "invite --kind campus --endpoint tcp://h:1 --name "
    static const struct {
        const char *words, *said; /* NULL: it is taken */
    } cases[] = {
        {"sync --timeout 0", "--timeout '0': a number from 1 to 604800"},
        {"sync --timeout 604800", NULL},
        {"sync --timeout 604801", "--timeout '604801': a number from 1 to 604800"},
        {"person list --limit 1000000", NULL},
        {"person list --limit 1000001", "--limit '1000001': a number from 1 to 1000000"},
        {"credential list --limit 1000000", NULL},
        {"credential list --limit 1000001", "--limit '1000001': a number from 1 to 1000000"},
        {INVITE "a --expires 3650d", NULL},
        {INVITE "b --expires 3651d", "--expires '3651d'"},
        {INVITE "b --expires 315360000s", NULL},
        {INVITE "c --expires 315360001s", "--expires '315360001s'"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kit_command_says(*state, cases[i].words, cases[i].said ? EXIT_WRONG_USAGE : EXIT_DONE, cases[i].said ? cases[i].said : "");
    }
}

/* Takes one command and ends. */
static void *node_dies(void *listener)
{
    char head[8];
    int fd = accept(*(int *)listener, NULL, NULL);

    assert_true(recv(fd, head, sizeof head, 0) > 0);
    close(fd);
    return NULL;
}

static void a_node_that_ends_before_the_command_did_is_no_answer(void **state)
{
    struct kit_command *kit = *state;
    struct sockaddr_un at;
    int lock, folder, listener = socket(AF_UNIX, SOCK_STREAM, 0);
    pthread_t node;

    assert_int_equal(handoff_address(kit->dir, &at, &folder), S_OK);
    assert_int_equal(dir_lock(kit->dir, &lock, NULL), S_OK);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    for (int round = 0; round < 2; round++) { /* scrub works without a store: not here */
        assert_int_equal(pthread_create(&node, NULL, node_dies, &listener), 0);
        kit_command_says(kit, round ? "scrub --repair" : "sync pause", EXIT_TRY_AGAIN, "ended before the command did");
        assert_int_equal(pthread_join(node, NULL), 0);
        assert_string_equal(kit->out, "");
    }
    close(listener);
    close(folder);
    close(lock);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_explains_itself),
        cmocka_unit_test_setup_teardown(a_node_that_ends_before_the_command_did_is_no_answer, kit_command_setup, kit_command_teardown),
        cmocka_unit_test(an_unknown_command_is_named_and_leaves_with_usage),
        cmocka_unit_test(an_option_that_is_not_known_is_named),
        cmocka_unit_test(options_of_every_command_may_come_first),
        cmocka_unit_test(a_directory_without_a_node_is_refused_by_name),
        cmocka_unit_test(help_goes_to_stdout_and_is_success),
        cmocka_unit_test(options_before_the_command_go_before_two_dashes),
        cmocka_unit_test(a_dash_is_no_word),
        cmocka_unit_test_setup_teardown(numbers_end_at_their_limits, kit_command_setup, kit_command_teardown),
        cmocka_unit_test(every_status_has_an_exit_code_of_the_contract),
    };
    return KIT_RUN(tests);
}
