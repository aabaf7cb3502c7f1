/* statement.h: the signed sentences the roster is made of.
 *
 * A statement is protobuf bytes (schema/wire/trust.proto) with a signature over exactly those bytes: never re-encoded. */
#ifndef QANAT_TRUST_STATEMENT_H
#define QANAT_TRUST_STATEMENT_H

#include "replication/trust/roster.h"

enum { STATEMENT_SIZE_MAX = 4096 };

/* The signer of a statement: the authority, or a rostered node. */
struct signer {
    struct id node;                           /* zero: the authority key */
    uint8_t sign_secret[SIGN_SECRET_SIZE];
};

/* Appends the signed admission of `node` to `out`. */
enum status statement_admit(const struct id *federation, const struct roster_node *node, const struct signer *signer,
                            struct buffer *out);

/* Appends a signed revocation of `node` as of `wall_ms`. */
enum status statement_revoke(const struct id *federation, const struct id *node, uint64_t wall_ms, const char *reason,
                             const struct signer *signer, struct buffer *out);

/* The key of the roster cell that carries a statement: admit/<node>/<signer> or revoke/<node>/<signer>. */
enum status statement_cell_key(struct bytes statement, struct buffer *key_out);

#endif
