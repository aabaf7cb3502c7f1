/* need.h: the room that a volume needs for the largest content which is going to be sent, known before anything is written. For the files of this room
 * only, and their test. */
#ifndef QANAT_NODE_BUNDLE_NEED_H
#define QANAT_NODE_BUNDLE_NEED_H

#include "node/bundle/inventory.h"
#include "node/bundle/seen.h"

struct need {
    const struct seen *seen;
    const struct inventory *inventory; /* what the target said; NULL: nothing is known */
    uint64_t room;                     /* bytes that --max leaves for objects */
    uint64_t size;                     /* of the largest so far, with the manifest that has to stand before it */
};

/* Looks through the objects of a version: struct selected_object, its manifest first. What the target or a former volume holds needs nothing; an object
 * counts as long as it is sure to be sent, that is while room is left after it. Twice the same counts twice, which takes room sooner, never later. */
void need_add(struct need *need, const struct buffer *objects);

#endif
