#include "node/cmd/document.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

/* What comes out when a command says `text`. */
static char *said(const struct command *command, bool is_json, const char *text, bool is_done)
{
    struct command_context context = {.command = command, .is_json = is_json};
    struct document document;
    char *out;
    size_t size;
    FILE *own = context.out = open_memstream(&out, &size);

    document_begin(&document, &context);
    fputs(text, context.out);
    document_end(&document, &context, is_done);
    assert_ptr_equal(context.out, own);
    fclose(own);
    return out;
}

static void there_is_one_document_whatever_the_command_says(void **state)
{
    static const struct command quiet = {.needs = NEEDS_WRITE}, node = {.needs = NEEDS_DAEMON};
    const struct {
        const struct command *command;
        bool is_json;
        const char *text;
        bool is_done;
        const char *out;
    } cases[] = {{&quiet, true, "", true, "{\n  \"done\": true\n}\n"},
                 {&quiet, true, "{}\n", true, "{}\n"},
                 {&quiet, true, "", false, ""},
                 {&quiet, false, "", true, ""},
                 {&quiet, false, "a\n", true, "a\n"},
                 {&node, true, "", true, ""}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *out = said(cases[i].command, cases[i].is_json, cases[i].text, cases[i].is_done);
        assert_string_equal(out, cases[i].out);
        free(out);
    }
}

static void what_cannot_be_written_is_known_to_the_stream_itself(void **state)
{
    static const struct command command = {.needs = NEEDS_READ};
    struct command_context context = {.command = &command, .is_json = true, .out = fopen("/dev/full", "w")};
    struct document document;
    (void)state;

    document_begin(&document, &context);
    for (int i = 0; i < 100000; i++) {
        fputs("0123456789", context.out);
    }
    document_end(&document, &context, true);
    assert_true(ferror(context.out));
    fclose(context.out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_one_document_whatever_the_command_says),
        cmocka_unit_test(what_cannot_be_written_is_known_to_the_stream_itself),
    };
    return KIT_RUN(tests);
}
