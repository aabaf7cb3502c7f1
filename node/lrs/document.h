/* document.h: state, activity profiles and agent profiles: xAPI 1.0.3 part 3
 * sections 2.2, 2.3, 2.6, 2.7, 3.1; IEEE 9274.1.1 sections 4.1.4, 4.1.6.
 *
 * Preconditions are those of RFC 9110. Without any, a PUT does not overwrite: with 2.0 no document,
 * with 1.0.3 no profile (state may be overwritten: in 1.0.3 only who writes profiles must send them, and
 * published content does not). */
#ifndef QANAT_NODE_LRS_DOCUMENT_H
#define QANAT_NODE_LRS_DOCUMENT_H

#include "node/lrs/client.h"
#include "node/store/people/xapi_document.h"

enum {
    DOCUMENT_BODY_MAX = 4 * 1024 * 1024,
    DOCUMENT_SESSION_BODY_MAX = 1024 * 1024, /* of a document that launched content writes */
    DOCUMENT_SESSION_COUNT_MAX = 64,         /* of one context, written by launched content */
    DOCUMENT_NAME_MAX = 1024,
};

struct document_request {
    enum lrs_version version;
    const struct lrs_client *client; /* NULL: the node itself */
    struct xapi_document_key key;
    const char *if_match, *if_none_match; /* headers, or NULL */
    bool is_merge;                        /* POST */
    struct bytes media_type, body;
    int64_t now_ms;
};

/* Inside a job, with a report: S_STALE the precondition failed (412), S_EXISTS a PUT without one (409),
 * S_INVALID no merge is possible (400), S_DENIED not for this session (403), S_TOO_LARGE (413). */
enum status document_put(const struct lrs *lrs, struct db *db, const struct document_request *request,
                         struct report *report);
enum status document_delete(const struct lrs *lrs, struct db *db, const struct document_request *request,
                            struct report *report);

/* Deletes all state of a context. */
enum status document_delete_all(const struct lrs *lrs, struct db *db, const struct document_request *request,
                                struct report *report);

/* S_DENIED when the session of `client` may not read (or write) documents of this key. */
enum status document_allow(const struct lrs *lrs, const struct lrs_client *client,
                           const struct xapi_document_key *key, bool is_write, struct report *report);

/* Names of documents as a JSON array, appended. */
void document_names(struct db *db, const struct xapi_document_key *key, int64_t since_ms, struct buffer *out);

/* Writes without looking at what was there. */
enum status document_store(struct db *db, const struct xapi_document_key *key, struct bytes media_type,
                           struct bytes body, int64_t now_ms);

/* The identifier of a person's account here, as index_identifier() writes it. */
void document_account(const struct lrs *lrs, struct bytes person, struct buffer *out);

#endif
