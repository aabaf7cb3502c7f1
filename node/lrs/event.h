/* event.h: what a stored statement tells the observer. */
#ifndef QANAT_NODE_LRS_EVENT_H
#define QANAT_NODE_LRS_EVENT_H

#include "node/lrs/lrs.h"
#include "node/lrs/tree.h"

/* Fills what can be read from the tree of a statement; `registration_memory` holds what event->registration
 * borrows. */
void event_read(const struct lrs *lrs, const struct tree *statement,
                uint8_t registration_memory[LRS_UUID_SIZE], struct lrs_event *event);

/* The id of the person of this node that an actor is; empty: somebody else. Borrowed from the tree. */
struct bytes event_person(const struct lrs *lrs, const struct tree *actor);

#endif
