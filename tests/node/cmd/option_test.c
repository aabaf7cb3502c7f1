#include "node/cmd/command.h"
#include "tests/kit/kit.h"

#include <stdlib.h>
#include <string.h>

static void options_are_taken_in_both_spellings(void **state)
{
    char *words[] = {"a", "--name=x", "--other", "y", "b", "--flag", NULL};
    struct command_context context = {.argc = 6, .argv = words};
    (void)state;

    assert_string_equal(command_option(&context, "name"), "x");
    assert_string_equal(command_option(&context, "other"), "y");
    assert_null(command_option(&context, "name"));
    assert_true(command_flag(&context, "flag"));
    assert_false(command_flag(&context, "flag"));
    assert_int_equal(context.argc, 2);
    assert_string_equal(context.argv[0], "a");
    assert_string_equal(context.argv[1], "b");
}

static void the_number_of_an_option_lies_between_its_bounds(void **state)
{
    static const struct {
        char *text;
        enum status status;
    } cases[] = {{"1", S_OK},     {"90", S_OK},    {"0", S_USAGE}, {"91", S_USAGE},
                 {"-1", S_USAGE}, {"1x", S_USAGE}, {"", S_USAGE},  {"99999999999999999999", S_USAGE}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *argv[] = {"--limit", cases[i].text, NULL};
        struct command_context context = {.argc = 2, .argv = argv};
        long number = 7;
        assert_int_equal(command_number(&context, "limit", 1, 90, &number), cases[i].status);
        assert_int_equal(number, cases[i].status == S_OK ? atol(cases[i].text) : 7);
        assert_int_equal(context.report.text[0] != 0, cases[i].status != S_OK);
    }
    struct command_context without = {.argc = 0};
    long number = 7;
    assert_int_equal(command_number(&without, "limit", 1, 90, &number), S_OK);
    assert_int_equal(number, 7);
}

static void a_dash_is_an_option_but_behind_two(void **state)
{
    char *argv[] = {"-5", NULL}, *behind[] = {"--", "-5", "--json", NULL}, *alone[] = {"-", NULL};
    struct command_context context = {.argc = 1, .argv = argv, .command = command_at(0)};
    (void)state;

    assert_int_equal(command_words(&context, 1, 1), S_USAGE);
    assert_non_null(strstr(context.report.text, "'-5'"));
    report_clear(&context.report);
    context.argc = 3;
    context.argv = behind;
    assert_false(command_flag(&context, "json"));
    assert_null(command_option(&context, "json"));
    assert_int_equal(command_words(&context, 2, 2), S_OK);
    assert_int_equal(context.argc, 2);
    assert_string_equal(context.argv[0], "-5");
    assert_string_equal(context.argv[1], "--json");
    context.argc = 1;
    context.argv = alone;
    assert_int_equal(command_words(&context, 1, 1), S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_taken_in_both_spellings),
        cmocka_unit_test(the_number_of_an_option_lies_between_its_bounds),
        cmocka_unit_test(a_dash_is_an_option_but_behind_two),
    };
    return KIT_RUN(tests);
}
