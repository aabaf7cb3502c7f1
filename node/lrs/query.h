/* query.h: statements on their way out: one by its id, or those that filters let through, a page at a time.
 */
#ifndef QANAT_NODE_LRS_QUERY_H
#define QANAT_NODE_LRS_QUERY_H

#include "node/lrs/client.h"
#include "node/lrs/multipart.h"
#include "node/lrs/render.h"
#include "node/store/people/posting.h"

enum {
    QUERY_PAGE_MAX = 500,             /* statements in one answer */
    QUERY_BODY_MAX = 8 * 1024 * 1024, /* an answer that has grown to this goes on behind `more` */
    QUERY_MS_MAX = 1000,              /* so does a search that takes this long */
};

struct query {
    struct render render;
    const struct lrs_client *client;
    bool is_single, is_voided; /* statementId, voidedStatementId */
    uint8_t id[LRS_UUID_SIZE];
    uint64_t terms[POSTING_TERMS_MAX]; /* index.h; the first leads */
    size_t term_count;
    int64_t above, below; /* record ids: since, until and the place in a page */
    size_t limit;         /* 0: as many as may be */
    bool is_ascending, has_attachments;
};

struct query_result {
    struct buffer body; /* JSON, or multipart when `boundary` is not "" */
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    int64_t last_ms; /* newest stored time among the statements; 0: there are none */
    size_t count;
    int64_t
        next; /* where the next page begins (query.below, or .above when ascending); 0: this is the last */
};

/* Everything that was ever stored, and `client` may see: launched content sees what its own learner did, and
 * pages of that are searched by it. */
void query_init(struct query *query, const struct lrs *lrs, const struct lrs_client *client);

/* Adds a term; 0 is none. Add the rarest first. */
void query_filter(struct query *query, uint64_t term);

/* Since (exclusive) and until (inclusive), in milliseconds. */
void query_since(struct query *query, int64_t ms);
void query_until(struct query *query, int64_t ms);

/* Fills `result`, whose body is the caller's to release. For a page the body is everything but the end: the
 * caller appends query_end(). S_NOT_FOUND for a single statement; errors of the store. */
enum status query_run(const struct query *query, struct db *db, struct query_result *result);

/* Ends a page with its `more` (an IRL, or ""), and wraps it with the attachments when they were asked for. */
enum status query_end(const struct query *query, struct db *db, const char *more,
                      struct query_result *result);

#endif
