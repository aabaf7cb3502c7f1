/* routes_admin.c: the console. What it shows and does are commands: GET /api/v1/admin/NAME is the document
 * that a reading command prints with --json, POST /api/v1/admin/commands {"words":[...],"input"?} runs one
 * that is in the table below and says {"exit","out","err"}. They run inside this node, as those that are
 * handed over by another process do, and are noted in its log (`qanat audit list`). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/http/events.h"
#include "node/http/routes.h"
#include "node/http/server.h"
#include "node/http/visitor.h"
#include "replication/base/check.h"

enum { ADMIN_WORDS_MAX = 64, ADMIN_OUTPUT_MAX = 8 * 1024 * 1024 };

/* What can be looked at. Without a sign-in only from this machine, and nothing about people: a proxy on this
 * machine asks in the name of strangers. */
static const struct {
    const char *name;
    const char *words[6];
    bool is_of_people;
} documents[] = {
    {"status", {"status", "--json"}, false},
    {"windows", {"window", "list", "--json"}, false},
    {"peers", {"peer", "list", "--json"}, false},
    {"courses", {"course", "list", "--json"}, false},
    {"subscriptions", {"course", "subscriptions", "--json"}, false},
    {"audit", {"audit", "list", "--json"}, true},
    {"plan", {"sync", "--plan", "--json"}, false},
    {"digest", {"digest", "--json"}, false},
    {"doctor", {"doctor", "--json"}, false},
    {"people", {"person", "list", "--json"}, true},
};

/* What can be done: the first words of a command. None of them reads or writes a file that the caller names,
 * but "person import" from "-". */
static const char *const commands[] = {
    "sync",
    "sync pause",
    "sync resume",
    "window add",
    "window remove",
    "course subscribe",
    "course unsubscribe",
    "course publish",
    "course pin",
    "course rollback",
    "course verify",
    "course remove",
    "course clean",
    "person import -",
    "person add",
    "person erase",
    "enrol",
    "invite",
    "peer revoke",
    "peer quarantine",
    "peer release",
    "seal",
    "doctor",
    "verify",
    "scrub",
};

/* Options that name a file or another directory: from a browser they are refused. */
static const char *const options_refused[] = {"--file", "--dir", "--set", "--to"};

struct outcome {
    int exit_code;
    char *out, *err;
    size_t out_size, err_size;
};

static void outcome_release(struct outcome *outcome)
{
    free(outcome->out);
    free(outcome->err);
}

static void command_run(struct http_context *context, const char *who, char **words, int count,
                        struct bytes input, struct outcome *outcome)
{
    static char nothing[1];
    FILE *streams[3] = {
        input.size > 0 ? fmemopen((void *)(uintptr_t)input.data, input.size, "r") : fmemopen(nothing, 1, "r"),
        open_memstream(&outcome->out, &outcome->out_size), open_memstream(&outcome->err, &outcome->err_size)};

    CHECK(streams[0] && streams[1] && streams[2]);
    if (input.size == 0) {
        (void)fgetc(streams[0]); /* now at its end */
    }
    outcome->exit_code =
        context->run_command(context->run_ctx, who, count, words, streams);
    for (int i = 0; i < 3; i++) {
        fclose(streams[i]);
    }
}

/* --- looking
 * ---------------------------------------------------------------------------------------------------- */

static bool is_open_here(struct exchange *exchange, bool is_of_people)
{
    return !is_of_people && exchange_session(exchange) == NULL && exchange_is_from_here(exchange);
}

/* What of the console a person of `role` sees: all, or all but people and the log. */
static enum role role_needed(bool is_of_people)
{
    return is_of_people ? ROLE_ADMINISTRATOR : ROLE_MANAGER;
}

static bool may_look(struct exchange *exchange, bool is_of_people)
{
    return is_open_here(exchange, is_of_people) || exchange_require(exchange, role_needed(is_of_people)) != NULL;
}

/* Runs a reading command. A finding makes the exit code 1; its document is there all the same. */
static bool document_make(struct http_context *context, size_t index, struct outcome *outcome)
{
    const char *const *words = documents[index].words;
    char copies[8][32], *argv[8 + 1];
    int count = 0;

    for (; words[count]; count++) {
        CHECK(count < 8 && strlen(words[count]) < sizeof copies[count]);
        argv[count] = strcpy(copies[count], words[count]);
    }
    argv[count] = NULL;
    command_run(context, NULL, argv, count, bytes_of(NULL, 0), outcome);
    return outcome->out_size > 0 && outcome->out[0] != '\0' && outcome->out_size <= ADMIN_OUTPUT_MAX;
}

static void document_answer(struct exchange *exchange, size_t index)
{
    struct outcome outcome = {.exit_code = -1};

    if (document_make(exchange->context, index, &outcome)) {
        exchange->is_private = true;
        exchange_answer(exchange, MHD_HTTP_OK, "application/json", outcome.out, outcome.out_size);
        outcome.out = NULL;
    } else {
        exchange_problem(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s\n",
                         outcome.err && *outcome.err ? outcome.err : "The command said nothing.");
    }
    outcome_release(&outcome);
}

/* The doctor reads the whole database, every page of it. */
enum pool_line admin_route_line(const struct exchange *exchange)
{
    return strcmp(exchange->path, "doctor") == 0 ? POOL_FIGURES : POOL_SHORT;
}

void admin_route_handle(struct exchange *exchange)
{
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        if (strcmp(documents[i].name, exchange->path) == 0) {
            if (may_look(exchange, documents[i].is_of_people)) {
                document_answer(exchange, i);
            }
            return;
        }
    }
    exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "There is nothing at '%s'.\n", exchange->path);
}

/* --- watching --------------------------------------------------------------------------------------------- */

enum { DOCUMENT_COUNT = sizeof documents / sizeof *documents };

/* In the order of `documents`; those that cost a look at the whole machine are asked for one by one. */
static const char *const watched_names[] = {"status", "windows", "peers", "courses", "subscriptions", "audit", NULL};
enum { WATCHED_LIVE = 1u << 0 | 1u << 1 | 1u << 2 }; /* sessions and hours move them, not commits alone */

static char *watched_make(struct http_context *context, size_t index, size_t *size_out)
{
    struct outcome outcome = {.exit_code = -1};
    char *text = NULL;

    CHECK(index < DOCUMENT_COUNT && strcmp(documents[index].name, watched_names[index]) == 0);
    if (document_make(context, index, &outcome)) {
        text = outcome.out;
        *size_out = outcome.out_size;
        outcome.out = NULL;
    }
    outcome_release(&outcome);
    return text;
}

static bool is_of_people(unsigned wanted)
{
    bool is = false;

    for (size_t i = 0; watched_names[i]; i++) {
        is = is || ((wanted >> i & 1) && documents[i].is_of_people);
    }
    return is;
}

static bool watched_may(struct exchange *exchange, unsigned wanted)
{
    const struct signin *signin = exchange_session(exchange);

    return is_open_here(exchange, is_of_people(wanted)) || (signin && signin->role >= role_needed(is_of_people(wanted)));
}

const struct events_source admin_events = {
    .names = watched_names, .is_live = WATCHED_LIVE, .make = watched_make, .may = watched_may};

void events_route_handle(struct exchange *exchange)
{
    const char *of = exchange_query(exchange, "of");
    unsigned wanted = 0;

    if (!may_look(exchange, false)) {
        return;
    }
    for (const char *at = of ? of : ""; *at; at += strcspn(at, ","), at += *at == ',') {
        const size_t size = strcspn(at, ",");
        size_t i = 0;
        while (watched_names[i] && (strlen(watched_names[i]) != size || strncmp(watched_names[i], at, size) != 0)) {
            i++;
        }
        if (!watched_names[i]) {
            exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "'%.*s' cannot be watched.\n", (int)(size < 64 ? size : 64), at);
            return;
        }
        wanted |= 1u << i;
    }
    if (!wanted) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "of: names of documents, as in ?of=status,windows.\n");
        return;
    }
    if (!is_of_people(wanted) || exchange_require(exchange, ROLE_ADMINISTRATOR)) {
        events_answer(exchange->origin->http->events, exchange, wanted);
    }
}

/* --- doing
 * ------------------------------------------------------------------------------------------------------ */

/* The words begin with those of `command` ("window add"). */
static bool words_begin(json_t *words, const char *command)
{
    size_t index = 0;

    while (*command) {
        size_t length = strcspn(command, " ");
        const char *word = json_string_value(json_array_get(words, index++));
        if (!word || strlen(word) != length || strncmp(word, command, length) != 0) {
            return false;
        }
        command += length + (command[length] == ' ');
    }
    return true;
}

/* They begin with an allowed command and hold no option that names a file. */
static bool words_are_allowed(json_t *words)
{
    bool is_allowed = false;
    size_t index;
    json_t *word;

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        is_allowed |= words_begin(words, commands[i]);
    }
    json_array_foreach(words, index, word)
    {
        for (size_t i = 0; is_allowed && i < sizeof options_refused / sizeof *options_refused; i++) {
            size_t length = strlen(options_refused[i]);
            const char *text = json_string_value(word);
            is_allowed = text && !(strncmp(text, options_refused[i], length) == 0 &&
                                   (text[length] == '\0' || text[length] == '='));
        }
    }
    return is_allowed;
}

/* What a command wrote, for JSON; a line that was cut within a character is shown all the same. */
static json_t *text_of(char *text, size_t size)
{
    size = size < ADMIN_OUTPUT_MAX ? size : ADMIN_OUTPUT_MAX;
    json_t *shown = json_stringn(text, size);

    return shown ? shown : json_stringn(text, utf8_disarm((uint8_t *)text, size, "\n\t"));
}

static void outcome_answer(struct exchange *exchange, const struct outcome *outcome)
{
    exchange->is_private = true;
    route_answer_json(exchange, json_pack("{s:i, s:o, s:o}", "exit", outcome->exit_code, "out", text_of(outcome->out, outcome->out_size), "err",
                                          text_of(outcome->err, outcome->err_size)));
}

static void words_run(struct exchange *exchange, const struct signin *signin, json_t *words, json_t *input)
{
    struct outcome outcome = {.exit_code = -1};
    char *argv[ADMIN_WORDS_MAX + 1];
    size_t count = json_array_size(words);

    for (size_t i = 0; i < count; i++) {
        argv[i] = (char *)(uintptr_t)json_string_value(json_array_get(words, i));
    }
    argv[count] = NULL;
    struct bytes text = json_is_string(input)
                            ? bytes_of((const uint8_t *)json_string_value(input), json_string_length(input))
                            : bytes_of(NULL, 0);
    command_run(exchange->context, signin->id, argv, (int)count, text, &outcome);
    outcome_answer(exchange, &outcome);
    outcome_release(&outcome);
}

void commands_route_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_ADMINISTRATOR);
    json_t *body = signin ? exchange_body_json(exchange, "words[ input") : NULL;
    json_t *words = json_object_get(body, "words");

    if (body && (!json_is_array(words) || json_array_size(words) == 0 ||
                 json_array_size(words) > ADMIN_WORDS_MAX)) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST,
                         "words: the words of one command, as an array of texts.\n");
    } else if (body && !words_are_allowed(words)) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN, "command_refused",
                        "This command cannot be run from a browser; run it at the node.\n");
    } else if (body) {
        words_run(exchange, signin, words, json_object_get(body, "input"));
    }
    json_decref(body);
}
