/* traffic.h: what the kernel knows of a connection: who is at the other end, and how much came. For guard.h.
 */
#ifndef QANAT_NODE_LINK_TRAFFIC_H
#define QANAT_NODE_LINK_TRAFFIC_H

#include "node/link/guard.h"

/* The other end's address; IPv4 as ::ffff:a.b.c.d; all zero when the connection is gone again. */
void traffic_address(int fd, uint8_t out[GUARD_ADDRESS_SIZE]);

/* Bytes received over TCP so far; false when the kernel does not say (guard_bytes). */
bool traffic_received(int fd, uint64_t *bytes_out);

/* Bytes sent over TCP so far that the other end acknowledged. */
bool traffic_acked(int fd, uint64_t *bytes_out);

/* How a connection stands as a sender, since it began. */
struct traffic_state {
    uint64_t acked;   /* as traffic_acked() */
    uint64_t waiting; /* bytes that the kernel holds and that have not arrived */
    uint32_t window;  /* bytes that may be under way */
    uint32_t rtt_us, rtt_least_us; /* smoothed; the least of the last minutes */
    uint32_t segments, repeated; /* with data, sent; of those sent again */
};

/* False when the kernel does not say. */
bool traffic_look(int fd, struct traffic_state *out);

/* Has something that was given to the connection not arrived yet? False when it is gone. */
bool traffic_is_sending(int fd);

#endif
