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
    help_print(out);
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
        help_print_command(out, command);
        fclose(out);
        assert_non_null(strstr(text, command->summary));
        assert_non_null(strstr(text, command->arguments));
        assert_non_null(strstr(text, command->help));
        free(text);
    }
}

static void a_noun_shows_its_verbs_and_no_others(void **state)
{
    char *text;
    size_t size;
    (void)state;

    FILE *out = open_memstream(&text, &size);
    assert_true(help_print_noun(out, "course"));
    assert_false(help_print_noun(out, "cour"));
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
        cmocka_unit_test(a_noun_shows_its_verbs_and_no_others),
    };
    return KIT_RUN(tests);
}
