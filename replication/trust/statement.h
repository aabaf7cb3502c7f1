/* statement.h: the signed sentences the roster is made of.
 *
 * A statement is a protobuf message (schema/wire/trust.proto) with a signature over exactly the bytes of its
 * body: kept and passed on as received, never re-encoded. It carries its signer's public key, so that a false
 * signature is found at once; whether the signer has the right is the roster's question. */
#ifndef QANAT_TRUST_STATEMENT_H
#define QANAT_TRUST_STATEMENT_H

#include "replication/trust/roster.h"

enum { STATEMENT_SIZE_MAX = 4096, STATEMENT_REASON_MAX = 256, STATEMENT_ENDS_MAX = 48 };

/* Wire numbers: never reuse. */
enum statement_kind {
    STATEMENT_ADMIT = 1,
    STATEMENT_REVOKE = 2,
};

/* The signer of a statement: the authority, or a rostered node. */
struct signer {
    struct id node; /* zero: the authority key */
    uint8_t sign_secret[SIGN_SECRET_SIZE];
};

/* Where a revoked writer's stream ends: the last state that was accepted. */
struct stream_end {
    struct stream_id stream;
    uint64_t seq;
    struct hash digest;
};

/* What a revocation may say beside whom it is about. */
struct revoke_terms {
    const char *reason;
    const struct stream_end *ends; /* of its streams but those of the roster topic: what is not named is not kept */
    size_t end_count;              /* at most STATEMENT_ENDS_MAX */
    bool has_ends;                 /* else they stay as each node has them, and go nowhere */
    struct id successor;           /* takes over name and figures; zero: nobody */
};

/* A decoded statement. Texts in `reason` are borrowed from the bytes. */
struct statement {
    enum statement_kind kind;
    struct id federation;
    uint8_t signer_public[SIGN_PUBLIC_SIZE];
    struct id node;
    uint64_t at_ms;
    struct roster_node admitted; /* ADMIT */
    struct bytes reason;         /* REVOKE */
    struct id successor;         /* REVOKE; zero: nobody */
    bool has_ends;               /* REVOKE */
    uint8_t end_count;
    struct bytes ends[STATEMENT_ENDS_MAX]; /* encoded; statement_end() */
    struct hash hash;            /* of the signed body: its identity */
};

/* Appends the signed admission of `node` to `out`. S_INVALID or S_TOO_LARGE when a field of `node` is outside
 * the format, or when node->node is not the id of node->sign_public, or signer->node not that of its key. */
enum status statement_admit(const struct id *federation, const struct roster_node *node,
                            const struct signer *signer, struct buffer *out);

/* Appends a signed revocation of `node` as of `wall_ms`: statements that it signed with a later stamp do not count.
 * S_TOO_LARGE for a long reason or too many ends. */
enum status statement_revoke(const struct id *federation, const struct id *node, uint64_t wall_ms,
                             const struct revoke_terms *terms, const struct signer *signer, struct buffer *out);

/* The end of `stream` that a revocation names; false when it names none. */
bool statement_end(const struct statement *statement, const struct stream_id *stream, struct stream_end *out);

/* Reads a statement and checks its signature. S_INVALID, S_TOO_LARGE, S_VERSION for a kind of a newer
 * version, S_BAD_SIGNATURE. */
enum status statement_decode(struct bytes statement, struct statement *out, struct report *report);

/* Reads a statement that statement_decode() accepted before, without checking the signature again. */
void statement_read(struct bytes statement, struct statement *out);

/* The key of the roster cell that carries a statement: admit/<node>/<signer>/<hash> or
 * revoke/<node>/<signer>/<hash>, in hex. One statement never overwrites another. `key_out` is cleared first.
 */
enum status statement_cell_key(struct bytes statement, struct buffer *key_out);

#endif
