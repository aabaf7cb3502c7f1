/* compare.h: whether two statements say the same: xAPI 1.0.3 part 2 section 2.3.1 and IEEE 9274.1.1
 * section 4.2.
 *
 * Not looked at: id, authority, stored, timestamp, version, attachments, definitions of activities, display
 * of verbs, the order of a group's members, the case of UUIDs, and what lies beyond hundredths of a second in
 * durations. Context activities must be arrays in both. */
#ifndef QANAT_NODE_LRS_COMPARE_H
#define QANAT_NODE_LRS_COMPARE_H

#include "node/lrs/tree.h"

bool statements_are_same(const struct tree *a, const struct tree *b);

#endif
