/* statement.h: the signed sentences the roster is made of.
 *
 * A statement is a protobuf message (schema/wire/trust.proto) with a signature over exactly the bytes of its
 * body: kept and passed on as received, never re-encoded. It carries its signer's public key, so that a false
 * signature is found at once; whether the signer has the right is the roster's question. */
#ifndef QANAT_TRUST_STATEMENT_H
#define QANAT_TRUST_STATEMENT_H

#include "replication/trust/roster.h"

enum { STATEMENT_SIZE_MAX = 4096, STATEMENT_REASON_MAX = 256, STATEMENT_ENDS_MAX = 48, CLOSE_KEPT_MAX = 24 };

/* Keys of one generation of the authority, statements one handover keeps, admissions one ADOPT names. */
enum { AUTHORITY_KEYS_MAX = 16, AUTHORITY_RATIFIED_MAX = 64, AUTHORITY_ADOPT_MAX = 96, AUTHORITY_GENERATION_MAX = 65535 };

/* Wire numbers: never reuse. */
enum statement_kind {
    STATEMENT_ADMIT = 1,
    STATEMENT_REVOKE = 2,
    STATEMENT_REKEY = 3,      /* a node asks for a new key, with the old one (rekey.h) */
    STATEMENT_GRANT = 4,      /* who may admit the node admits that key */
    STATEMENT_CLOSE = 5,      /* the node ends what it signed with the keys before */
    STATEMENT_AUTHORITY = 16, /* the next generation of the authority (authority.h) */
    STATEMENT_COSIGN = 17,    /* one more signature under another statement */
    STATEMENT_ADOPT = 18,     /* admissions by others that the authority makes its own, below a parent it names */
};

/* The signer of a statement: the authority, or a rostered node. */
struct signer {
    struct id node; /* zero: a key of the authority */
    uint8_t sign_secret[SIGN_SECRET_SIZE];
    uint64_t generation; /* of the authority; 0: the key the federation was founded with, or a node */
};

/* What an AUTHORITY statement says. `keys` and `ratified` are packed, 32 bytes each, in ascending order, none twice. */
struct authority_terms {
    uint64_t generation;
    uint32_t threshold;
    struct hash predecessor; /* the AUTHORITY statement of the generation before; of the first: authority_genesis() */
    struct bytes keys;
    struct bytes ratified; /* hashes of the statements of earlier generations that stay in effect */
    uint64_t at_ms;
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
    struct roster_node admitted; /* ADMIT; of REKEY the keys and the consent */
    struct bytes reason;         /* REVOKE */
    struct id successor;         /* REVOKE; zero: nobody */
    bool has_ends;               /* REVOKE, CLOSE */
    uint32_t turn;               /* REKEY, CLOSE */
    bool has_kept;               /* CLOSE */
    struct bytes kept;           /* CLOSE: hashes, packed */
    uint8_t end_count;
    struct bytes ends[STATEMENT_ENDS_MAX]; /* encoded; statement_end() */
    uint64_t generation;         /* of the authority that signs */
    struct authority_terms terms; /* AUTHORITY */
    struct hash about;           /* COSIGN, GRANT: the statement that is signed */
    struct id parent;            /* ADOPT: below whom; zero: each stays where its admission puts it */
    struct bytes admissions;     /* ADOPT: hashes of admissions, packed */
    struct hash hash;            /* of the signed body: its identity */
};

/* Is it about the members (ADMIT, REVOKE, and their keys), or about the authority and what it makes its own? */
bool statement_is_plain(enum statement_kind kind);

/* REKEY, GRANT or CLOSE. */
bool statement_is_of_keys(enum statement_kind kind);

/* Appends the signed admission of `node` to `out`. S_INVALID or S_TOO_LARGE when a field of `node` is outside
 * the format, or when node->node is not the id of the node's first signing key. */
enum status statement_admit(const struct id *federation, const struct roster_node *node,
                            const struct signer *signer, struct buffer *out);

/* Appends a signed revocation of `node` as of `wall_ms`: statements that it signed with a later stamp do not count.
 * S_TOO_LARGE for a long reason or too many ends. */
enum status statement_revoke(const struct id *federation, const struct id *node, uint64_t wall_ms,
                             const struct revoke_terms *terms, const struct signer *signer, struct buffer *out);

/* The `at`-th end that it names, of its node's streams. `at` is below its end_count. */
struct stream_end statement_end_at(const struct statement *statement, size_t at);

/* The end of `stream` that a revocation names; false when it names none. */
bool statement_end(const struct statement *statement, const struct stream_id *stream, struct stream_end *out);

/* Append a signed AUTHORITY, COSIGN or ADOPT. `signer` is one key of the authority; for AUTHORITY of the generation
 * before or of the new one. S_INVALID for terms outside the format (order, counts, threshold). */
enum status statement_authority(const struct id *federation, const struct authority_terms *terms, const struct signer *signer,
                                struct buffer *out);
enum status statement_cosign(const struct id *federation, const struct hash *about, uint64_t wall_ms,
                             const struct signer *signer, struct buffer *out);
enum status statement_adopt(const struct id *federation, const struct id *parent, struct bytes admissions, uint64_t wall_ms,
                            const struct signer *signer, struct buffer *out);

/* Reads a statement and checks its signature. S_INVALID, S_TOO_LARGE, S_VERSION for a kind of a newer
 * version, S_BAD_SIGNATURE. */
enum status statement_decode(struct bytes statement, struct statement *out, struct report *report);

/* The same without the signature: what it claims to say, for who looks for what may be of use and decodes that later. */
enum status statement_claim(struct bytes statement, struct statement *out);

/* Reads a statement that statement_decode() accepted before, without checking the signature again. */
void statement_read(struct bytes statement, struct statement *out);

/* "admit", "revoke", "rekey", "grant", "close", "authority", "cosign", "adopt". */
const char *statement_kind_word(enum statement_kind kind);

/* The key of the roster cell that carries a statement: admit/<node>/<signer>/<hash>, or revoke, authority, cosign, adopt
 * (<node> is then the first half of the hash it is about, or the parent), in hex. One statement never overwrites another.
 * `key_out` is cleared first. */
enum status statement_cell_key(struct bytes statement, struct buffer *key_out);

#endif
