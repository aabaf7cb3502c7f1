#include "node/lrs/query.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#include "node/lrs/index.h"
#include "node/store/people/record.h"
#include "replication/base/check.h"

enum { CANDIDATES_PER_LOOK = 256 };

static void text_append(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

/* The term under which what a session's learner did is found. */
static uint64_t learner_term(const struct lrs *lrs, const struct lrs_session *session)
{
    struct buffer account;

    buffer_init(&account);
    text_append(&account, "account ");
    text_append(&account, lrs->home);
    text_append(&account, " ");
    buffer_append(&account, session->person.data, session->person.size);
    uint64_t term = index_term(lrs, INDEX_AGENT, buffer_bytes(&account));
    buffer_release(&account);
    return term;
}

void query_init(struct query *query, const struct lrs *lrs, const struct lrs_client *client)
{
    memset(query, 0, sizeof *query);
    query->render.lrs = lrs;
    query->client = client;
    query->above = INT64_MIN;
    query->below = INT64_MAX;
    if (client->is_session) {
        query_filter(query, learner_term(lrs, &client->session));
    }
}

void query_filter(struct query *query, uint64_t term)
{
    if (term) {
        CHECK(query->term_count < POSTING_TERMS_MAX);
        query->terms[query->term_count++] = term;
    }
}

void query_since(struct query *query, int64_t ms)
{
    int64_t last = ms >= INT64_MAX >> (RECORD_TIME_SHIFT + 1) ? INT64_MAX
                   : ms < 0                                   ? -1
                                                              : ((ms + 1) << RECORD_TIME_SHIFT) - 1;

    query->above = last > query->above ? last : query->above;
}

void query_until(struct query *query, int64_t ms)
{
    int64_t behind = ms >= INT64_MAX >> (RECORD_TIME_SHIFT + 1) ? INT64_MAX
                     : ms < 0                                   ? 0
                                                                : (ms + 1) << RECORD_TIME_SHIFT;

    query->below = behind < query->below ? behind : query->below;
}

static int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void result_note(struct query_result *result, int64_t id)
{
    int64_t ms = id >> RECORD_TIME_SHIFT;

    result->last_ms = ms > result->last_ms ? ms : result->last_ms;
    result->count++;
}

static enum status single_run(const struct query *query, struct db *db, struct query_result *result)
{
    struct render render = query->render;
    struct record record;
    struct buffer body;

    render.db = db;
    buffer_init(&body);
    bool is_there = record_find(db, query->id, &body, &record) && record.is_voided == query->is_voided &&
                    (query->term_count == 0 || posting_has(db, query->terms[0], record.id));
    enum status status = is_there ? render_statement(&render, record.body, &result->body) : S_NOT_FOUND;
    if (status == S_OK) {
        result_note(result, record.id);
    }
    buffer_release(&body);
    return db_status(db) != S_OK ? db_status(db) : status;
}

/* One more statement for the page, unless it is voided. */
static enum status page_add(const struct query *query, struct db *db, int64_t id, struct buffer *body,
                            struct query_result *result)
{
    struct render render = query->render;
    struct record record;

    render.db = db;
    if (!record_get(db, id, body, &record) || record.is_voided) {
        return db_status(db);
    }
    if (result->count > 0) {
        text_append(&result->body, ",");
    }
    result_note(result, id);
    return render_statement(&render, record.body, &result->body);
}

/* Where the ids of a page come from: everything, or what has the terms. */
struct ids {
    bool has_terms;
    struct posting_cursor cursor;
    struct statement *statement;
};

static void ids_begin(struct ids *ids, const struct query *query, struct db *db)
{
    struct posting_search search = {.above = query->above,
                                    .below = query->below,
                                    .is_ascending = query->is_ascending,
                                    .term_count = query->term_count};

    ids->has_terms = query->term_count > 0;
    if (ids->has_terms) {
        memcpy(search.terms, query->terms, sizeof search.terms);
        posting_open(&ids->cursor, db, &search);
    } else {
        ids->statement = record_page_begin(db, query->above, query->below, query->is_ascending);
    }
}

static bool ids_next(struct ids *ids, int64_t *id_out)
{
    return ids->has_terms ? posting_next(&ids->cursor, id_out) : record_page_next(ids->statement, id_out);
}

static void ids_end(struct ids *ids)
{
    if (ids->has_terms) {
        posting_close(&ids->cursor);
    } else {
        statement_reset(ids->statement);
    }
}

static enum status page_run(const struct query *query, struct db *db, struct query_result *result)
{
    size_t limit = query->limit && query->limit < QUERY_PAGE_MAX ? query->limit : QUERY_PAGE_MAX,
           candidates = 0;
    int64_t id, last = 0, start = clock_ms();
    enum status status = S_OK;
    struct buffer body;
    struct ids ids;

    buffer_init(&body);
    text_append(&result->body, "{\"statements\":[");
    ids_begin(&ids, query, db);
    while (status == S_OK && ids_next(&ids, &id)) {
        if (candidates++ > 0 && id == last) {
            continue;
        }
        bool is_slow = candidates % CANDIDATES_PER_LOOK == 0 && clock_ms() - start > QUERY_MS_MAX;
        if (result->count >= limit || result->body.size >= QUERY_BODY_MAX || is_slow) {
            result->next = last;
            break;
        }
        last = id;
        status = page_add(query, db, id, &body, result);
    }
    ids_end(&ids);
    buffer_release(&body);
    return db_status(db) != S_OK ? db_status(db) : status;
}

enum status query_run(const struct query *query, struct db *db, struct query_result *result)
{
    memset(result, 0, sizeof *result);
    return query->is_single ? single_run(query, db, result) : page_run(query, db, result);
}

/* --- attachments --- */

static void boundary_make(char out[MULTIPART_BOUNDARY_MAX + 1])
{
    uint8_t raw[16];

    randombytes_buf(raw, sizeof raw);
    memcpy(out, "qanat-", 6);
    sodium_bin2hex(out + 6, MULTIPART_BOUNDARY_MAX + 1 - 6, raw, sizeof raw);
}

struct wrapping {
    struct query_result *result;
    struct buffer out;
    const char *sha2;
};

static void attachment_add(void *ctx, struct bytes media_type, struct bytes body)
{
    struct wrapping *wrapping = ctx;

    multipart_add(&wrapping->out, wrapping->result->boundary, media_type, wrapping->sha2, body);
}

/* Each attachment of the statements once. */
static enum status attachments_wrap(struct db *db, const struct tree *list, struct buffer *seen,
                                    struct wrapping *wrapping)
{
    char sha2[129];

    for (const struct tree *one = list ? list->first : NULL; one; one = one->next) {
        struct bytes hash = tree_text(one, "sha2");
        if (hash.size >= sizeof sha2 ||
            (seen->size && memmem(seen->data, seen->size, hash.data, hash.size))) {
            continue;
        }
        buffer_append(seen, hash.data, hash.size);
        buffer_append_u8(seen, ' ');
        memcpy(sha2, hash.data, hash.size);
        sha2[hash.size] = '\0';
        wrapping->sha2 = sha2;
        record_attachment_find(db, hash, attachment_add, wrapping);
    }
    return db_status(db);
}

static enum status statements_wrap(struct db *db, const struct tree *first, struct wrapping *wrapping)
{
    enum status status = S_OK;
    struct buffer seen;

    buffer_init(&seen);
    for (const struct tree *statement = first; statement && status == S_OK; statement = statement->next) {
        status = attachments_wrap(db, tree_find(statement, "attachments"), &seen, wrapping);
        status = status == S_OK
                     ? attachments_wrap(db, tree_find(tree_find(statement, "object"), "attachments"), &seen,
                                        wrapping)
                     : status;
    }
    buffer_release(&seen);
    return status;
}

enum status query_end(const struct query *query, struct db *db, const char *more, struct query_result *result)
{
    struct wrapping wrapping = {.result = result};
    struct arena arena;
    struct tree *root;

    if (!query->is_single) {
        text_append(&result->body, "],\"more\":");
        tree_print_text(bytes_text(more), &result->body);
        text_append(&result->body, "}");
    }
    if (!query->has_attachments) {
        return S_OK;
    }
    boundary_make(result->boundary);
    buffer_init(&wrapping.out);
    multipart_add(&wrapping.out, result->boundary, bytes_text("application/json"), NULL,
                  buffer_bytes(&result->body));
    arena_init(&arena, RENDER_MEMORY_MAX);
    enum status status = tree_parse(buffer_bytes(&result->body), &arena, &root, NULL);
    if (status == S_OK) {
        const struct tree *list = tree_find(root, "statements");
        status = statements_wrap(db, query->is_single ? root : list->first, &wrapping);
    }
    arena_release(&arena);
    multipart_end(&wrapping.out, result->boundary);
    buffer_release(&result->body);
    result->body = wrapping.out;
    return status;
}
