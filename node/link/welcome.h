/* welcome.h: what a newcomer is given: the federation, its secret, and the statements that make it a member. */
#ifndef QANAT_NODE_LINK_WELCOME_H
#define QANAT_NODE_LINK_WELCOME_H

#include "node/dir.h"
#include "replication/trust/roster.h"
#include "replication/wire/message.h"

enum { WELCOME_CHAIN_MAX = 16 * 1024 }; /* bytes of the authority's chain; the rest of the frame is for the others */

/* Fills `message` with federation, secret, and the statements in effect about `newcomer`, those above it and whom it follows, with the
 * adoptions and signatures that these rest on, and the authority's chain, the newest generation first, as far as
 * WELCOME_CHAIN_MAX goes (a token's anchor is among the newest). Borrowed from `roster` until its next addition.
 * `statements` has room for STATEMENTS_MAX. Any thread that owns `roster`. */
void welcome_fill(const struct roster *roster, const struct federation *federation, const struct id *newcomer,
                  struct bytes *statements, struct welcome_message *message);

#endif
