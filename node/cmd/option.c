/* option.c: the words of a command: options taken out of them, then what is left counted (command.h). */
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"

static void words_remove(struct command_context *context, int index, int count)
{
    for (int i = index; i + count <= context->argc; i++) {
        context->argv[i] = context->argv[i + count]; /* the NULL at the end moves along */
    }
    context->argc -= count;
}

int command_options_end(int argc, char **argv)
{
    int end = 0;

    while (end < argc && strcmp(argv[end], "--") != 0) {
        end++;
    }
    return end;
}

const char *command_option(struct command_context *context, const char *name)
{
    size_t length = strlen(name);
    int end = command_options_end(context->argc, context->argv);

    for (int i = 0; i < end; i++) {
        char *word = context->argv[i];
        if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, length) != 0) {
            continue;
        }
        if (word[2 + length] == '=') {
            words_remove(context, i, 1);
            return word + 3 + length;
        }
        if (word[2 + length] == '\0' && i + 1 < end) {
            char *value = context->argv[i + 1];
            words_remove(context, i, 2);
            return value;
        }
    }
    return NULL;
}

bool command_flag(struct command_context *context, const char *name)
{
    int end = command_options_end(context->argc, context->argv);

    for (int i = 0; i < end; i++) {
        if (strncmp(context->argv[i], "--", 2) == 0 && strcmp(context->argv[i] + 2, name) == 0) {
            words_remove(context, i, 1);
            return true;
        }
    }
    return false;
}

enum status command_number(struct command_context *context, const char *name, long min, long max, long *number)
{
    const char *text = command_option(context, name);
    char *end;

    if (!text) {
        return S_OK;
    }
    long value = strtol(text, &end, 10);
    if ((*text != '-' && (*text < '0' || *text > '9')) || end == text || *end || value < min || value > max) {
        return report_set(&context->report, S_USAGE, "--%s '%s': a number from %ld to %ld", name, text, min, max);
    }
    *number = value;
    return S_OK;
}

enum status command_words(struct command_context *context, int min, int max)
{
    int end = command_options_end(context->argc, context->argv);

    for (int i = 0; i < end; i++) {
        if (context->argv[i][0] == '-' && context->argv[i][1]) {
            return report_set(&context->report, S_USAGE, "'%s' is not understood here, or lacks its value",
                              context->argv[i]);
        }
    }
    if (end < context->argc) {
        words_remove(context, end, 1);
    }
    if (context->argc < min) {
        return report_set(&context->report, S_USAGE, "something is missing: %s", context->command->arguments);
    }
    if (context->argc > max) {
        return report_set(&context->report, S_USAGE, "'%s' is one word too many: %s", context->argv[max],
                          context->command->arguments);
    }
    return S_OK;
}
