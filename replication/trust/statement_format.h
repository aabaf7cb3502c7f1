/* statement_format.h: private to statement.c and statement_write.c: field numbers of schema/wire/trust.proto, and what both ask. */
#ifndef QANAT_TRUST_STATEMENT_FORMAT_H
#define QANAT_TRUST_STATEMENT_FORMAT_H

#include "replication/base/bytes.h"
#include "replication/trust/statement.h"

enum { STATEMENT_BODY = 1, STATEMENT_SIGNATURE = 2 };
enum {
    BODY_FEDERATION = 1,
    BODY_SIGNER = 2,
    BODY_KIND = 3,
    BODY_NODE = 4,
    BODY_AT = 5,
    BODY_PARENT = 6,
    BODY_NODE_KIND = 7,
    BODY_NAME = 8,
    BODY_COUNTRY = 9,
    BODY_REGION = 10,
    BODY_SIGN_PUBLIC = 11,
    BODY_CURVE_PUBLIC = 12,
    BODY_ENDPOINT = 13,
    BODY_TOKEN_PUBLIC = 14,
    BODY_CONSENT = 15,
    BODY_REASON = 16,
    BODY_HAS_ENDS = 24,
    BODY_END = 25,
    BODY_SUCCESSOR = 26,
    BODY_GENERATION = 32,
    BODY_PREDECESSOR = 33,
    BODY_THRESHOLD = 34,
    BODY_KEYS = 35,
    BODY_RATIFIED = 36,
    BODY_ABOUT = 37,
    BODY_ADMISSIONS = 38,
    BODY_TURN = 40,
    BODY_HAS_KEPT = 41,
    BODY_KEPT = 42,
};

enum { STATEMENT_END_SIZE = 1 + 16 + 8 + 32 }; /* topic, incarnation, seq (little-endian), digest */

/* Appends what is signed: the domain, its NUL included, and the body. */
void statement_signed_text(struct bytes body, struct buffer *out);

/* `packed` holds `min` to `max` pieces of 32 bytes, ascending and none twice. */
bool statement_is_packed(struct bytes packed, size_t min, size_t max);

bool statement_terms_are_sound(const struct authority_terms *terms);

#endif
