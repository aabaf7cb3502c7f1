/* xapi.c: `qanat xapi key add|list|remove`: which programs may speak xAPI with this node. */
#include <jansson.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/cmd/table.h"
#include "node/learn/vocabulary.h"
#include "node/local_time.h"
#include "node/lrs/client.h"
#include "node/timestamp.h"

static const struct {
    const char *name;
    unsigned rights;
} rights[] = {{"all", LRS_READ | LRS_WRITE}, {"read", LRS_READ}, {"write", LRS_WRITE}};

enum { RIGHTS_COUNT = sizeof rights / sizeof *rights };

static const char *rights_name(unsigned value)
{
    for (size_t i = 0; i < RIGHTS_COUNT; i++) {
        if (rights[i].rights == value) {
            return rights[i].name;
        }
    }
    return "none";
}

/* --- add --- */

static enum status rights_read(struct command_context *context, unsigned *out)
{
    const char *text = command_option(context, "rights");

    for (size_t i = 0; i < RIGHTS_COUNT; i++) {
        if (strcmp(text ? text : "all", rights[i].name) == 0) {
            *out = rights[i].rights;
            return S_OK;
        }
    }
    return report_set(&context->report, S_USAGE, "--rights '%s': say all, read or write", text);
}

static enum status key_add(struct command_context *context)
{
    const char *name = command_option(context, "name");
    unsigned wanted = 0;
    struct client_key key;
    enum status status = rights_read(context, &wanted);

    status = status == S_OK ? command_words(context, 1, 1) : status;
    if (status == S_OK && !name) {
        status = report_set(&context->report, S_USAGE, "whose key? say --name NAME");
    }
    if (status == S_OK && !text_is_name(bytes_text(name), XAPI_NAME_MAX)) {
        status = report_set(&context->report, S_USAGE, "--name: 1 to %d bytes of text in one line", XAPI_NAME_MAX);
    }
    if (status == S_OK) {
        status =
            client_key_add(context->store, name, wanted, (int64_t)local_time_now(), &key, &context->report);
    }
    if (status != S_OK) {
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s, s:s, s:s, s:s}", "key", key.row.key, "secret", key.secret, "name",
                                   key.row.name, "rights", rights_name(key.row.rights)));
    } else {
        fprintf(context->out, "key     %s\nsecret  %s\n", key.row.key, key.secret);
        fprintf(context->err,
                "'%s' speaks xAPI at http://%s/xapi/ with these as user and password. The secret is shown "
                "this once.\n",
                key.row.name,
                *context->config->http
                    ? context->config->http
                    : "ADDRESS:PORT (this node serves no pages: see 'http' in qanat.conf)");
    }
    memset(key.secret, 0, sizeof key.secret);
    return S_OK;
}

/* --- list and remove --- */

static enum status key_list(struct command_context *context)
{
    static const struct table_column columns[] = {
        {"key", "KEY", false}, {"name", "NAME", false}, {"rights", "RIGHTS", false}, {"made", "MADE", false}};
    static struct xapi_key keys[CLIENT_KEYS_MAX];
    enum status status = command_words(context, 1, 1);
    char made[TIMESTAMP_TEXT_SIZE];

    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    size_t count = xapi_key_list(db, keys, CLIENT_KEYS_MAX);
    status = db_status(db);
    store_read_end(context->store, db);
    if (status != S_OK) {
        return report_set(&context->report, status, "the keys could not be read: %s", status_text(status));
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < count && i < CLIENT_KEYS_MAX; i++) {
        timestamp_format(keys[i].made_ms / 1000 * 1000, made);
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:s}", "key", keys[i].key, "name", keys[i].name,
                                        "rights", rights_name(keys[i].rights), "made", made));
    }
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "keys", rows));
        return S_OK;
    }
    if (count > 0) {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    } else {
        fprintf(context->err, "No program has a key yet: qanat xapi key add --name NAME\n");
    }
    json_decref(rows);
    return S_OK;
}

static enum status key_remove(struct command_context *context)
{
    enum status status = command_words(context, 2, 2);

    if (status == S_OK) {
        status = client_key_remove(context->store, context->argv[1], &context->report);
    }
    if (status != S_OK) {
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:s}", "removed", context->argv[1]));
    } else {
        fprintf(context->out, "removed %s: it opens nothing any more\n", context->argv[1]);
    }
    return S_OK;
}

static enum status xapi_key_run(struct command_context *context)
{
    const char *word = context->argc > 0 ? context->argv[0] : "";

    if (strcmp(word, "add") == 0) {
        return key_add(context);
    }
    if (strcmp(word, "list") == 0) {
        return key_list(context);
    }
    if (strcmp(word, "remove") == 0) {
        return key_remove(context);
    }
    return report_set(&context->report, S_USAGE, "say add, list or remove: %s", context->command->arguments);
}

const struct command xapi_commands[] = {
    {"xapi key", NEEDS_WRITE, "add --name NAME [--rights all|read|write] | list | remove KEY",
     "let a program write and read xAPI statements here, or no longer",
     "The record store of this node speaks xAPI 1.0.3 and 2.0 at /xapi/ of its web address. A program "
     "outside (an authoring tool, a simulator,\n"
     "a dashboard) shows a key and its secret as user and password of HTTP Basic. What it says is stored "
     "with its key as the authority.\n"
     "Courses that this node launches need none: each launch has its own authorization.\n\n"
     "  qanat xapi key add --dir /var/lib/qanat --name \"Flight simulator\" --rights write\n"
     "  qanat xapi key list --dir /var/lib/qanat\n"
     "  qanat xapi key remove --dir /var/lib/qanat 5c9a...",
     xapi_key_run},
    {0},
};
