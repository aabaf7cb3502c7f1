/* pair.h: two large frames in one packet.
 *
 * ZeroMQ writes a packet in two pieces, its first 8 KiB and the rest, and each becomes a packet of TCP with
 * its heads and its acknowledgement; CURVE, ZeroMQ's queues and the kernel cost by the packet too. Contents
 * in frames of 32 KiB therefore go two by two: PAIR, which begins neither a frame nor an opening, the size of
 * the first frame (varint), its bytes, and the second frame. To who said in HELLO that it understands that
 * (ABILITY_PAIRS), and only where no window sets a rate. */
#ifndef QANAT_NODE_LINK_PAIR_H
#define QANAT_NODE_LINK_PAIR_H

#include "replication/base/bytes.h"

enum {
    PAIR = 3,
    PAIR_SIZE_MAX = 64 * 1024 - 256, /* with what CURVE adds it is no larger than a packet may be */
    PAIR_FRAME_MIN = 16 * 1024,      /* smaller ones go alone: several of them are never under way */
};

struct pair {
    struct bytes first; /* borrowed: a frame that waits for another of this step; empty: none */
    uint8_t *packet;    /* owned, NULL before the first */
};

void pair_release(struct pair *pair);

/* May the frame wait for another? Then it does, when none waits yet. */
bool pair_wait(struct pair *pair, struct bytes frame);

/* The packet of the frame that waits and this one, borrowed until the next; false when none waits, or they do
 * not fit. */
bool pair_join(struct pair *pair, struct bytes second, struct bytes *packet_out);

/* The frame that waits, if one does: it goes alone. */
bool pair_take(struct pair *pair, struct bytes *frame_out);

bool pair_is(struct bytes packet);

/* The frames of such a packet, borrowed; false: it is none that pair_join() made. */
bool pair_split(struct bytes packet, struct bytes frames_out[2]);

#endif
