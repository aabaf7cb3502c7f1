/* federation.h: nodes, keys and statements for tests that need a roster. */
#ifndef QANAT_TESTS_KIT_FEDERATION_H
#define QANAT_TESTS_KIT_FEDERATION_H

#include "replication/trust/consent.h"
#include "replication/trust/identity.h"
#include "replication/trust/roster.h"
#include "replication/trust/statement.h"

enum { FEDERATION_NODES_MAX = 64 };

/* A federation with an authority and identities 0..FEDERATION_NODES_MAX-1, all drawn from one seed. */
struct federation {
    struct id id;
    struct identity authority;
    struct identity nodes[FEDERATION_NODES_MAX];
};

/* The authority as a signer. */
enum { FEDERATION_AUTHORITY = -1 };

void federation_make(struct federation *federation, uint64_t seed);
struct signer federation_signer(const struct federation *federation, int who);

/* Node `who` below `parent` (FEDERATION_AUTHORITY: none), called node-<who>, admitted at 1000 + who, with its
 * consent. */
struct roster_node federation_node(const struct federation *federation, int who, int parent,
                                   enum node_kind kind);

/* True when every field is the same. */
bool federation_node_equal(const struct roster_node *a, const struct roster_node *b);

/* Appends the admission (signed as it stands) to `out` after clearing it. */
void federation_admit(const struct federation *federation, const struct roster_node *node, int signer,
                      struct buffer *out);

/* Node `who` below `parent` is admitted by it, and in the roster. */
void federation_enter(const struct federation *federation, struct roster *roster, int who, int parent,
                      enum node_kind kind);

void federation_revoke(const struct federation *federation, int who, uint64_t at_ms, int signer,
                       struct buffer *out);

#endif
