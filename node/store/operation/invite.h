/* invite.h: invitations this node has given out, by the public half of the token's one-time CURVE key. */
#ifndef QANAT_NODE_STORE_OPERATION_INVITE_H
#define QANAT_NODE_STORE_OPERATION_INVITE_H

#include "node/store/db.h"
#include "replication/trust/roster.h"

struct invite {
    uint8_t token[CURVE_PUBLIC_SIZE];
    char name[NODE_NAME_MAX + 1];
    enum node_kind kind;
    char country[COUNTRY_SIZE];
    char region[NODE_NAME_MAX + 1];
    uint64_t created_ms, expires_ms; /* wall clock of this node */
    bool is_used;
    struct id used_by; /* zero while open */
};

/* Writer thread. S_EXISTS when there is one with this token. */
enum status invite_put(struct db *db, const struct invite *invite);

/* False when there is none. */
bool invite_find(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], struct invite *invite_out);

/* The first one above `after` (NULL: the first) by token; false at the end. */
bool invite_next(struct db *db, const uint8_t *after, struct invite *invite_out);

/* True when the token's holder may talk to us: open and not expired, or used by whoever comes again to hear
 * the answer once more. */
bool invite_is_open(const struct invite *invite, uint64_t now_ms);

/* `node` joins with the token. S_OK, also for the same node again; S_NOT_FOUND; S_STALE expired; S_DENIED
 * used by another. Writer thread. */
enum status invite_use(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], const struct id *node,
                       uint64_t now_ms);

/* A newcomer with this token takes the place of `node`: with that node's own key it is that node again, with another key it
 * follows it. Writer thread. */
enum status invite_set_replaced(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], const struct id *node);

/* Whose place it takes; false: nobody's. Any thread. */
bool invite_replaced(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], struct id *node_out);

#endif
