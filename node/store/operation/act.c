#include "node/store/operation/act.h"

#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/engine.h"
#include "replication/base/bytes.h"

enum status act_add(struct db *db, const struct act *act)
{
    if (strlen(act->who) > ACT_WHO_MAX || strlen(act->words) > ACT_WORDS_MAX) {
        return S_TOO_LARGE;
    }
    struct statement *add = db_statement(db, STATEMENT_act_add);
    statement_bind_int(add, 1, act->at_ms);
    statement_bind_string(add, 2, act->who);
    statement_bind_string(add, 3, act->words);
    statement_bind_int(add, 4, act->exit_code);
    enum status status = statement_run(add);
    if (status == S_OK) {
        struct statement *trim = db_statement(db, STATEMENT_act_trim);
        statement_bind_int(trim, 1, db_last_id(db) - ACTS_MAX);
        status = statement_run(trim);
    }
    return status;
}

enum status act_change(struct db *db, const struct act *act)
{
    struct statement *change = db_statement(db, STATEMENT_act_change);

    statement_bind_int(change, 1, act->number);
    statement_bind_string(change, 2, act->who);
    statement_bind_string(change, 3, act->words);
    return statement_run(change);
}

/* Appends `text` as a JSON text. */
static void word_append(const char *text, bool is_first, char out[ACT_WORDS_MAX + 1])
{
    size_t at = strlen(out), room = ACT_WORDS_MAX / 8; /* three words, each byte with a backslash, fit */
    size_t whole = utf8_whole_size(bytes_of(text, strnlen(text, room)));

    at += (size_t)snprintf(out + at, ACT_WORDS_MAX + 1 - at, "%s\"", is_first ? "" : ",");
    for (; whole > 0 && (unsigned char)*text >= ' '; text++, whole--) {
        if (*text == '"' || *text == '\\') {
            out[at++] = '\\';
        }
        out[at++] = *text;
    }
    out[at++] = '"';
    out[at] = '\0';
}

enum status act_decided(struct db *db, const char *what, const char *subject, const char *detail)
{
    struct act act = {.at_ms = (int64_t)engine_wall_ms(), .who = ACT_NODE, .words = "["};

    word_append(what, true, act.words);
    word_append(subject, false, act.words);
    if (*detail) {
        word_append(detail, false, act.words);
    }
    strcat(act.words, "]");
    return act_add(db, &act);
}

bool act_find_before(struct db *db, int64_t before, struct act *act_out)
{
    struct statement *find = db_statement(db, STATEMENT_act_before);

    statement_bind_int(find, 1, before > 0 ? before : INT64_MAX);
    bool is_found = statement_step(find);
    if (is_found) {
        *act_out = (struct act){.number = statement_int(find, 0),
                                .at_ms = statement_int(find, 1),
                                .exit_code = (int)statement_int(find, 4)};
        statement_take_text(find, 2, act_out->who, sizeof act_out->who);
        statement_take_text(find, 3, act_out->words, sizeof act_out->words);
    }
    statement_reset(find);
    return is_found;
}
