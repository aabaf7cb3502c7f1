/* traffic.h: what the kernel knows of a connection: who is at the other end, and how much came. For guard.h.
 */
#ifndef QANAT_NODE_LINK_TRAFFIC_H
#define QANAT_NODE_LINK_TRAFFIC_H

#include "node/link/guard.h"

/* The other end's address; IPv4 as ::ffff:a.b.c.d; all zero when the connection is gone again. */
void traffic_address(int fd, uint8_t out[GUARD_ADDRESS_SIZE]);

/* Bytes received over TCP so far; false when the kernel does not say (guard_bytes). */
bool traffic_received(int fd, uint64_t *bytes_out);

#endif
