/* What is signed (Ed25519, RFC 8032), 166 bytes:
 *
 *   domain (21, with NUL) | federation (16) | topic (1) node (16) incarnation (16) | seq (8) count (8) digest
 * (32) stamp (8)
 *
 * What travels is the last four and the signature: who speaks of a certificate knows its stream. */
#include "replication/stream/certificate.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/base/limits.h"

enum { HEAD_SIZE = 8 + 8 + 32 + 8 };

static const char sign_domain[] = "qanat certificate v1";

enum { SIGNED_SIZE = sizeof sign_domain + 16 + STREAM_ID_SIZE + HEAD_SIZE };

_Static_assert(CERTIFICATE_SIZE == HEAD_SIZE + SIGNATURE_SIZE, "the layout of certificate.h");
_Static_assert(SIGNATURE_SIZE == crypto_sign_BYTES, "Ed25519");
_Static_assert(SIGN_SECRET_SIZE == crypto_sign_SECRETKEYBYTES, "Ed25519, libsodium's form");

static void u64_put(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t u64_get(const uint8_t *in)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)in[i] << (8 * i);
    }
    return value;
}

static void head_encode(const struct stream_head *head, uint8_t out[HEAD_SIZE])
{
    u64_put(out, head->seq);
    u64_put(out + 8, head->count);
    memcpy(out + 16, head->digest.b, sizeof head->digest.b);
    u64_put(out + 48, head->stamp);
}

static void signed_encode(const struct id *federation, const struct stream_head *head,
                          uint8_t out[SIGNED_SIZE])
{
    memcpy(out, sign_domain, sizeof sign_domain);
    out += sizeof sign_domain;
    memcpy(out, federation->b, sizeof federation->b);
    out += sizeof federation->b;
    stream_id_encode(&head->stream, out);
    head_encode(head, out + STREAM_ID_SIZE);
}

/* Every cell has a seq of its own and the last seq always belongs to one. */
static bool head_is_valid(const struct stream_head *head)
{
    return head->seq > 0 && head->seq <= SEQ_MAX && head->count > 0 && head->count <= head->seq;
}

struct certificate certificate_sign(const struct id *federation, const struct stream_head *head,
                                    const uint8_t secret[SIGN_SECRET_SIZE])
{
    struct certificate certificate = {.head = *head};
    uint8_t message[SIGNED_SIZE];

    CHECK(head_is_valid(head));
    signed_encode(federation, head, message);
    int rc = crypto_sign_detached(certificate.signature, NULL, message, sizeof message, secret);
    CHECK(rc == 0);
    return certificate;
}

enum status certificate_verify(const struct certificate *certificate, const struct id *federation,
                               const uint8_t public_key[SIGN_PUBLIC_SIZE])
{
    uint8_t message[SIGNED_SIZE];

    signed_encode(federation, &certificate->head, message);
    if (crypto_sign_verify_detached(certificate->signature, message, sizeof message, public_key) != 0) {
        return S_BAD_SIGNATURE;
    }
    return S_OK;
}

void certificate_encode(const struct certificate *certificate, uint8_t out[CERTIFICATE_SIZE])
{
    head_encode(&certificate->head, out);
    memcpy(out + HEAD_SIZE, certificate->signature, SIGNATURE_SIZE);
}

enum status certificate_decode(struct bytes in, const struct stream_id *stream, struct certificate *out)
{
    if (in.size != CERTIFICATE_SIZE) {
        return S_INVALID;
    }
    out->head.stream = *stream;
    out->head.seq = u64_get(in.data);
    out->head.count = u64_get(in.data + 8);
    memcpy(out->head.digest.b, in.data + 16, sizeof out->head.digest.b);
    out->head.stamp = u64_get(in.data + 48);
    memcpy(out->signature, in.data + HEAD_SIZE, SIGNATURE_SIZE);
    return head_is_valid(&out->head) ? S_OK : S_INVALID;
}

bool certificate_is_fork(const struct certificate *a, const struct certificate *b)
{
    if (stream_id_compare(&a->head.stream, &b->head.stream) != 0 || a->head.seq != b->head.seq) {
        return false;
    }
    return a->head.count != b->head.count || !hash_equal(&a->head.digest, &b->head.digest);
}
