/* together.h: several small frames in one packet.
 *
 * What a step says is often two frames of a hundred bytes. As a packet of its own each costs the heads of TCP, CURVE and
 * ZeroMQ (102 bytes), and mostly an acknowledgement (66). A packet of several begins with TOGETHER, which begins neither a
 * frame nor an opening; then, for each frame, its size (varint) and its bytes. It goes over control, to who said in HELLO
 * that it understands that (ABILITY_TOGETHER), holds no bulk, which has a rate, and fits one segment of TCP. */
#ifndef QANAT_NODE_LINK_TOGETHER_H
#define QANAT_NODE_LINK_TOGETHER_H

#include "replication/base/bytes.h"

enum { TOGETHER = 2, TOGETHER_SIZE_MAX = 1200, TOGETHER_FRAMES_MAX = 8 };

/* Frames that wait for the end of a step; all zero: none. */
struct together {
    size_t count, size;
    size_t first; /* where the bytes of the first one begin */
    uint8_t packet[TOGETHER_SIZE_MAX];
};

/* Adds a frame; false when it does not fit beside the others, or is bulk, which may cross control, too, but alone. */
bool together_add(struct together *together, struct bytes frame);

/* What is to be sent: the frame itself when it is alone, else all of them; borrowed. Then there are none. */
bool together_take(struct together *together, struct bytes *packet_out);

bool together_is(struct bytes packet);

/* The frames of such a packet, borrowed; 0: it is none that together_take() made. */
size_t together_split(struct bytes packet, struct bytes frames_out[TOGETHER_FRAMES_MAX]);

#endif
