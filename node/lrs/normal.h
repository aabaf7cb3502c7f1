/* normal.h: the one form in which statements are kept: every kind of context activities is an array
 * (xAPI 1.0.3 part 2 section 2.4.6.2). */
#ifndef QANAT_NODE_LRS_NORMAL_H
#define QANAT_NODE_LRS_NORMAL_H

#include "node/lrs/tree.h"

/* Changes the tree in place, that of a SubStatement, too. S_TOO_LARGE when the arena is full. */
enum status normal_apply(struct tree *statement, struct arena *arena);

#endif
