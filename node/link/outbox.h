/* outbox.h: frames of one session that the socket did not take yet, in order, bounded.
 *
 * Bulk is bounded by the other side's credit already; this bound is for a peer that asks and does not read.
 */
#ifndef QANAT_NODE_LINK_OUTBOX_H
#define QANAT_NODE_LINK_OUTBOX_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

/* Frames: those of two windows of credit, all of the smallest kind (a repeated WANT opens a new one), twice over. */
enum { OUTBOX_FRAMES_MAX = 4096, OUTBOX_BYTES_MAX = 8 * 1024 * 1024 };

struct outbox {
    struct bytes *frames; /* a ring of OUTBOX_FRAMES_MAX, each frame owned; allocated at the first one */
    size_t first;
    size_t count;
    size_t bytes;
};

void outbox_init(struct outbox *outbox);
void outbox_release(struct outbox *outbox);

/* Copies `frame` to the end; S_BUSY when a bound would be passed. */
enum status outbox_put(struct outbox *outbox, struct bytes frame);

/* The oldest frame, borrowed; false when there is none. */
bool outbox_first(const struct outbox *outbox, struct bytes *frame_out);
void outbox_drop_first(struct outbox *outbox);

#endif
