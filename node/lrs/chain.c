#include "node/lrs/chain.h"

#include <string.h>

#include "node/lrs/index.h"
#include "node/lrs/rule.h"
#include "node/store/people/posting.h"
#include "node/store/people/record.h"
#include "replication/base/check.h"

enum status chain_link(const struct lrs *lrs, struct db *db, const uint8_t target[LRS_UUID_SIZE], int64_t id,
                       struct buffer *entries)
{
    enum status status = S_OK;
    struct buffer body, terms;
    struct record record;
    struct tree *statement;
    struct arena arena;
    uint8_t next[LRS_UUID_SIZE];
    bool is_voiding;

    buffer_init(&body);
    buffer_init(&terms);
    arena_init(&arena, CHAIN_MEMORY_MAX);
    memcpy(next, target, sizeof next);
    for (int length = 0; length < CHAIN_LENGTH_MAX && status == S_OK; length++) {
        arena_clear(&arena);
        buffer_clear(&terms);
        if (!record_find(db, next, &body, &record) || record.id == id ||
            tree_parse(record.body, &arena, &statement, NULL) != S_OK) {
            break;
        }
        index_collect(lrs, statement, &terms);
        if (entries) {
            posting_entry(entries, id, record.id, buffer_bytes(&terms));
        } else {
            status = posting_drop(db, id, record.id, buffer_bytes(&terms));
        }
        if (!index_target(statement, next, &is_voiding)) {
            break;
        }
    }
    arena_release(&arena);
    buffer_release(&terms);
    buffer_release(&body);
    return status == S_OK ? db_status(db) : status;
}

struct referrers {
    int64_t ids[CHAIN_REFERRERS_MAX];
    size_t count;
};

static bool is_known(const struct referrers *referrers, int64_t id)
{
    for (size_t i = 0; i < referrers->count; i++) {
        if (referrers->ids[i] == id) {
            return true;
        }
    }
    return false;
}

static void referrers_add(struct db *db, const uint8_t uuid[LRS_UUID_SIZE], struct referrers *referrers)
{
    enum { PAGE = 64 };
    struct record_reference found[PAGE];
    int64_t after = INT64_MIN;

    for (size_t got = PAGE; got == PAGE;) {
        got = record_references(db, uuid, after, PAGE, found);
        for (size_t i = 0; i < got && referrers->count < CHAIN_REFERRERS_MAX; i++) {
            if (!is_known(referrers, found[i].id)) {
                referrers->ids[referrers->count++] = found[i].id;
            }
        }
        if (got > 0) {
            after = found[got - 1].id;
        }
        if (referrers->count == CHAIN_REFERRERS_MAX) {
            return;
        }
    }
}

enum status chain_referrers(const struct lrs *lrs, struct db *db, const uint8_t uuid[LRS_UUID_SIZE],
                            struct buffer *entries)
{
    struct referrers referrers;
    enum status status = S_OK;
    struct record record;
    struct buffer body;

    referrers.count = 0;
    referrers_add(db, uuid, &referrers);
    if (referrers.count == 0) {
        return db_status(db);
    }
    buffer_init(&body);
    for (size_t i = 0; i < referrers.count && status == S_OK; i++) {
        status = chain_link(lrs, db, uuid, referrers.ids[i], entries);
        if (status == S_OK && record_get(db, referrers.ids[i], &body, &record)) {
            referrers_add(db, record.uuid, &referrers);
        }
    }
    buffer_release(&body);
    return status == S_OK ? db_status(db) : status;
}

bool chain_has_referrers(struct db *db, const uint8_t uuid[LRS_UUID_SIZE])
{
    struct record_reference found;

    return record_references(db, uuid, INT64_MIN, 1, &found) > 0;
}

bool chain_is_voided(struct db *db, const uint8_t uuid[LRS_UUID_SIZE])
{
    enum { PAGE = 64 };
    struct record_reference found[PAGE];
    int64_t after = INT64_MIN;

    for (size_t got = PAGE; got == PAGE;) {
        got = record_references(db, uuid, after, PAGE, found);
        for (size_t i = 0; i < got; i++) {
            if (found[i].is_voiding) {
                return true;
            }
        }
        after = got ? found[got - 1].id : after;
    }
    return false;
}

enum status chain_void(struct db *db, const uint8_t target[LRS_UUID_SIZE])
{
    uint8_t other[LRS_UUID_SIZE];
    struct record record;
    struct buffer body;
    struct tree *statement;
    struct arena arena;
    bool is_voiding = false;
    enum status status = S_OK;

    buffer_init(&body);
    arena_init(&arena, CHAIN_MEMORY_MAX);
    if (record_find(db, target, &body, &record) &&
        tree_parse(record.body, &arena, &statement, NULL) == S_OK &&
        !(index_target(statement, other, &is_voiding) && is_voiding)) {
        status = record_void(db, record.id);
    }
    arena_release(&arena);
    buffer_release(&body);
    return status == S_OK ? db_status(db) : status;
}
