/* endpoint.h: the address that others are told to dial. */
#ifndef QANAT_NODE_LINK_ENDPOINT_H
#define QANAT_NODE_LINK_ENDPOINT_H

#include "node/config.h"

/* `advertise`, or else `listen`, where a wildcard address (0.0.0.0, [::], *) becomes the first address of
 * this machine that is not loopback, or 127.0.0.1 when there is none. "" for a node that only dials.
 * S_INVALID for an address that is not tcp://ADDR:PORT. */
enum status endpoint_public(const struct config *config, char out[ENDPOINT_MAX], struct report *report);

/* True for tcp://HOST:PORT with a host and a port that another node can dial: neither 0.0.0.0, [::] or *, nor port 0. */
bool endpoint_is_dialable(const char *text);

#endif
