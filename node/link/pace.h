/* pace.h: how fast bulk moves in one session: by this node's window (gate.h) and by the rate that the other's
 * takes, as it says in each HELLO. Who sends keeps both, so that no burst crosses a line that is paid by the
 * second; what comes in all the same waits for this node's own rate. Loop thread only. */
#ifndef QANAT_NODE_LINK_PACE_H
#define QANAT_NODE_LINK_PACE_H

#include "node/link/gate.h"
#include "replication/peer/peer.h"
#include "replication/schedule/budget.h"

enum {
    PACE_CREDIT_S = 10,                   /* on a rate, under way is what it carries in this time, */
    PACE_CREDIT_MIN = 2 * FRAME_SIZE_MAX, /* and what the core asks for at least */
    PACE_RETRY_SLOW_MS = 30 * 60 * 1000,
};

struct pace {
    struct gate *gate;
    struct id remote;
    struct budget theirs;
    uint32_t theirs_kbit;
};

void pace_init(struct pace *pace, struct gate *gate, const struct id *remote);

/* What our window takes now, in kbit/s; 0: any. What the other is told. */
uint32_t pace_ours(const struct pace *pace);

/* Does our window or the other's set a rate? */
bool pace_has_rate(const struct pace *pace);

/* Fits a session's options to our window: on a slow one little is under way, and an answer may take longer.
 */
void pace_fit(const struct pace *pace, struct peer_options *options);

/* The other said how much its window takes; 0: any. */
void pace_set_theirs(struct pace *pace, uint32_t rate_kbit);

/* Contents that may not pass any more, by the hours or the quota of their class: not sent, the other asks again when they may. */
bool pace_is_void(const struct pace *pace, struct bytes packet);

/* May this bulk packet be sent, or this frame that came be handled? If not, the loop is woken when it may. */
bool pace_may_send(struct pace *pace, struct bytes packet);
bool pace_may_take(struct pace *pace, struct bytes frame);

/* A bulk packet was sent, or a frame handled. */
void pace_sent(struct pace *pace, struct bytes packet);
void pace_taken(struct pace *pace, struct bytes frame);

/* Any packet left or arrived: it counts against a quota. */
void pace_count(struct pace *pace, struct bytes packet);

#endif
