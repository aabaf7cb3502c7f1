/* multibase.h: bytes as text: base58btc and base64url (draft-multiformats-multibase), UUIDs (RFC 9562),
 * did:key.
 *
 * A did:key is an Ed25519 public key written as a name: whoever reads it has the key, without asking anybody.
 */
#ifndef QANAT_NODE_BADGE_MULTIBASE_H
#define QANAT_NODE_BADGE_MULTIBASE_H

#include "replication/base/bytes.h"
#include "replication/stream/certificate.h"

enum {
    BASE58_BYTES_MAX = 128,
    BASE58_TEXT_SIZE = 192, /* of BASE58_BYTES_MAX bytes, with NUL */
    DID_KEY_SIZE = 64,      /* "did:key:z6Mk..." is 56 characters */
    UUID_TEXT_SIZE = 37,
    URN_UUID_SIZE = 46,
};

/* Base 58 in the alphabet of Bitcoin, without a prefix. `bytes` is at most BASE58_BYTES_MAX long. */
void base58_encode(struct bytes bytes, char out[BASE58_TEXT_SIZE]);

/* The `size` bytes (at most BASE58_BYTES_MAX) that `text` stands for; false for any other text. */
bool base58_decode(const char *text, uint8_t *out, size_t size);

/* RFC 4648 section 5 without padding, appended to `out` with a NUL behind it that does not count. */
void base64url_encode(struct bytes bytes, struct buffer *out);

/* Appends the bytes to `out`; false for a character or a length outside the format. */
bool base64url_decode(struct bytes text, struct buffer *out);

/* "did:key:z6Mk..." of an Ed25519 key, and back; false for anything else. */
void did_key_format(const uint8_t sign_public[SIGN_PUBLIC_SIZE], char out[DID_KEY_SIZE]);
bool did_key_parse(const char *text, uint8_t sign_public_out[SIGN_PUBLIC_SIZE]);

/* 16 bytes with version and variant set (version 4: random, 8: derived), in the usual form; and back, with
 * "urn:uuid:" in front or not. */
void uuid_mark(struct id *uuid, int version);
void uuid_format(const struct id *uuid, char out[UUID_TEXT_SIZE]);
void urn_uuid_format(const struct id *uuid, char out[URN_UUID_SIZE]);
bool uuid_parse(const char *text, struct id *uuid_out);

#endif
