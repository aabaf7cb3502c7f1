/* Taking a person out of the store. */
#include <string.h>

#include "node/lrs/chain.h"
#include "node/lrs/document.h"
#include "node/lrs/index.h"
#include "node/store/people/posting.h"
#include "node/store/people/record.h"

enum { PAGE = 256, ERASE_MEMORY_MAX = 64 * 1024 * 1024 };

struct erasing {
    const struct lrs *lrs;
    struct db *db;
    uint64_t term; /* of the person's account, in any role */
    struct arena arena;
    struct buffer body, terms;
    int64_t count;
};

static bool has_own_term(const struct erasing *erasing)
{
    uint64_t term;

    for (size_t at = 0; at < erasing->terms.size; at += sizeof term) {
        memcpy(&term, erasing->terms.data + at, sizeof term);
        if (term == erasing->term) {
            return true;
        }
    }
    return false;
}

static enum status links_drop(struct erasing *erasing, const struct record *record,
                              const struct tree *statement)
{
    enum status status = chain_referrers(erasing->lrs, erasing->db, record->uuid, NULL);
    uint8_t target[LRS_UUID_SIZE];
    bool is_voiding;

    if (status == S_OK && index_target(statement, target, &is_voiding)) {
        status = chain_link(erasing->lrs, erasing->db, target, record->id, NULL);
        status = status == S_OK ? record_reference_drop(erasing->db, target, record->id) : status;
    }
    return status == S_OK ? posting_drop(erasing->db, record->id, 0, buffer_bytes(&erasing->terms)) : status;
}

/* Deletes a statement, unless it only leads to one that names the person. */
static enum status record_erase(struct erasing *erasing, int64_t id)
{
    struct record record;
    struct tree *statement;

    arena_clear(&erasing->arena);
    buffer_clear(&erasing->terms);
    if (!record_get(erasing->db, id, &erasing->body, &record) ||
        tree_parse(record.body, &erasing->arena, &statement, NULL) != S_OK) {
        return db_status(erasing->db);
    }
    index_collect(erasing->lrs, statement, &erasing->terms);
    if (!has_own_term(erasing)) {
        return S_OK;
    }
    enum status status = links_drop(erasing, &record, statement);
    status = status == S_OK ? record_delete(erasing->db, id) : status;
    erasing->count += status == S_OK;
    return status;
}

/* The next ids found by the term, above `after`. */
static size_t page_read(struct erasing *erasing, int64_t after, int64_t ids[PAGE])
{
    struct posting_search search = {
        .above = after, .below = INT64_MAX, .is_ascending = true, .term_count = 1, .terms = {erasing->term}};
    struct posting_cursor cursor;
    size_t count = 0;

    posting_open(&cursor, erasing->db, &search);
    while (count < PAGE && posting_next(&cursor, &ids[count])) {
        count += count == 0 || ids[count] != ids[count - 1];
    }
    posting_close(&cursor);
    return count;
}

static enum status records_erase(struct erasing *erasing)
{
    enum status status = S_OK;
    int64_t ids[PAGE + 1], after = INT64_MIN;
    size_t count;

    while (status == S_OK && (count = page_read(erasing, after, ids)) > 0) {
        for (size_t i = 0; i < count && status == S_OK; i++) {
            status = record_erase(erasing, ids[i]);
        }
        after = ids[count - 1];
    }
    return status == S_OK ? db_status(erasing->db) : status;
}

enum status lrs_person_erase(const struct lrs *lrs, struct db *db, struct bytes person, int64_t *count_out)
{
    struct erasing erasing = {.lrs = lrs, .db = db};
    struct buffer account;

    buffer_init(&account);
    document_account(lrs, person, &account);
    arena_init(&erasing.arena, ERASE_MEMORY_MAX);
    erasing.term = index_term(lrs, INDEX_RELATED_AGENT, buffer_bytes(&account));
    enum status status = records_erase(&erasing);
    status = status == S_OK ? xapi_document_delete_agent(db, buffer_bytes(&account)) : status;
    status =
        status == S_OK ? record_names_drop(db, index_term(lrs, INDEX_NAME, buffer_bytes(&account))) : status;
    status = status == S_OK ? xapi_session_delete_person(db, person) : status;
    *count_out = erasing.count;
    arena_release(&erasing.arena);
    buffer_release(&erasing.body);
    buffer_release(&erasing.terms);
    buffer_release(&account);
    return status == S_OK ? db_status(db) : status;
}
