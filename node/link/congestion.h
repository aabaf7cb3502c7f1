/* congestion.h: how TCP reacts to loss on our connections, and how it cuts packets.
 *
 * cubic, the default of most systems, takes every lost packet for a full queue: at 1 % loss and 150 ms it
 * gives a tenth of a 10 Mbit/s line. BBR (Cardwell et al., ACM Queue 14-5, 2016) follows the rate that
 * arrives instead. Where the kernel has it, each connection of a session asks for it, whatever the default
 * is. */
#ifndef QANAT_NODE_LINK_CONGESTION_H
#define QANAT_NODE_LINK_CONGESTION_H

#include <stdbool.h>

/* True when the connection goes by BBR now; a kernel without it, or a descriptor that is gone, changes
 * nothing. */
bool congestion_choose(int fd);

/* Does it go by BBR? */
bool congestion_is_steady(int fd);

/* The connection carries bulk: what does not fill a packet waits for what comes next, or until what went
 * before has arrived. The library sends a frame in two calls, which otherwise leave as two packets. False:
 * `fd` is gone. */
bool congestion_gather(int fd);

/* Bulk begins on a connection that carried control: as congestion_gather(), and BBR begins anew where it goes by that. What it took for the
 * least round trip is believed for ten seconds; then it sends next to nothing for 0.2 s, which would fall into the middle. */
bool congestion_begin(int fd);

/* The connection carries questions and answers: what came is acknowledged with the answer, when that leaves within the
 * system's 40 ms. After a rest the kernel would acknowledge at once, in a packet of its own. False: `fd` is gone. */
bool congestion_converse(int fd);

#endif
