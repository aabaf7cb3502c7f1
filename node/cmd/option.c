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

/* --- what the usage says ------------------------------------------------------------------------------------- */

enum form { FORM_UNKNOWN, FORM_FLAG, FORM_VALUED };

/* How `text`, of a usage, writes the option that `word` names. */
static enum form text_form(const char *text, const char *word)
{
    size_t length = strcspn(word, "=");

    for (const char *at = strstr(text, "--"); at; at = strstr(at + 2, "--")) {
        if (strncmp(at, word, length) == 0) {
            const char *behind = at + length;
            size_t blanks = strspn(behind, " \n");
            if (*behind == '=' || (blanks > 0 && behind[blanks] && !strchr("[-|(", behind[blanks]))) {
                return FORM_VALUED;
            }
            if (!*behind || strchr(" \n]|)", *behind)) {
                return FORM_FLAG;
            }
        }
    }
    return FORM_UNKNOWN;
}

/* What `word`, which begins with "--", is to the command. */
static enum form option_form(const struct command_context *context, const char *word)
{
    enum form form = text_form("--dir D --set NAME [--json] [--verbose] [--help]", word);

    return form == FORM_UNKNOWN && context->command ? text_form(context->command->arguments, word) : form;
}

/* A usage in one line; it is cut at the end of `out`. */
static const char *usage_line(const struct command_context *context, char *out, size_t size)
{
    size_t count = 0;

    for (const char *at = context->command->arguments; *at && count + 1 < size; at++) {
        bool is_blank = *at == ' ' || *at == '\n';
        if (!is_blank || (count > 0 && out[count - 1] != ' ')) {
            out[count++] = is_blank ? ' ' : *at;
        }
    }
    out[count] = '\0';
    return out;
}

void command_options_judge(struct command_context *context)
{
    int end = command_options_end(context->argc, context->argv);

    for (int i = 0; i < end; i++) {
        const char *word = context->argv[i];
        if (strncmp(word, "--", 2) != 0) {
            continue;
        }
        enum form form = option_form(context, word);
        if (form == FORM_UNKNOWN && !strstr(context->command->help, word)) {
            report_clear(&context->report);
            report_set(&context->report, S_USAGE, "there is no option '%s' here", word);
            return;
        }
        i += form == FORM_VALUED && !strchr(word, '='); /* its value may begin with anything */
    }
}

/* What is wrong with an option that nobody took. */
static enum status option_refuse(struct command_context *context, const char *word, bool is_last)
{
    enum form form = strncmp(word, "--", 2) == 0 ? option_form(context, word) : FORM_UNKNOWN;

    if (form == FORM_UNKNOWN) {
        return report_set(&context->report, S_USAGE, "'%s' is not understood here, or lacks its value", word);
    }
    if (form == FORM_VALUED && is_last && !strchr(word, '=')) {
        return report_set(&context->report, S_USAGE, "'%s' lacks its value", word);
    }
    if (form == FORM_FLAG && strchr(word, '=')) {
        return report_set(&context->report, S_USAGE, "'%s': this option takes no value", word);
    }
    return report_set(&context->report, S_USAGE, "'%s' is there twice, or does not go with what else is said", word);
}

enum status command_words(struct command_context *context, int min, int max)
{
    int end = command_options_end(context->argc, context->argv);
    char usage[REPORT_TEXT_MAX];

    for (int i = 0; i < end; i++) {
        if (context->argv[i][0] == '-' && context->argv[i][1]) {
            return option_refuse(context, context->argv[i], i + 1 == end);
        }
    }
    if (end < context->argc) {
        words_remove(context, end, 1);
    }
    if (context->argc < min) {
        return report_set(&context->report, S_USAGE, "something is missing: %s", usage_line(context, usage, sizeof usage));
    }
    if (context->argc > max) {
        usage_line(context, usage, sizeof usage);
        return report_set(&context->report, S_USAGE, "'%s' is one word too many%s%s", context->argv[max], *usage ? ": " : "", usage);
    }
    return S_OK;
}
