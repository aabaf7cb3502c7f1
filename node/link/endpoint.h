/* endpoint.h: the address that others are told to dial, and where the node above is dialed. */
#ifndef QANAT_NODE_LINK_ENDPOINT_H
#define QANAT_NODE_LINK_ENDPOINT_H

#include "node/config.h"
#include "replication/trust/roster.h"

/* `advertise`, or else `listen`, where a wildcard address (0.0.0.0, [::], *) becomes the first address of
 * this machine that is not loopback, or 127.0.0.1 when there is none. "" for a node that only dials.
 * S_INVALID for an address that is not tcp://ADDR:PORT. */
enum status endpoint_public(const struct config *config, char out[ENDPOINT_MAX], struct report *report);

/* True for tcp://HOST:PORT with a host and a port that another node can dial: neither 0.0.0.0, [::] or *, nor port 0. */
bool endpoint_is_dialable(const char *text);

/* Where the node above `self` (which has one) is dialed, the likelier address first; "" for none. `configured` is of the node that this one joined below:
 * when another was put there, what the roster says goes first. Borrowed from both. */
void endpoint_uplink(const struct roster *roster, const struct id *self, const char *configured, const char **first_out, const char **second_out);

#endif
