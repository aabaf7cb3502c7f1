#include "node/lrs/session.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "node/lrs/client.h"
#include "node/lrs/cmi5.h"
#include "node/lrs/index.h"
#include "node/store/people/posting.h"
#include "replication/base/check.h"

enum { TOKEN_BYTES = 24, SECRET_BYTES = 32, HOUR_MS = 3600 * 1000, TEXT_COUNT = 10 };

/* --- details: what is kept but never looked for, each text behind its size --- */

static void texts_of(struct lrs_session *session, struct bytes *texts[TEXT_COUNT])
{
    struct bytes *all[TEXT_COUNT] = {&session->name,
                                     &session->publisher,
                                     &session->course,
                                     &session->move_on,
                                     &session->launch_method,
                                     &session->launch_url,
                                     &session->launch_parameters,
                                     &session->entitlement_key,
                                     &session->return_url,
                                     &session->lang};

    memcpy(texts, all, sizeof all);
}

static void details_write(const struct lrs_session *session, struct buffer *out)
{
    struct lrs_session copy = *session;
    struct bytes *texts[TEXT_COUNT];
    int64_t mastery = session->mastery < 0 ? -1 : (int64_t)(session->mastery * 1e9 + 0.5);

    buffer_append_u8(out, session->is_cmi5);
    buffer_append_u8(out, (uint8_t)session->mode);
    buffer_append_varint(out, zigzag_encode(mastery));
    texts_of(&copy, texts);
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        buffer_append_varint(out, texts[i]->size);
        buffer_append(out, texts[i]->data, texts[i]->size);
    }
}

static bool details_read(struct bytes details, struct lrs_session *session)
{
    struct bytes *texts[TEXT_COUNT], head;
    uint64_t number;

    if (!bytes_take(&details, 2, &head) || !bytes_take_varint(&details, &number)) {
        return false;
    }
    session->is_cmi5 = head.data[0] != 0;
    session->mode = (enum lrs_launch_mode)head.data[1];
    session->mastery = zigzag_decode(number) < 0 ? -1 : (double)zigzag_decode(number) / 1e9;
    texts_of(session, texts);
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (!bytes_take_varint(&details, &number) || !bytes_take(&details, number, texts[i])) {
            return false;
        }
    }
    return true;
}

/* --- rows --- */

bool lrs_session_find(struct db *db, int64_t row, struct buffer *texts, struct lrs_session *session_out)
{
    struct xapi_session stored;

    memset(session_out, 0, sizeof *session_out);
    if (!xapi_session_get(db, row, texts, &stored) || !details_read(stored.details, session_out)) {
        return false;
    }
    session_out->row = stored.row;
    session_out->launch = stored.launch;
    session_out->person = stored.person;
    session_out->activity = stored.activity;
    memcpy(session_out->registration, stored.registration, sizeof session_out->registration);
    memcpy(session_out->session, stored.uuid, sizeof session_out->session);
    session_out->said = stored.said;
    session_out->said_before = xapi_session_said(db, &stored);
    session_out->initialized_ms = stored.initialized_ms;
    session_out->last_ms = stored.last_ms;
    session_out->was_fetched = stored.was_fetched;
    session_out->expires_ms = stored.expires_ms;
    session_out->volume = stored.volume;
    return true;
}

bool lrs_session_find_newest(struct db *db, struct bytes activity, const uint8_t registration[LRS_UUID_SIZE],
                             struct buffer *texts, struct lrs_session *session_out)
{
    int64_t row = xapi_session_newest(db, registration, activity);

    return row && lrs_session_find(db, row, texts, session_out);
}

/* Changes the stored row: what a session said and when it ends; a secret where it is not NULL. */
static enum status session_update(struct db *db, const struct lrs_session *session, const uint8_t *secret)
{
    struct xapi_session stored;
    struct buffer texts;

    buffer_init(&texts);
    bool is_there = xapi_session_get(db, session->row, &texts, &stored);
    buffer_release(&texts);
    if (!is_there) {
        return db_status(db) != S_OK ? db_status(db) : S_NOT_FOUND;
    }
    stored.said = session->said;
    stored.was_fetched = session->was_fetched;
    stored.initialized_ms = session->initialized_ms;
    stored.last_ms = session->last_ms;
    stored.expires_ms = session->expires_ms;
    stored.volume = session->volume;
    if (secret) {
        memcpy(stored.secret, secret, sizeof stored.secret);
    }
    return xapi_session_update(db, &stored);
}

enum status lrs_session_keep(struct db *db, const struct lrs_session *session)
{
    return session_update(db, session, NULL);
}

static enum status session_insert(struct db *db, struct lrs_session *session, const char *token)
{
    struct xapi_session stored = {.launch = session->launch,
                                  .person = session->person,
                                  .activity = session->activity,
                                  .expires_ms = session->expires_ms};
    struct buffer details;

    lrs_uuid_make(session->session);
    memcpy(stored.uuid, session->session, sizeof stored.uuid);
    memcpy(stored.registration, session->registration, sizeof stored.registration);
    client_secret_hash(token, stored.token);
    buffer_init(&details);
    details_write(session, &details);
    stored.details = buffer_bytes(&details);
    enum status status = xapi_session_insert(db, &stored, &session->row);
    buffer_release(&details);
    stored.row = session->row;
    session->said = session->said_before = 0;
    if (status == S_OK) {
        session->said_before = xapi_session_said(db, &stored);
    }
    return status == S_OK ? db_status(db) : status;
}

static void token_make(char out[LRS_TOKEN_SIZE])
{
    uint8_t raw[TOKEN_BYTES];

    randombytes_buf(raw, sizeof raw);
    sodium_bin2hex(out, LRS_TOKEN_SIZE, raw, sizeof raw);
}

/* --- what the launch does --- */

enum status lrs_session_end(const struct lrs *lrs, struct db *db, int64_t row, int64_t now_ms)
{
    struct lrs_session session;
    struct buffer texts;
    enum status status = S_OK;

    buffer_init(&texts);
    if (!lrs_session_find(db, row, &texts, &session)) {
        buffer_release(&texts);
        return db_status(db) != S_OK ? db_status(db) : S_NOT_FOUND;
    }
    unsigned ended = LRS_SAID_TERMINATED | LRS_SAID_ABANDONED;
    session.now_ms = now_ms;
    if (session.is_cmi5 && session.said & LRS_SAID_INITIALIZED && !(session.said & ended)) {
        struct cmi5_word word = {.verb = LRS_SAID_ABANDONED,
                                 .duration_ms = session.last_ms - session.initialized_ms};
        status = cmi5_say(lrs, db, &session, &word);
    }
    session.expires_ms = session.expires_ms > now_ms ? now_ms : session.expires_ms;
    status = status == S_OK ? lrs_session_keep(db, &session) : status;
    buffer_release(&texts);
    return status;
}

/* What else is open of the registration. */
static enum status others_end(const struct lrs *lrs, struct db *db, const struct lrs_session *session)
{
    int64_t row = session->row;
    enum status status = S_OK;

    while (status == S_OK && (row = xapi_session_living(db, session->registration, row, session->now_ms)) != 0) {
        status = lrs_session_end(lrs, db, row, session->now_ms);
    }
    return status == S_OK ? db_status(db) : status;
}

enum status lrs_session_open(const struct lrs *lrs, struct db *db, struct lrs_session *session,
                             char token_out[LRS_TOKEN_SIZE])
{
    CHECK(session->person.size && session->activity.size);
    token_make(token_out);
    session->expires_ms = session->now_ms + (int64_t)LRS_SESSION_HOURS * HOUR_MS;
    session->was_fetched = false;
    session->initialized_ms = session->last_ms = session->volume = 0;
    enum status status = session_insert(db, session, token_out);
    if (status == S_OK && session->is_cmi5) {
        status = others_end(lrs, db, session);
        status = status == S_OK ? cmi5_documents(lrs, db, session) : status;
        for (const struct lrs_satisfied *part = session->satisfied; part && status == S_OK; part = part->next) { /* nothing was said in it before */
            status = cmi5_say(lrs, db, session, &(struct cmi5_word){.verb = LRS_SAID_SATISFIED, .satisfied = part});
        }
        status = status == S_OK ? cmi5_say(lrs, db, session, &(struct cmi5_word){.verb = LRS_SAID_LAUNCHED})
                                : status;
        status = status == S_OK ? lrs_session_keep(db, session) : status;
    }
    return status;
}

enum status lrs_session_fetch(struct db *db, const char *token, int64_t now_ms,
                              char authorization_out[LRS_AUTHORIZATION_SIZE])
{
    uint8_t hash[XAPI_HASH_SIZE], raw[SECRET_BYTES];
    char secret[2 * SECRET_BYTES + 1], uuid[LRS_UUID_TEXT_SIZE], text[sizeof secret + sizeof uuid];
    struct lrs_session session;
    struct buffer texts;
    enum status status = S_NOT_FOUND;

    buffer_init(&texts);
    client_secret_hash(token, hash);
    int64_t row = xapi_session_by_token(db, hash);
    if (row && lrs_session_find(db, row, &texts, &session) && session.expires_ms > now_ms) {
        status = session.was_fetched ? S_EXISTS : S_OK;
    }
    if (status == S_OK) {
        randombytes_buf(raw, sizeof raw);
        sodium_bin2hex(secret, sizeof secret, raw, sizeof raw);
        client_secret_hash(secret, hash);
        lrs_uuid_text(session.session, uuid);
        snprintf(text, sizeof text, "%s:%s", uuid, secret);
        sodium_bin2base64(authorization_out, LRS_AUTHORIZATION_SIZE, (const uint8_t *)text, strlen(text),
                          sodium_base64_VARIANT_ORIGINAL);
        session.was_fetched = true;
        status = session_update(db, &session, hash);
    }
    buffer_release(&texts);
    return status;
}

enum status lrs_session_waive(const struct lrs *lrs, struct db *db, struct lrs_session *session,
                              const char *reason)
{
    char token[LRS_TOKEN_SIZE];

    token_make(token);
    session->expires_ms = session->now_ms;
    session->is_cmi5 = true;
    enum status status = session_insert(db, session, token);
    status = status == S_OK
                 ? cmi5_say(lrs, db, session, &(struct cmi5_word){.verb = LRS_SAID_WAIVED, .reason = reason})
                 : status;
    return status == S_OK ? lrs_session_keep(db, session) : status;
}

/* Was it said in this registration? By what statements are found by. */
static bool was_satisfied(const struct lrs *lrs, struct db *db, const struct lrs_session *session, struct bytes activity)
{
    struct posting_search search = {.below = INT64_MAX, .is_ascending = true, .term_count = 3};
    struct posting_cursor cursor;
    int64_t record;

    search.terms[0] = index_term(lrs, INDEX_REGISTRATION, bytes_of(session->registration, sizeof session->registration));
    search.terms[1] = index_term(lrs, INDEX_ACTIVITY, activity);
    search.terms[2] = index_term(lrs, INDEX_VERB, bytes_text(CMI5_VERB_SATISFIED));
    posting_open(&cursor, db, &search);
    bool was_said = posting_next(&cursor, &record);
    posting_close(&cursor);
    return was_said;
}

enum status lrs_session_satisfy(const struct lrs *lrs, struct db *db, struct lrs_session *session, const struct lrs_satisfied *part)
{
    struct cmi5_word word = {.verb = LRS_SAID_SATISFIED, .satisfied = part};

    return was_satisfied(lrs, db, session, part->activity) ? S_OK : cmi5_say(lrs, db, session, &word);
}

bool lrs_session_has_moved_on(const struct lrs_session *session)
{
    unsigned said = session->said | session->said_before;
    bool is_passed = said & LRS_SAID_PASSED, is_completed = said & LRS_SAID_COMPLETED;

    if (said & LRS_SAID_WAIVED) {
        return true;
    }
    if (bytes_equal(session->move_on, bytes_text("Passed"))) {
        return is_passed;
    }
    if (bytes_equal(session->move_on, bytes_text("Completed"))) {
        return is_completed;
    }
    if (bytes_equal(session->move_on, bytes_text("CompletedAndPassed"))) {
        return is_completed && is_passed;
    }
    if (bytes_equal(session->move_on, bytes_text("CompletedOrPassed"))) {
        return is_completed || is_passed;
    }
    return true; /* NotApplicable */
}
