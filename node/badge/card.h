/* card.h: a credential small enough for a QR code: some 200 bytes, signed by the same key, checked without a
 * link.
 *
 *   "QANAT1." base64url(fields, signature)
 *
 * The fields are protobuf (schema/wire/credential.proto). The signature is Ed25519 over "qanat card 1" NUL
 * and the fields. It is not the Open Badges document but says the same; both name the same credential and
 * fall together when it is revoked. In a URL it stands behind "c=". */
#ifndef QANAT_NODE_BADGE_CARD_H
#define QANAT_NODE_BADGE_CARD_H

#include "node/badge/credential.h"
#include "replication/base/arena.h"

enum { CARD_TEXT_MAX = 2048, CARD_NAME_MAX = 160 };

/* Appends the card of `credential` as text, with a NUL that does not count. Texts over CARD_NAME_MAX bytes
 * are cut, so that the code stays one that phones read. */
void card_write(const struct credential *credential, const struct identity *identity, struct buffer *out);

/* Finds the first card in `text` (the bare card, a URL with it, a PDF that holds it). NULL without one. */
struct bytes card_find(struct bytes text);

/* Reads a card: texts go to `arena`. *issuer_out is the node that signed it. S_INVALID for what is no card;
 * S_VERSION. The signature is card_check()'s affair. */
enum status card_read(struct bytes card, struct arena *arena, struct credential *credential_out,
                      struct id *issuer_out);

/* True when `sign_public` signed the card. */
bool card_check(struct bytes card, const uint8_t sign_public[SIGN_PUBLIC_SIZE]);

#endif
