/* certificate.h: the writer's signature over the whole state of its stream at one seq.
 *
 * With it any relay may bring any delta from any base: the receiver accepts only the exact certified state.
 * Two certificates of one stream with the same seq and different digests prove a fork to anyone. */
#ifndef QANAT_STREAM_CERTIFICATE_H
#define QANAT_STREAM_CERTIFICATE_H

#include "replication/base/status.h"
#include "replication/stream/stream.h"

enum { CERTIFICATE_SIZE = 120, SIGNATURE_SIZE = 64, SIGN_PUBLIC_SIZE = 32, SIGN_SECRET_SIZE = 64 };

/* What is signed is a domain string, the federation, the stream and the head; what travels is
 * seq(8) count(8) digest(32) stamp(8) signature(64), numbers little-endian. */
struct certificate {
    struct stream_head head;
    uint8_t signature[SIGNATURE_SIZE];
};

/* Signs `head` (1 <= count <= seq <= SEQ_MAX) with the node's Ed25519 secret key in libsodium's form: seed,
 * then public key. */
struct certificate certificate_sign(const struct id *federation, const struct stream_head *head,
                                    const uint8_t secret[SIGN_SECRET_SIZE]);

/* S_OK or S_BAD_SIGNATURE. */
enum status certificate_verify(const struct certificate *certificate, const struct id *federation,
                               const uint8_t public_key[SIGN_PUBLIC_SIZE]);

void certificate_encode(const struct certificate *certificate, uint8_t out[CERTIFICATE_SIZE]);

/* The stream is not part of the bytes: the caller knows it. S_INVALID when the size is another, seq is
 * outside 1..SEQ_MAX or count outside 1..seq (each cell has a seq of its own; the last seq always belongs to
 * one). */
enum status certificate_decode(struct bytes in, const struct stream_id *stream, struct certificate *out);

/* True when both are of one stream and seq and disagree: a fork, provided that both signatures hold. */
bool certificate_is_fork(const struct certificate *a, const struct certificate *b);

#endif
