/* app_presence.h: what a node says of itself when it starts.
 *
 * Its living incarnation is settled, so that sessions know which of its streams is its own; and a node that never published a result says
 * once, by one cell, that it is there: a centre that reports nothing yet is told from one that was never heard. */
#ifndef QANAT_NODE_APP_PRESENCE_H
#define QANAT_NODE_APP_PRESENCE_H

#include "node/store/store.h"

/* Durable when it returns. The store has its identity. Not for the loop once it runs. */
enum status app_presence_say(struct store *store, const struct id *self);

#endif
