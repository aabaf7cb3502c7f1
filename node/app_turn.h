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

enum { TURN_REST_FIRST_MS = 60 * 1000, TURN_REST_MOST_MS = 60 * 60 * 1000 };

/* A change that was due and could not be made (a full disk): everything that uses keys was closed and opened for nothing. So it is let rest
 * before the next look, twice as long each time. */
struct app_turn_rest {
    uint64_t until_ms; /* monotonic */
    uint64_t pause_ms;
};
void app_turn_tried(struct app_turn_rest *rest, bool is_taken, uint64_t now_ms);

#endif
