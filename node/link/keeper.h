/* keeper.h: looks after this node's own streams: closed incarnations are counted in the living one as soon as it is safe
 * (replication/peer/adopt.h), and a living one that another stream adopted is left; gives up what counts twice where people say that
 * a copy of this machine is gone for good, and begins anew where it is over (store/stream/doubled.h). Drops what revocations do not leave of revoked
 * writers (store/expel.h). Loop thread only. */
#ifndef QANAT_NODE_LINK_KEEPER_H
#define QANAT_NODE_LINK_KEEPER_H

#include "node/link/members.h"
#include "replication/peer/adopt.h"

enum {
    KEEPER_PAUSE_MS = 1000,           /* between two looks: receipts come in groups */
    KEEPER_REST_MS = 10 * 60 * 1000, /* after an adoption that could not be done */
    KEEPER_ANEW_REST_MS = 6 * 3600 * 1000, /* after a beginning anew that could not */
    KEEPER_TENDED_MAX = 16, /* looks of keeper_tend() that find something: what cannot be done is not tried for ever */
};

struct keeper;

/* Never NULL. */
struct keeper *keeper_new(struct store *store, struct members *members, const struct id *self);

/* Looks when something was stored since the last look. Called about once a second, and often for nothing. */
void keeper_look(struct keeper *keeper);

/* For who is about to leave, and may be here for moments only: looks now, if something was stored since the last look. True when nothing is
 * left to do. */
bool keeper_tend(struct keeper *keeper);

/* At its last look closed streams were left that count for themselves until all who may hold them have said how far they do. */
bool keeper_is_unheard(const struct keeper *keeper);

/* Nothing is on its way to the store. Then keeper_free(). */
bool keeper_is_idle(const struct keeper *keeper);
void keeper_free(struct keeper *keeper);

#endif
