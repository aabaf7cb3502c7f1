#include "node/cmd/help.h"

#include <string.h>

#include "replication/base/check.h"

enum {
    NAME_COLUMNS = 23,
    USAGE_COLUMNS = 7,
    WIDTH_MIN = 32, /* narrower, a terminal breaks lines itself */
    SENTENCES_MAX = 4096,
};

static size_t lead_count(const char *line, size_t size)
{
    size_t at = 0;

    while (at < size && line[at] == ' ') {
        at++;
    }
    return at;
}

/* Prints a line, broken between words where it is wider than `width` columns (help is ASCII); what follows stands `hang` columns in. A word that is wider
 * than a line stays whole. */
static void line_print(FILE *out, const char *line, size_t size, size_t hang, size_t width)
{
    size_t room = width < WIDTH_MIN ? size : width;

    while (size > room) {
        size_t end = room;
        while (end > 0 && line[end] != ' ') {
            end--;
        }
        if (lead_count(line, size) >= end) { /* no space to break at: behind the word */
            const char *space = memchr(line + room, ' ', size - room);
            end = space ? (size_t)(space - line) : size;
        }
        fprintf(out, "%.*s\n", (int)end, line);
        line += end;
        size -= end;
        size_t lead = lead_count(line, size);
        line += lead;
        size -= lead;
        room = width - hang;
        if (size > 0) {
            fprintf(out, "%*s", (int)hang, "");
        }
    }
    if (size > 0) {
        fprintf(out, "%.*s\n", (int)size, line);
    }
}

/* Does the line at `text` end within a sentence that the next one goes on with? Lines that are set in are examples. */
static bool goes_on(const char *text, size_t size)
{
    if (size == 0 || *text == ' ' || text[size] == '\0') {
        return false;
    }
    char next = text[size + 1];
    return !strchr(".:;!?)", text[size - 1]) && next != ' ' && next != '\n' && next != '\0';
}

/* Paragraphs; a line that is set in is an example, to be copied as it is. On a terminal a sentence fills lines, wherever its own break. */
static void text_print(FILE *out, const char *text, size_t width)
{
    while (*text) {
        char line[SENTENCES_MAX];
        size_t size = strcspn(text, "\n");
        while (width >= WIDTH_MIN && goes_on(text, size)) {
            size += 1 + strcspn(text + size + 1, "\n");
        }
        CHECK(size <= sizeof line);
        for (size_t at = 0; at < size; at++) {
            line[at] = text[at] == '\n' ? ' ' : text[at];
        }
        if (size == 0) {
            fputc('\n', out);
        }
        line_print(out, line, size, 0, *text == ' ' ? 0 : width);
        text += size + (text[size] == '\n');
    }
}

static void summary_print(FILE *out, const struct command *command, size_t width)
{
    char line[512];
    int size = snprintf(line, sizeof line, "  %-20s %s", command->name, command->summary);

    CHECK(size > 0 && (size_t)size < sizeof line);
    line_print(out, line, (size_t)size, width > 2 * NAME_COLUMNS ? NAME_COLUMNS : 4, width);
}

void help_print(FILE *out, size_t width)
{
    const struct command *command;

    text_print(out,
               "qanat: a sync node for learning centres: courses and results travel when a link does.\n\n"
               "usage: qanat COMMAND --dir D [options]      (or set QANAT_DIR instead of --dir)\n\n",
               width);
    for (size_t i = 0; (command = command_at(i)); i++) {
        summary_print(out, command, width);
    }
    text_print(out, "\nEvery command takes --json (one document on stdout), --set name=value (an option of qanat.conf for this call) and --help.\n"
               "Exit: 0 done, 1 a problem was found, 2 usage, 69 peer out of reach, 73 no space, 75 try again.\n",
               width);
}

/* A noun that some command begins with: no longer than names are. */
static void usage_print(FILE *out, const char *noun, size_t width)
{
    char line[256];
    int taken = snprintf(line, sizeof line, "usage: qanat %s VERB --dir D [options]      (qanat %s VERB --help teaches one)", noun, noun);

    CHECK(taken > 0 && (size_t)taken < sizeof line);
    line_print(out, line, (size_t)taken, USAGE_COLUMNS, width);
    fputc('\n', out);
}

bool help_print_noun(FILE *out, const char *noun, size_t width)
{
    const struct command *command;
    size_t size = strlen(noun);
    bool is_known = false;

    for (size_t i = 0; (command = command_at(i)); i++) {
        if (strncmp(command->name, noun, size) == 0 && command->name[size] == ' ') {
            if (!is_known) {
                usage_print(out, noun, width);
            }
            summary_print(out, command, width);
            is_known = true;
        }
    }
    return is_known;
}

void help_print_command(FILE *out, const struct command *command, size_t width)
{
    char line[1024];
    int size = snprintf(line, sizeof line, "qanat %s: %s", command->name, command->summary);

    CHECK(size > 0 && (size_t)size < sizeof line);
    line_print(out, line, (size_t)size, 0, width);
    fputc('\n', out);
    size = snprintf(line, sizeof line, "usage: qanat %s%s %s", command->name, command->needs == NEEDS_NOTHING ? "" : " --dir D", command->arguments);
    CHECK(size > 0 && (size_t)size < sizeof line);
    line_print(out, line, (size_t)size, USAGE_COLUMNS, width);
    if (command->help && width == 0) {
        fprintf(out, "\n%s\n", command->help);
    } else if (command->help) {
        fputc('\n', out);
        text_print(out, command->help, width);
    }
}
