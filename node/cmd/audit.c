/* audit.c: the log of what was changed: `qanat audit list`, and noting it. */
#include "node/cmd/audit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/screen.h"
#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/store/operation/act.h"
#include "node/timestamp.h"

enum { LIST_DEFAULT = 100 };

/* --- noting
 * ----------------------------------------------------------------------------------------------------- */

/* How many words from `word` on are left out: "--dir D", "--dir=D". */
static int words_left_out(const char *word)
{
    if (strcmp(word, "--dir") == 0) {
        return 2;
    }
    return strncmp(word, "--dir=", 6) == 0 || strcmp(word, "--json") == 0 ? 1 : 0;
}

static json_t *word_json(const char *word)
{
    const char *shown = strncmp(word, "--password=", 11) == 0 ? "--password=..." : word;
    json_t *text = json_string(strncmp(word, "/proc/self/fd/", 14) == 0 ? "(upload)" : shown);
    return text ? text : json_string("?"); /* not UTF-8 */
}

/* The words as they may stand in the log, as a JSON array of at most ACT_WORDS_MAX bytes. */
static void words_write(int argc, char **argv, char out[ACT_WORDS_MAX + 1])
{
    json_t *list = json_array();
    char *json;

    for (int i = 0; i < argc; i++) {
        int skipped = words_left_out(argv[i]);
        if (skipped > 0) {
            i += skipped - 1;
            continue;
        }
        json_array_append_new(list, word_json(argv[i]));
        if (strcmp(argv[i], "--password") == 0 && i + 1 < argc) {
            json_array_append_new(list, json_string("..."));
            i++;
        }
    }
    while ((json = json_dumps(list, JSON_COMPACT)) && strlen(json) > ACT_WORDS_MAX) {
        free(json);
        json_array_remove(list, json_array_size(list) - 1);
    }
    snprintf(out, ACT_WORDS_MAX + 1, "%s", json ? json : "[]");
    free(json);
    json_decref(list);
}

static enum status note_run(struct db *db, void *arg)
{
    return act_add(db, arg);
}

void audit_note(struct command_context *context, int argc, char **argv, int exit_code)
{
    struct act act = {.at_ms = (int64_t)local_time_now(), .exit_code = exit_code};

    if (strcmp(context->command->name, "sync") == 0) {
        return; /* an exchange is no change by a person; sessions have their own journal */
    }
    snprintf(act.who, sizeof act.who, "%s", context->who ? context->who : "");
    if (strcmp(context->command->name, "person erase") == 0) {
        snprintf(act.words, sizeof act.words, "[\"person\",\"erase\",\"%s\"]", ACT_ERASED); /* whom must not stay here */
    } else {
        words_write(argc, argv, act.words);
    }
    enum status status = store_write_wait(context->store, note_run, &act);
    if (status != S_OK) {
        log_event(LOG_WARNING, "act_not_noted", "error=\"%s\"", status_text(status));
    }
}

/* --- list
 * ------------------------------------------------------------------------------------------------------- */

static json_t *act_json(const struct act *act)
{
    char at[TIMESTAMP_TEXT_SIZE];
    json_t *words = json_loads(act->words, 0, NULL);

    timestamp_format(act->at_ms, at);
    return json_pack("{s:I, s:s, s:s, s:o, s:i}", "number", (json_int_t)act->number, "at", at, "who",
                     act->who, "words", words ? words : json_array(), "exit", act->exit_code);
}

static json_t *acts_read(struct store *store, int64_t limit)
{
    json_t *rows = json_array();
    struct act act = {.number = 0};
    struct db *db = store_read_begin(store);

    while ((int64_t)json_array_size(rows) < limit && act_find_before(db, act.number, &act)) {
        json_array_append_new(rows, act_json(&act));
    }
    store_read_end(store, db);
    return rows;
}

static void acts_print(FILE *out, json_t *rows)
{
    size_t index, at;
    json_t *row, *word;

    json_array_foreach(rows, index, row)
    {
        const char *who = json_string_value(json_object_get(row, "who"));
        fprintf(out, "%s  %-16s  exit %lld  %s", json_string_value(json_object_get(row, "at")), *who ? who : "-",
                (long long)json_integer_value(json_object_get(row, "exit")), strcmp(who, ACT_NODE) == 0 ? "decided:" : "qanat");
        json_array_foreach(json_object_get(row, "words"), at, word)
        {
            fputc(' ', out);
            screen_line(out, json_string_value(word));
        }
        fputc('\n', out);
    }
}

static enum status audit_list_run(struct command_context *context)
{
    long limit = LIST_DEFAULT;
    enum status status = command_number(context, "limit", 1, ACTS_MAX, &limit);

    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status != S_OK) {
        return status;
    }
    json_t *rows = acts_read(context->store, limit);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "acts", rows));
        return S_OK;
    }
    acts_print(context->out, rows);
    json_decref(rows);
    return S_OK;
}

const struct command audit_commands[] = {
    {"audit list", NEEDS_READ, "[--limit N] [--json]",
     "what was changed at this node by commands, and by whom, and what the node decided about others",
     "The newest first: when, who (a person signed in at the console, or - for somebody at the machine), how "
     "it ended, and the\n"
     "command. Passwords are never noted. (node) is said where the node decided by itself: who was admitted or refused, an alarm that was\n"
     "raised, figures that a revocation took away, a join. The newest 10,000 are kept.\n\n"
     "  qanat audit list --dir /var/lib/qanat --limit 20",
     audit_list_run},
    {0},
};
