/* opening.h: the first packet on each connection: which one this is, and which belong together.
 *
 *   byte 0     0: no frame begins so (WIRE_VERSION stands there)
 *   byte 1     0 control, 1 bulk, 2 to 8 one more for bulk (braid.h)
 *   bytes 2-9  a random number, the same on all connections of one link
 *
 * It is not answered: it costs no round trip. The listening side, which cannot make a connection, asks for
 * the bulk one by the same packet, over control: who does not know that takes it for a frame of another
 * version. A little of bulk goes over control (small.h), so that a small change costs one handshake.
 *
 * Those above 1 are only for who said in HELLO that it knows them (ABILITY_BRAID), and they are answered, by the same packet: nothing
 * crosses one before, so the listening side may refuse it. Asked for by N over control are all up to N. Said again by who made the
 * connection, it is let go: nothing more follows there; the same packet back is the last thing that the other side sent over it. */
#ifndef QANAT_NODE_LINK_OPENING_H
#define QANAT_NODE_LINK_OPENING_H

#include "replication/peer/peer.h"

enum { OPENING_SIZE = 10, OPENING_LINES_MAX = 9 };

struct opening {
    unsigned line; /* CHANNEL_CONTROL, CHANNEL_BULK, or more */
    uint8_t number[8];
};

void opening_encode(const struct opening *opening, uint8_t out[OPENING_SIZE]);

/* False when the packet is no opening. */
bool opening_decode(struct bytes packet, struct opening *out);

#endif
