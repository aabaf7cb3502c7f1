#include "node/learn/account/account.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/csv.h"
#include "node/learn/person/password.h"
#include "node/learn/person/person.h"
#include "node/store/people/signin.h"
#include "replication/base/check.h"

/* A hash of no password, so that an unknown person takes as long as a wrong password. */
static const char nobody[] =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbCEhIQ$PlRhm0RyhEhbqQnbxIj0JmMJv2rZIFgzb0yTxKZPlGI";

/* The person's row and hash; 0 and `nobody` when there is none, or no password. */
static int64_t person_look_up(struct store *store, struct bytes id, char hash_out[PASSWORD_HASH_SIZE])
{
    struct person person;
    struct buffer texts;
    int64_t row = 0;

    buffer_init(&texts);
    memset(hash_out, 0, PASSWORD_HASH_SIZE);
    memcpy(hash_out, nobody, sizeof nobody);
    struct db *db = store_read_begin(store);
    if (person_find(db, id, &texts, &person) && person.password.size > 0 &&
        person.password.size < PASSWORD_HASH_SIZE) {
        row = person.row;
        memset(hash_out, 0, PASSWORD_HASH_SIZE);
        memcpy(hash_out, person.password.data, person.password.size);
    }
    store_read_end(store, db);
    buffer_release(&texts);
    return row;
}

enum status account_sign_in(const struct account_context *context, struct bytes person, struct bytes password,
                            bool is_kept, char token_out[SIGNIN_TOKEN_SIZE], unsigned *wait_s_out)
{
    char hash[PASSWORD_HASH_SIZE];

    *wait_s_out = throttle_try(context->throttle, person, context->address, context->monotonic_ms);
    if (*wait_s_out > 0) {
        return S_BUSY;
    }
    int64_t row = person_look_up(context->store, person, hash);
    bool is_right = password.size <= PASSWORD_MAX && password_verify(password, hash);
    if (!is_right || row == 0) {
        return S_DENIED;
    }
    throttle_forgive(context->throttle, person, context->address);
    return signin_open(context->store, row, is_kept, context->now_ms, token_out);
}

/* --- registering
 * ------------------------------------------------------------------------------------------------ */

static bool code_is_right(const struct account_registration *registration)
{
    struct hash given = hash_of(bytes_text("code"), registration->code);
    struct hash wanted = hash_of(bytes_text("code"), bytes_text(registration->code_wanted));

    return *registration->code_wanted && sodium_memcmp(given.b, wanted.b, sizeof given.b) == 0;
}

/* One row of a people's file: the same rules, the same figures. */
static enum status person_import_one(const struct account_context *context,
                                     const struct account_registration *registration,
                                     struct person_outcome *outcome, struct report *report)
{
    const struct bytes values[] = {registration->id, registration->name, registration->gender,
                                   registration->lang, registration->password};
    char *text = NULL;
    size_t size = 0;
    FILE *row = open_memstream(&text, &size);

    CHECK(row);
    fputs("id,name,gender,lang,password\n", row);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        csv_write_field(row, values[i], i == 0);
    }
    fclose(row);
    FILE *in = fmemopen(text, size, "r");
    CHECK(in);
    struct person_import import = {
        .store = context->store, .in = in, .now_ms = context->now_ms, .is_only_new = true};
    enum status status = person_import(&import, outcome, report);
    fclose(in);
    sodium_memzero(text, size);
    free(text);
    return status;
}

static enum status outcome_read(const struct person_outcome *outcome, struct report *report)
{
    if (outcome->added == 1) {
        return S_OK;
    }
    report_clear(report);
    if (outcome->refusals.reason[REFUSAL_EXISTS].count) {
        return report_set(report, S_EXISTS, "Somebody has this id already.");
    }
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        if (outcome->refusals.reason[i].count) {
            return report_set(report, S_INVALID, "%s: %s", outcome->refusals.reason[i].examples[0].text,
                              refusal_advice((enum refusal)i));
        }
    }
    return report_set(report, S_INTERNAL, "The registration could not be stored.");
}

enum status account_register(const struct account_context *context,
                             const struct account_registration *registration, unsigned *wait_s_out,
                             struct report *report)
{
    struct person_outcome outcome;

    *wait_s_out = throttle_try(context->throttle, context->address, context->address, context->monotonic_ms);
    if (*wait_s_out > 0) {
        return report_set(report, S_BUSY, "Too many tries: wait a little.");
    }
    if (!code_is_right(registration)) {
        return report_set(report, S_DENIED, "This code does not open a registration here.");
    }
    throttle_forgive(context->throttle, context->address, context->address);
    if (registration->password.size == 0) {
        return report_set(report, S_INVALID, "Choose a password.");
    }
    person_outcome_init(&outcome);
    enum status status = person_import_one(context, registration, &outcome, report);
    if (status == S_OK || status == S_PARTIAL) {
        status = outcome_read(&outcome, report);
    }
    person_outcome_release(&outcome);
    return status;
}

/* --- changing
 * --------------------------------------------------------------------------------------------------- */

struct change {
    const struct signin *signin;
    struct bytes text;
};

static enum status password_run(struct db *db, void *arg)
{
    const struct change *change = arg;
    enum status status = person_set_password(db, change->signin->person, change->text);

    return status == S_OK ? signin_row_delete_of(db, change->signin->person, &change->signin->token) : status;
}

enum status account_change_password(const struct account_context *context, const struct signin *signin,
                                    struct bytes old, struct bytes password, unsigned *wait_s_out)
{
    struct password_task task = {.password = password};
    char hash[PASSWORD_HASH_SIZE];

    *wait_s_out = 0;
    if (password.size < PASSWORD_MIN || password.size > PASSWORD_MAX) {
        return S_INVALID;
    }
    *wait_s_out =
        throttle_try(context->throttle, bytes_text(signin->id), context->address, context->monotonic_ms);
    if (*wait_s_out > 0) {
        return S_BUSY;
    }
    if (person_look_up(context->store, bytes_text(signin->id), hash) == 0 || !password_verify(old, hash)) {
        return S_DENIED;
    }
    throttle_forgive(context->throttle, bytes_text(signin->id), context->address);
    if (!password_hash_all(&task, 1)) {
        return S_NO_MEMORY;
    }
    struct change change = {signin, bytes_text(task.hash)};
    return store_write_wait(context->store, password_run, &change);
}

static enum status lang_run(struct db *db, void *arg)
{
    const struct change *change = arg;
    return person_set_lang(db, change->signin->person, change->text);
}

enum status account_set_lang(const struct account_context *context, const struct signin *signin,
                             struct bytes lang)
{
    struct change change = {signin, lang};

    if (lang.size > 0 && lang_check_said(lang) != S_OK) {
        return S_INVALID;
    }
    return store_write_wait(context->store, lang_run, &change);
}
