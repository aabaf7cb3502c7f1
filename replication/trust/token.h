/* token.h: the join token, one line of text that a person carries from the inviter to the newcomer.
 *
 *   qanat1-<base64url of: Token message (schema/wire/trust.proto), then 5 bytes of its BLAKE2b>
 *
 * It holds what the newcomer must be able to insist on (the inviter's CURVE key, the authority's key) and the
 * seed of a one-time CURVE key pair with which it connects. Whoever reads it can join in the newcomer's
 * place, once, until it expires: it is a secret. */
#ifndef QANAT_TRUST_TOKEN_H
#define QANAT_TRUST_TOKEN_H

#include "replication/trust/identity.h"

enum {
    TOKEN_SEED_SIZE = 32,
    TOKEN_ENDPOINTS_MAX = 4,
    TOKEN_TEXT_MAX = 2048, /* with its NUL */
};

struct token {
    struct id federation;
    struct id inviter;
    uint8_t inviter_curve[CURVE_PUBLIC_SIZE];
    uint8_t authority_public[SIGN_PUBLIC_SIZE]; /* the founding key */
    struct hash anchor; /* of the AUTHORITY statement to begin at (authority.h), or zero */
    uint8_t seed[TOKEN_SEED_SIZE]; /* random, from the caller */
    char name[NODE_NAME_MAX + 1];
    enum node_kind kind;
    char country[COUNTRY_SIZE];
    char region[NODE_NAME_MAX + 1];
    uint64_t expires_ms; /* wall clock; 0: never */
    char endpoints[TOKEN_ENDPOINTS_MAX][ENDPOINT_MAX];
    size_t endpoint_count; /* 0 for a join without a link */
};

/* Writes the line (no newline, NUL at the end). S_INVALID, S_TOO_LARGE when a field is outside the format. */
enum status token_encode(const struct token *token, char text_out[TOKEN_TEXT_MAX]);

/* Reads a token; blanks and line breaks anywhere in it are skipped. S_INVALID (no token, or a character that
 * tokens never have), S_VERSION (of a newer version), S_TOO_LARGE, S_BAD_DIGEST (mistyped or cut off);
 * `report` says which and where. */
enum status token_decode(const char *text, struct token *out, struct report *report);

/* False once `wall_ms` is past the expiry. */
bool token_is_open(const struct token *token, uint64_t wall_ms);

/* The one-time CURVE pair of a token. The inviter keeps the public half to know the newcomer by. */
void token_curve_pair(const uint8_t seed[TOKEN_SEED_SIZE], uint8_t public_out[CURVE_PUBLIC_SIZE],
                      uint8_t secret_out[CURVE_SECRET_SIZE]);

/* What `identity` asks for with this token: the fields of its JOIN, signed (node_out->consent). `endpoint` is
 * where it listens, or "". The inviter checks with token_verify(), sets admitted_ms and admits it.
 * S_TOO_LARGE for the endpoint. */
enum status token_join(const struct token *token, const struct identity *identity, const char *endpoint,
                       struct roster_node *node_out);

/* The inviter's side: S_OK when `node` (filled from a JOIN) asks for what `token` offers and its signature
 * holds; then its parent and token_public are set and its id is that of its key. S_DENIED for another name or
 * kind, S_INVALID, S_BAD_SIGNATURE. */
enum status token_verify(const struct token *token, struct roster_node *node, struct report *report);

#endif
