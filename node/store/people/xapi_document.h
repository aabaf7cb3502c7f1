/* xapi_document.h: state and profile documents of the learning record store in the database. Rows only. */
#ifndef QANAT_NODE_STORE_PEOPLE_XAPI_DOCUMENT_H
#define QANAT_NODE_STORE_PEOPLE_XAPI_DOCUMENT_H

#include "node/store/db.h"

enum { XAPI_ETAG_SIZE = 41 };

enum xapi_kind { XAPI_STATE, XAPI_ACTIVITY_PROFILE, XAPI_AGENT_PROFILE };

/* What names a document; what its kind does not have is empty. */
struct xapi_document_key {
    enum xapi_kind kind;
    struct bytes agent;        /* identifier as text */
    struct bytes activity;     /* IRI */
    struct bytes registration; /* 16 bytes or none */
    struct bytes name;
};

struct xapi_document {
    int64_t row;
    char etag[XAPI_ETAG_SIZE]; /* SHA-1 of the body */
    int64_t updated_ms;
    struct bytes media_type, body;
};

/* The texts go into `texts` (cleared first) and are borrowed from it. False when there is none. */
bool xapi_document_find(struct db *db, const struct xapi_document_key *key, struct buffer *texts,
                        struct xapi_document *document_out);

/* Names of the documents of a context that were changed after `since_ms`, of all registrations where the key
 * has none; `row` for deleting them. */
typedef void xapi_document_visit(void *ctx, int64_t row, struct bytes name);
void xapi_document_list(struct db *db, const struct xapi_document_key *key, int64_t since_ms,
                        xapi_document_visit *visit, void *ctx);

/* --- writer thread only; what is overwritten or deleted is erased from the file --- */

enum status xapi_document_put(struct db *db, const struct xapi_document_key *key,
                              const struct xapi_document *document);
enum status xapi_document_delete(struct db *db, int64_t row);

/* Deletes all state and profiles of an agent. */
enum status xapi_document_delete_agent(struct db *db, struct bytes agent);

#endif
