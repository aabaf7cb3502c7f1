#include "node/cmd/problem.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

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

static void no_space_is_said_of_the_place_that_has_none(void **state)
{
    struct command_context context = {.in = stdin, .out = stdout, .dir = "/var/lib/qanat"};
    char *said;
    size_t size;
    (void)state;

    for (int round = 0; round < 2; round++) {
        report_clear(&context.report);
        report_set(&context.report, S_NO_SPACE, "cannot write \"%s/x\"", round ? "/media/stick" : context.dir);
        context.err = open_memstream(&said, &size);
        assert_int_equal(problem_print(&context, S_NO_SPACE), EXIT_NO_SPACE);
        fclose(context.err);
        assert_non_null(strstr(said, round ? "Free some space there and" : "Free some space where /var/lib/qanat lies and"));
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_that_is_lost_is_a_problem),
        cmocka_unit_test(no_space_is_said_of_the_place_that_has_none),
    };
    return KIT_RUN(tests);
}
