/* errand.h: connections made for one purpose and then let go: telling a node where it stands now. Loop thread only.
 *
 * The smaller side dials, and a node that was moved by the authority (`promote`) still dials where it stood before, perhaps in
 * vain. So the node that it was put below calls it, where an address is known, until it was in step once since; from then on
 * it dials by itself. And a node that has another one above it than before keeps the old connection until that one was in step
 * once more (or cannot be reached), so that the news goes that way too. And a hub whose database was put back may be none any
 * more, and nobody calls it: those below it with whom it was in step before it was started, and who do not call by themselves, it calls. */
#ifndef QANAT_NODE_LINK_ERRAND_H
#define QANAT_NODE_LINK_ERRAND_H

#include "node/link/link.h"
#include "node/link/members.h"

enum {
    ERRANDS_MAX = 16,           /* at a time */
    ERRAND_FAILURES_MAX = 2,    /* attempts that failed before the next node has its turn */
    ERRAND_REST_MS = 30 * 1000, /* when everybody had a turn */
    ERRAND_RESTS_SELDOM = 32,  /* who was lost sight of has a turn after each so many at least */
};

/* What the link does for errands. */
struct errand_host {
    bool (*dial)(void *ctx, const struct id *node);   /* begins to dial; false when that cannot be */
    void (*retire)(void *ctx, const struct id *node); /* ends this node's own dial, if there is one */
    void (*look)(void *ctx, const struct id *node, struct link_peer *out);
    void *ctx;
};

struct errands;

/* Never NULL. The host and what it points to outlive it. */
struct errands *errands_new(struct store *store, const struct members *members, const struct id *self, const struct errand_host *host);
void errands_free(struct errands *errands);

/* This node's dial to `node` ends when that was in step once more, or is out of reach. */
void errands_part(struct errands *errands, const struct id *node);

/* The roster changed: everybody has a turn again, now. */
void errands_wake(struct errands *errands);

/* About once a second. */
void errands_tick(struct errands *errands, uint64_t now_ms);

/* Somebody who is to be called, and with whom this node was in step before: it may be the former hub, which tells all others, or know the next one. Whoever
 * works for a short time only waits for it. False: there is nobody. */
bool errands_due(const struct errands *errands, struct id *node_out);

size_t errands_count(const struct errands *errands);

#endif
