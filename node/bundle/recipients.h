/* recipients.h: who may read the results in a bundle. For the files of this room only. */
#ifndef QANAT_NODE_BUNDLE_RECIPIENTS_H
#define QANAT_NODE_BUNDLE_RECIPIENTS_H

#include "node/bundle/envelope.h"
#include "node/bundle/select.h"

/* Fills nodes_out with those that may hold all results streams of `streams` (struct selected_stream): the
 * target first, then hubs and the nodes above the target and above `from`, who may carry it and use it on the
 * way. Returns how many. */
size_t recipients_find(const struct roster *roster, const struct id *from, const struct id *target,
                       const struct buffer *streams,
                       const struct roster_node *nodes_out[ENVELOPE_RECIPIENTS_MAX]);

#endif
