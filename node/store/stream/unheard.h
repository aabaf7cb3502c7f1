/* unheard.h: words of the authority that do not hold, because whoever wrote its handover had not heard of them.
 *
 * A handover lists by their hashes the statements that stay in effect (replication/trust/authority.h). What was signed at another node at that time,
 * and had not come to where the handover was written, is without effect from then on, although the people who signed it were told that it holds at their
 * node, and so it did. They are to be told, and everybody else: who was to be the hub, below whom a node was to go, who was to be revoked.
 *
 * Told is what would make a difference, the latest word about each node, until the authority or a node above says something later about that node.
 * Who does not mean it any more has nothing to do: after UNHEARD_TOLD_DAYS nothing is told. Nothing is decided by this. */
#ifndef QANAT_NODE_STORE_STREAM_UNHEARD_H
#define QANAT_NODE_STORE_STREAM_UNHEARD_H

#include "node/store/db.h"
#include "replication/trust/roster.h"

enum { UNHEARD_MAX = 16, UNHEARD_TOLD_DAYS = 30, UNHEARD_TEXT_MAX = 3 * NODE_NAME_MAX + 64 };

struct unheard {
    struct id node;       /* whom it is about */
    char name[NODE_NAME_MAX + 1];
    bool is_revocation;   /* else an admission: */
    enum node_kind kind;  /* as what */
    struct id parent;     /* below whom; zero: nobody */
    uint64_t at_ms;       /* when it was signed, by the clock there */
    bool is_ours;         /* it was said at this node, or is about it */
};

/* At most UNHEARD_MAX, in no order; returns how many. Any thread. */
size_t unheard_find(struct db *db, const struct roster *roster, const struct id *self, uint64_t now_ms, struct unheard out[UNHEARD_MAX]);

/* Words that were signed with a key of a former generation and stamped after the handover: whoever holds that key signs on. They have no effect, and stay for
 * as long as the roster does (struct authority counts all of them); somebody has to ask only while it goes on. */
struct unheard_late {
    size_t count;     /* stamped in the last UNHEARD_TOLD_DAYS, and not far ahead */
    uint64_t last_ms; /* the latest of these; 0: none */
};

/* Any thread. */
struct unheard_late unheard_late(struct db *db, const struct roster *roster, uint64_t now_ms);

/* "to be a hub below nobody", "to be revoked"; and what holds: "it is a national below centre". */
void unheard_text(const struct roster *roster, const struct unheard *unheard, char out[UNHEARD_TEXT_MAX]);
void unheard_holds_text(const struct roster *roster, const struct unheard *unheard, char out[UNHEARD_TEXT_MAX]);

#endif
