/* arrival.h: the connections of the listener, as the library tells of them: who came, who is gone, whom to cut.
 *
 * A packet names its connection by a descriptor, and the library uses that again at once: when a hundred centres come and go in the same second, the last
 * packet of one that has left bears the descriptor of one that has just come. So all that the library has told by the time of a packet is heard before that is
 * handled, and what comes late, from a route whose link was dropped, cuts nobody. */
#ifndef QANAT_NODE_LINK_ARRIVAL_H
#define QANAT_NODE_LINK_ARRIVAL_H

#include <stdbool.h>

#include "node/link/door.h"
#include "node/link/drain.h"
#include "node/link/guard.h"
#include "node/link/socket.h"

enum { ARRIVAL_LATE_MAX = 1024 /* routes that are remembered after their connections */ };

/* The connection of `fd` is gone. */
typedef void arrival_gone(void *ctx, int fd);

struct arrivals;

/* `gone` is called from arrivals_hear(); `descriptors`: that the process may have. Never NULL. */
struct arrivals *arrivals_new(arrival_gone *gone, void *ctx, size_t descriptors);
void arrivals_free(struct arrivals *arrivals);

/* Before `socket` is bound: from here on it is heard. `context` and `socket` outlive this. */
void arrivals_watch(struct arrivals *arrivals, struct socket_context *context, struct socket *socket);

/* Where who called at the wrong door is noted; borrowed, may be NULL. */
void arrivals_doors(struct arrivals *arrivals, struct doors *doors);

/* Hears them as part of the loop. */
void arrivals_add(struct arrivals *arrivals, struct drain *drain);

/* Hears all that the library has told. Call it between the receipt of a packet and its handling. */
void arrivals_hear(struct arrivals *arrivals);

/* A packet came, and arrivals_hear() was called since: is its connection there? It is counted then. */
bool arrivals_packet(struct arrivals *arrivals, const struct packet *packet);

/* Its link was dropped, or it was cut: what still comes from `route` is late. */
void arrivals_forget(struct arrivals *arrivals, const struct route *route);

/* Cuts the connection of a packet that may not be; false when the packet is late, and told already. */
bool arrivals_cut(struct arrivals *arrivals, const struct packet *packet);

/* Once a second: cuts who has been silent for too long or sent too much, and tells of it. */
void arrivals_tick(struct arrivals *arrivals);

#endif
