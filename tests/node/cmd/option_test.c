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

static enum status unused(struct command_context *context)
{
    (void)context;
    return S_OK;
}

static const struct command row = {"show", NEEDS_NOTHING, "NAME --kind K\n                 [--file F] [--all] [--plain|--bare]", "",
                                   "--hidden is told here", unused};

static void what_is_wrong_with_an_option_is_said(void **state)
{
    static const struct {
        char *words[4];
        const char *said;
    } cases[] = {
        {{"--kind", "campus"}, "'--kind' is there twice"}, {{"--kind=campus"}, "'--kind=campus' is there twice"},
        {{"a", "--file"}, "'--file' lacks its value"},     {{"--all=yes"}, "'--all=yes': this option takes no value"},
        {{"--bare"}, "'--bare' is there twice"},           {{"--json", "a"}, "'--json' is there twice"},
        {{"--dir"}, "'--dir' lacks its value"},            {{"--kin", "x"}, "'--kin' is not understood here"},
        {{"-x"}, "'-x' is not understood here"},           {{"a", "b"}, "one word too many: NAME --kind K [--file F] [--all]"},
        {{NULL}, "something is missing: NAME --kind K [--file F]"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *argv[] = {cases[i].words[0], cases[i].words[1], NULL};
        struct command_context context = {.argc = argv[0] ? argv[1] ? 2 : 1 : 0, .argv = argv, .command = &row};
        assert_int_equal(command_words(&context, 1, 1), S_USAGE);
        assert_non_null(strstr(context.report.text, cases[i].said));
    }
}

static void an_option_that_there_is_not_is_named_first(void **state)
{
    static const struct {
        char *words[4];
        const char *said;
    } cases[] = {
        {{"--frob", "x"}, "there is no option '--frob' here"}, {{"a", "--kind", "--frob"}, "earlier"}, /* a value */
        {{"--all", "--frob=1"}, "no option '--frob=1'"},      {{"--file", "a", "--fil"}, "no option '--fil'"},
        {{"--hidden"}, "earlier"},                            {{"--", "--frob"}, "earlier"},
        {{"--set", "--frob"}, "earlier"},                     {{"-5"}, "earlier"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct command_context context = {.argv = (char **)(uintptr_t)cases[i].words, .command = &row};
        while (context.argv[context.argc]) {
            context.argc++;
        }
        report_set(&context.report, S_USAGE, "earlier");
        command_options_judge(&context);
        assert_non_null(strstr(context.report.text, cases[i].said));
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_taken_in_both_spellings),
        cmocka_unit_test(the_number_of_an_option_lies_between_its_bounds),
        cmocka_unit_test(a_dash_is_an_option_but_behind_two),
        cmocka_unit_test(what_is_wrong_with_an_option_is_said),
        cmocka_unit_test(an_option_that_there_is_not_is_named_first),
    };
    return KIT_RUN(tests);
}
