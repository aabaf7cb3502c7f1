/* xapi.h: one xAPI request: its version, its client, its parameters, whichever syntax it came in. Shared by
 * the files of /xapi/. */
#ifndef QANAT_NODE_HTTP_XAPI_H
#define QANAT_NODE_HTTP_XAPI_H

#include "node/http/exchange.h"
#include "node/http/xapi_form.h"
#include "node/lrs/client.h"
#include "node/lrs/tree.h"

enum { XAPI_LOOP_BODY_MAX = 64 * 1024 }; /* larger bodies are read on a thread of the pool */

struct xapi;
typedef void xapi_then(struct xapi *xapi, enum status status);

struct xapi {
    struct exchange *exchange;
    const struct lrs *lrs;
    enum method method; /* the meant one, with the alternate syntax */
    enum lrs_version version;
    bool is_old; /* launched content that speaks Tin Can 0.9 or 0.95: what it says is put into the form of 1.0.3 (node/lrs/old.h) */
    bool is_alternate;
    struct lrs_client client;
    struct form_pair params[FORM_PAIRS_MAX];
    size_t param_count;
    struct bytes body;
    const char *media_type; /* of the body, or NULL */
    int64_t now_ms;
    struct report report;
    void *work; /* of the resource, until the answer; see xapi_write() */
    void (*work_free)(void *work);
    xapi_then *then;
};

/* Looks at version, syntax and client; NULL after a problem was answered. `methods` are those of the
 * resource. */
struct xapi *xapi_open(struct exchange *exchange, unsigned methods);
void xapi_close(struct xapi *xapi);

/* False after 400: a parameter that is not among `names` (ends with NULL), or an empty required one. */
bool xapi_params_check(struct xapi *xapi, const char *const *names);
const char *xapi_param(const struct xapi *xapi, const char *name);

/* Is it asked with the key of a client, or the authorization of a session? Nothing but headers is looked at. */
bool xapi_is_of_client(struct exchange *exchange);

/* A header, or the form parameter that stands for it. */
const char *xapi_header(const struct xapi *xapi, const char *name);

/* Parameters of a kind. Each false after 400; absent ones are left as they are, unless `is_required`. */
bool xapi_param_iri(struct xapi *xapi, const char *name, bool is_required, struct bytes *out);
bool xapi_param_uuid(struct xapi *xapi, const char *name, uint8_t out[LRS_UUID_SIZE], bool *is_there_out);
bool xapi_param_time(struct xapi *xapi, const char *name, int64_t *ms_out, bool *is_there_out);
bool xapi_param_boolean(struct xapi *xapi, const char *name, bool *out);
bool xapi_param_agent(struct xapi *xapi, const char *name, bool is_required, struct tree **out);

/* False after 403. */
bool xapi_may(struct xapi *xapi, enum lrs_right right);

/* Answers a status and the report: 412 for S_STALE, else as exchange_fail(). */
void xapi_fail(struct xapi *xapi, enum status status);
void xapi_problem(struct xapi *xapi, unsigned code, const char *text);
void xapi_answer_buffer(struct xapi *xapi, const char *media_type,
                        struct buffer *body);         /* the buffer's memory passes over */
void xapi_answer_time(struct xapi *xapi, int64_t ms); /* Last-Modified */

/* Runs `job` with the xapi as its argument and then `then`, which answers; frees the work, and closes. The
 * last act of a handler. */
void xapi_write(struct xapi *xapi, store_job *job, xapi_then *then);

/* The resources: they close the xapi. */
void xapi_statements_handle(struct xapi *xapi);
void xapi_documents_handle(struct xapi *xapi, int kind); /* enum xapi_kind */
void xapi_agents_handle(struct xapi *xapi);
void xapi_activities_handle(struct xapi *xapi);

#endif
