/* Taking a person out of this node: their rows and what hangs on them, what the record store knows, the log of commands,
 * and the bytes that deleting leaves in the file. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/attempt/due.h"
#include "node/learn/person/person.h"
#include "node/lrs/lrs.h"
#include "node/store/disk/scour.h"
#include "node/store/operation/act.h"
#include "node/store/people/cohort_row.h"
#include "node/store/people/credential.h"
#include "node/store/people/duplicate.h"
#include "node/store/people/event.h"
#include "node/store/people/launch.h"
#include "node/store/people/person_search.h"
#include "node/store/people/registration.h"
#include "node/store/people/signin.h"
#include "node/store/stream/known.h"
#include "node/store/stream/share.h"

struct erasure {
    const struct federation *federation;
    struct bytes id;
    int64_t events;
    struct buffer rows; /* int64_t: the person, and those merged into it */
    struct buffer ids;  /* theirs, each with its NUL */
};

static void erasure_note(void *ctx, int64_t row, struct bytes id, struct bytes name)
{
    struct erasure *erasure = ctx;
    (void)name;

    buffer_append(&erasure->rows, &row, sizeof row);
    buffer_append(&erasure->ids, id.data, id.size);
    buffer_append_u8(&erasure->ids, 0);
}

/* Everything that hangs on one row, and the row. */
static enum status row_erase(struct erasure *erasure, struct db *db, int64_t row)
{
    int64_t events = 0;
    enum status status = share_forget_of(db, row);

    if (status == S_OK) {
        status = event_forget(db, row, &events);
    }
    erasure->events += events;
    if (status == S_OK) {
        status = signin_row_delete_of(db, row, NULL);
    }
    if (status == S_OK) {
        status = launch_row_delete_of(db, row);
    }
    if (status == S_OK) {
        status = registration_row_delete_of(db, row);
    }
    if (status == S_OK) {
        status = credential_forget(db, row);
    }
    if (status == S_OK) {
        status = cohort_forget(db, row);
    }
    if (status == S_OK) {
        status = person_search_delete(db, row);
    }
    return status == S_OK ? person_delete(db, row) : status;
}

/* What they did and nobody counted yet: a registration is told seconds after it changed. Whoever was merged first, for what they did is told of the
 * one that is kept. */
static enum status due_tell(const struct erasure *erasure, struct db *db)
{
    enum status status = S_OK;

    for (size_t end = erasure->rows.size; end > 0 && status == S_OK; end -= sizeof(int64_t)) {
        int64_t row;
        memcpy(&row, erasure->rows.data + end - sizeof row, sizeof row);
        status = due_tell_of(db, erasure->federation, row);
    }
    return status;
}

/* What they and others said of them over xAPI. */
static enum status statements_erase(const struct erasure *erasure, struct db *db)
{
    enum status status = S_OK;
    int64_t statements;
    struct lrs lrs;

    if (!lrs_load(&lrs, db)) {
        return S_OK;
    }
    for (size_t at = 0; at < erasure->ids.size && status == S_OK;) {
        struct bytes id = bytes_text((const char *)erasure->ids.data + at);
        status = lrs_person_erase(&lrs, db, id, &statements);
        at += id.size + 1;
    }
    return status;
}

/* --- the log of commands --- */

static bool is_one_of(const struct erasure *erasure, const char *word)
{
    for (size_t at = 0; at < erasure->ids.size; at += strlen((const char *)erasure->ids.data + at) + 1) {
        if (strcmp((const char *)erasure->ids.data + at, word) == 0) {
            return true;
        }
    }
    return false;
}

/* The words of a command that names one of the ids, but for the name of the command; NULL when it names none. */
static json_t *words_hidden(const struct erasure *erasure, const char *words)
{
    json_t *list = json_loads(words, 0, NULL), *word;
    size_t index, kept = 0;
    bool is_named = false;

    json_array_foreach(list, index, word)
    {
        const char *text = json_string_value(word), *value = text ? strchr(text, '=') : NULL;
        const bool is_it = (text && is_one_of(erasure, text)) || (value && is_one_of(erasure, value + 1));
        is_named = is_named || is_it;
        kept += index == kept && index < 2 && !is_it && text && strncmp(text, "--", 2) != 0;
    }
    if (!is_named) {
        json_decref(list);
        return NULL;
    }
    while (json_array_size(list) > kept) {
        json_array_remove(list, json_array_size(list) - 1);
    }
    json_array_append_new(list, json_string(ACT_ERASED));
    return list;
}

/* Who did it, and what it was done to, is said no more where that is one of them: other names may stand beside an id. */
static enum status acts_erase(const struct erasure *erasure, struct db *db)
{
    struct act act = {.number = 0};
    enum status status = S_OK;

    while (status == S_OK && act_find_before(db, act.number, &act)) {
        const bool is_theirs = is_one_of(erasure, act.who);
        json_t *words = words_hidden(erasure, act.words);
        char *text = words ? json_dumps(words, JSON_COMPACT) : NULL;
        if (is_theirs) {
            snprintf(act.who, sizeof act.who, "%s", ACT_ERASED);
        }
        if (text) {
            snprintf(act.words, sizeof act.words, "%s", text);
        }
        if (is_theirs || text) {
            status = act_change(db, &act);
        }
        free(text);
        json_decref(words);
    }
    return status == S_OK ? db_status(db) : status;
}

static enum status erasure_run(struct db *db, void *arg)
{
    struct erasure *erasure = arg;
    struct person person;
    struct buffer texts;

    buffer_init(&texts);
    buffer_clear(&erasure->rows);
    buffer_clear(&erasure->ids);
    erasure->events = 0;
    if (!person_find(db, erasure->id, &texts, &person)) {
        buffer_release(&texts);
        return S_NOT_FOUND;
    }
    db_set_erasing(db, true); /* what goes is overwritten, until this job ends */
    erasure_note(erasure, person.row, person.id, person.name);
    (void)duplicate_list(db, person.row, erasure_note, erasure);
    enum status status = due_tell(erasure, db);
    if (status == S_OK && !known_is_left(db, KNOWN_PERSON, known_fingerprint(known_hash(db, person.id)))) {
        status = person_registered(db, &person, -1);
    }
    for (size_t at = 0; at < erasure->rows.size && status == S_OK; at += sizeof(int64_t)) {
        int64_t row;
        memcpy(&row, erasure->rows.data + at, sizeof row);
        status = row_erase(erasure, db, row);
    }
    if (status == S_OK) {
        status = statements_erase(erasure, db);
    }
    if (status == S_OK) {
        status = acts_erase(erasure, db);
    }
    if (status == S_OK) {
        status = person_search_squeeze(db);
    }
    buffer_release(&texts);
    return status;
}

enum status person_erase(struct store *store, const struct federation *federation, struct bytes id, int64_t *events_out, struct report *report)
{
    struct erasure erasure = {.federation = federation, .id = id};
    enum status status = store_write_wait(store, erasure_run, &erasure);

    buffer_release(&erasure.rows);
    buffer_release(&erasure.ids);
    if (status == S_NOT_FOUND) {
        return report_set(report, status, "there is no person '%.*s' here", (int)id.size, id.data);
    }
    if (status != S_OK) {
        return report_set(report, status, "person '%.*s' could not be erased: %s", (int)id.size, id.data,
                          status_text(status));
    }
    *events_out = erasure.events;
    status = store_scour(store);
    if (status != S_OK) {
        return report_set(report, status, "person '%.*s' is erased, but old bytes may stay in unused parts of the database (%s): they go "
                          "with the next erasure", (int)id.size, id.data, status_text(status));
    }
    if (store_forget_copies(store) != S_OK) {
        return report_set(report, S_IO, "person '%.*s' is erased here, but a copy of the database from before an upgrade could not be removed: "
                          "delete qanat.db.schema-* in the data directory", (int)id.size, id.data);
    }
    return S_OK;
}
