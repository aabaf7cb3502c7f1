/* opening.h: the first packet on each connection: which channel this is, and which two belong together.
 *
 *   byte 0     0: no frame begins so (WIRE_VERSION stands there)
 *   byte 1     channel: 0 control, 1 bulk
 *   bytes 2-9  a random number, the same on both connections of one link
 *
 * It is not answered: it costs no round trip. The listening side, which cannot make a connection, asks for
 * the bulk one by the same packet, over control: who does not know that takes it for a frame of another
 * version. A little of bulk goes over control (small.h), so that a small change costs one handshake. */
#ifndef QANAT_NODE_LINK_OPENING_H
#define QANAT_NODE_LINK_OPENING_H

#include "replication/peer/peer.h"

enum { OPENING_SIZE = 10 };

struct opening {
    enum channel channel;
    uint8_t number[8];
};

void opening_encode(const struct opening *opening, uint8_t out[OPENING_SIZE]);

/* False when the packet is no opening. */
bool opening_decode(struct bytes packet, struct opening *out);

#endif
