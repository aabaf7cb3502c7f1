/* resolve.h: the addresses behind the name in tcp://HOST:PORT, so that each of them is tried.
 *
 * A name may have addresses of both families, of which only some are listened on or can be reached; the
 * ZeroMQ library takes the first and says nothing when there is none. So names are looked up here, beside the
 * loop, and an attempt goes to one address. */
#ifndef QANAT_NODE_LINK_RESOLVE_H
#define QANAT_NODE_LINK_RESOLVE_H

#include <stdbool.h>
#include <uv.h>

#include "replication/base/status.h"
#include "replication/trust/roster.h"

enum { RESOLVE_MAX = 8 };

struct resolved {
    char address[RESOLVE_MAX][ENDPOINT_MAX]; /* tcp://ADDRESS:PORT, the likeliest first */
    size_t count;                            /* 1 or more after S_OK */
};

/* False for an endpoint that names its address (or nothing that could be looked up): it is used as it is. */
bool resolve_is_name(const char *endpoint);

/* Looks up and waits; a name's or, unchanged, any other endpoint's. S_UNREACHABLE with a report. */
enum status resolve_now(const char *endpoint, struct resolved *out, struct report *report);

/* `error` is NULL, or says why nothing was found. */
typedef void resolve_done(void *ctx, const struct resolved *found, const char *error);

/* Looks up beside the loop; `done` is called once, later, unless it is cancelled. NULL when it cannot begin.
 */
struct resolve *resolve_start(uv_loop_t *loop, const char *endpoint, resolve_done *done, void *ctx);

/* `done` will not be called any more. NULL is nothing. */
void resolve_cancel(struct resolve *resolve);

#endif
