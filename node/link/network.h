/* network.h: this machine's addresses, when they change.
 *
 * A phone's hotspot, a new lease, another port: the connections of an address that is gone are dead without a word, and the kernel finds that out in two
 * minutes. The kernel tells at once (rtnetlink(7)). Where it does not, or may not be asked, everything works as before, later. Loop thread only. */
#ifndef QANAT_NODE_LINK_NETWORK_H
#define QANAT_NODE_LINK_NETWORK_H

#include <stdbool.h>
#include <uv.h>

struct network;

enum { NETWORK_SETTLE_MS = 300 }; /* changes are gathered for so long */

/* Calls `changed` after addresses came or went. NULL when the kernel cannot be asked. */
struct network *network_open(uv_loop_t *loop, void (*changed)(void *ctx), void *ctx);

/* Memory goes when the loop has run. `network` may be NULL. */
void network_close(struct network *network);

/* Is the connection's own address on this machine no more? False when it cannot be known. */
bool network_is_stranded(int fd);

#endif
