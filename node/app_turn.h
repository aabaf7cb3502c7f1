/* app_turn.h: the moment at which a node begins to use the keys that it asked for (node/store/stream/rotation.h).
 *
 * Whoever holds the directory's lock looks when it opens the store; a running node looks when its roster changed, closes everything
 * that uses keys, takes the turn and opens again. The order of what is durable: node.key.former has the old keys; the transaction with CLOSE;
 * node.key.next takes the place of node.key. A kill between any two of them is gone on from at the next look. */
#ifndef QANAT_NODE_APP_TURN_H
#define QANAT_NODE_APP_TURN_H

#include "node/dir.h"
#include "node/store/store.h"

struct app_turn {
    const char *dir;
    struct store *store;
    const struct federation *federation;
    struct identity *identity; /* the keys of today; afterwards the new ones */
};

/* True when app_turn_take() would change the keys now. Any thread. */
bool app_turn_is_due(const struct app_turn *turn);

/* Changes the keys when that is due (*is_taken_out), or finishes a change that was cut off. Nobody else uses store or identity meanwhile;
 * afterwards the store signs with the new ones. */
enum status app_turn_take(const struct app_turn *turn, bool *is_taken_out, struct report *report);

#endif
