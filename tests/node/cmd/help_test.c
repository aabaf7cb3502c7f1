#include "node/cmd/help.h"
#include "tests/kit/kit.h"

#include <stdlib.h>
#include <string.h>

static void the_overview_names_every_command(void **state)
{
    const struct command *command;
    char *text;
    size_t size;
    (void)state;

    FILE *out = open_memstream(&text, &size);
    help_print(out, 0);
    fclose(out);
    for (size_t i = 0; (command = command_at(i)); i++) {
        char line[96];
        snprintf(line, sizeof line, "\n  %s ", command->name);
        assert_non_null(strstr(text, line));
    }
    free(text);
}

static void one_command_shows_its_usage_and_its_lesson(void **state)
{
    const struct command *command;
    char *text;
    size_t size;
    (void)state;

    for (size_t i = 0; (command = command_at(i)); i++) {
        FILE *out = open_memstream(&text, &size);
        help_print_command(out, command, 0);
        fclose(out);
        assert_non_null(strstr(text, command->summary));
        assert_non_null(strstr(text, command->arguments));
        assert_non_null(strstr(text, command->help));
        free(text);
    }
}

/* Words of `text` and their order, without what parts them. */
static void words_are_kept(const char *before, const char *after)
{
    while (*before || *after) {
        before += strspn(before, " \n");
        after += strspn(after, " \n");
        size_t size = strcspn(before, " \n");
        assert_int_equal(strcspn(after, " \n"), size);
        assert_memory_equal(before, after, size);
        before += size;
        after += size;
    }
}

/* Every command's help at some widths: no line is wider but for one word alone and examples, and no word is lost. */
static void on_a_terminal_lines_break_between_words(void **state)
{
    static const size_t widths[] = {20, 32, 40, 80, 100, 132};
    const struct command *command;
    char *text, *whole;
    size_t size;
    (void)state;

    for (size_t i = 0; (command = command_at(i)); i++) {
        FILE *out = open_memstream(&whole, &size);
        help_print_command(out, command, 0);
        fclose(out);
        for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
            out = open_memstream(&text, &size);
            help_print_command(out, command, widths[k]);
            fclose(out);
            words_are_kept(whole, text);
            for (const char *line = text; *line && widths[k] >= 32; line += strcspn(line, "\n") + 1) {
                size_t width = strcspn(line, "\n"), lead = strspn(line, " "), word = strcspn(line + lead, " \n");
                if (width > widths[k] && lead + word < width && (lead == 0 || lead == 7)) {
                    fail_msg("%s at %zu: '%.*s'", command->name, widths[k], (int)width, line);
                }
            }
            free(text);
        }
        free(whole);
    }
}

static void a_sentence_fills_lines_and_an_example_stays(void **state)
{
    static const struct command command = {
        .name = "x", .needs = NEEDS_NOTHING, .arguments = "FILE", .summary = "s",
        .help = "One sentence that is broken\nhere, and goes on.\nAnother one:\nits list\n\n"
                "  qanat an example that is wider than the terminal\n  and one more"};
    static const char head[] = "qanat x: s\n\nusage: qanat x FILE\n\n";
    static const struct {
        size_t width;
        const char *text;
    } cases[] = {
        {0, "One sentence that is broken\nhere, and goes on.\nAnother one:\nits list\n"},
        {31, "One sentence that is broken\nhere, and goes on.\nAnother one:\nits list\n"},
        {32, "One sentence that is broken\nhere, and goes on.\nAnother one:\nits list\n"},
        {33, "One sentence that is broken here,\nand goes on.\nAnother one:\nits list\n"},
        {46, "One sentence that is broken here, and goes on.\nAnother one:\nits list\n"},
    };
    char *text, expected[400];
    size_t size;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *out = open_memstream(&text, &size);
        help_print_command(out, &command, cases[i].width);
        fclose(out);
        snprintf(expected, sizeof expected, "%s%s\n  qanat an example that is wider than the terminal\n  and one more\n", head, cases[i].text);
        assert_string_equal(text, expected);
        free(text);
    }
}

static void the_list_of_commands_hangs_below_its_summaries(void **state)
{
    char *text;
    size_t size;
    (void)state;

    FILE *out = open_memstream(&text, &size);
    help_print(out, 60);
    fclose(out);
    assert_non_null(strstr(text, "\n                       "));
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        assert_true(strcspn(line, "\n") <= 60);
    }
    free(text);
}

static void a_noun_shows_its_verbs_and_no_others(void **state)
{
    char *text;
    size_t size;
    (void)state;

    FILE *out = open_memstream(&text, &size);
    assert_true(help_print_noun(out, "course", 0));
    assert_false(help_print_noun(out, "cour", 0));
    fclose(out);
    assert_non_null(strstr(text, "course import"));
    assert_non_null(strstr(text, "course remove"));
    assert_null(strstr(text, "person"));
    free(text);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_overview_names_every_command),
        cmocka_unit_test(one_command_shows_its_usage_and_its_lesson),
        cmocka_unit_test(on_a_terminal_lines_break_between_words),
        cmocka_unit_test(a_sentence_fills_lines_and_an_example_stays),
        cmocka_unit_test(the_list_of_commands_hangs_below_its_summaries),
        cmocka_unit_test(a_noun_shows_its_verbs_and_no_others),
    };
    return KIT_RUN(tests);
}
