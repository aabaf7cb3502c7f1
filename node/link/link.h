/* link.h: the node's link to its peers: listens, dials the node above, runs the sessions. Loop thread only.
 *
 * Everything of this room meets here: context, door, listener, dials, sessions, members. Other rooms see only
 * this header. */
#ifndef QANAT_NODE_LINK_LINK_H
#define QANAT_NODE_LINK_LINK_H

#include <uv.h>

#include "node/config.h"
#include "node/dir.h"
#include "node/link/content.h"
#include "node/store/operation/hours.h"
#include "node/store/store.h"
#include "replication/peer/peer.h"

enum { LINK_DIALS_MAX = 64, LINK_COALESCE_MS = 50, LINK_TICK_MS = 1000, LINK_REPORT_MS = 1000 };

struct link;

/* All borrowed for the life of the link. */
struct link_options {
    uv_loop_t *loop;
    struct store *store;
    const struct federation *federation;
    const struct identity *identity;
    const struct config *config;
    const struct link_content *content; /* NULL: none */
    bool is_listening;                  /* false: only dials (a one-shot sync) */
    void (*on_progress)(void *ctx);     /* a session moved, or an attempt to dial failed */
    void *ctx;
};

/* How one peer stands. */
struct link_peer {
    struct id node;
    bool is_connected;
    bool is_dialed;                /* by us; else it dialed in */
    bool is_deferred;              /* it asked us to come back later */
    struct peer_progress progress; /* zero when not connected */
    uint32_t failures;             /* attempts to dial that failed since the start */
    const char *error;             /* borrowed until the loop runs on; "" */
};

/* Opens everything and starts to dial the node above. S_DENIED when the self-test found an open door: do not
 * run. */
enum status link_open(const struct link_options *options, struct link **link_out, struct report *report);

/* The store may have changed: sessions are told within LINK_COALESCE_MS. Cheap. */
void link_poke(struct link *link);

/* Tells the sessions of a change right now. */
void link_changed(struct link *link);

/* The node above, as roster and config say; false for a node without one. */
bool link_uplink(const struct link *link, struct id *node_out, char endpoint_out[ENDPOINT_MAX]);

/* Somebody below this node who is to be called (errand.h); false: nobody. */
bool link_errand(const struct link *link, struct id *node_out);

/* Dials `node` now (or leaves the session that is there). Outside its windows the dial waits.
 * S_NOT_FOUND: no member, or no address known; S_DENIED: revoked. */
enum status link_dial(struct link *link, const struct id *node, struct report *report);

/* What the transfer windows say of `node`. */
void link_hours(const struct link *link, const struct id *node, struct hours_answer *answer_out);

/* `sync --now`: windows and pause do not hold for `node` until this is taken back. */
void link_override(struct link *link, const struct id *node, bool is_given);

/* Has what each session has come to written now, and not with the next tick: who was told that he is in step finds it in `qanat status`. */
void link_report(struct link *link);

/* Looks after this node's own streams (keeper.h), for who is about to leave; true when nothing is left to do. *is_unheard_out: but receipts would make more
 * of it possible. */
bool link_tend(struct link *link, bool *is_unheard_out);

/* Greets `node` anew when it is in step with us. */
void link_greet(struct link *link, const struct id *node);

/* How `node` stands. */
void link_peer_get(const struct link *link, const struct id *node, struct link_peer *out);

/* The ids of connected peers; returns how many there are. */
size_t link_peers(const struct link *link, struct id *nodes_out, size_t max);

const struct roster *link_roster(const struct link *link);

/* False while a reading of it that was put off (node/rest.h) is near: in step by the present one says little. */
bool link_roster_is_read(const struct link *link);

/* Where it listens, "" when it does not. */
const char *link_bound(const struct link *link);

/* Takes over what changed in the options' config (uplink, intervals). */
void link_reload(struct link *link);

/* Ends all sessions; true of link_is_idle() follows once the loop has run. Then link_close(). */
void link_stop(struct link *link);
bool link_is_idle(const struct link *link);
void link_close(struct link *link);

#endif
