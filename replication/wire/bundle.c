#include "replication/wire/bundle.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"

enum { MAGIC_SIZE = 8, COUNTS = 8 };

static const char head_magic[] = "QANATBDL";
static const char end_magic[] = "QANATEND";
static const char sign_domain[] = "qanat bundle v1";

enum { SIGNED_SIZE = sizeof sign_domain + sizeof(struct hash) };

_Static_assert(sizeof head_magic == MAGIC_SIZE + 1 && sizeof end_magic == MAGIC_SIZE + 1, "the layout");

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

void bundle_head_encode(const struct bundle_head *head, uint8_t out[BUNDLE_HEAD_SIZE])
{
    const struct id *ids[] = {&head->federation, &head->from, &head->target};

    memcpy(out, head_magic, MAGIC_SIZE);
    out += MAGIC_SIZE;
    *out++ = BUNDLE_VERSION;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++, out += sizeof ids[i]->b) {
        memcpy(out, ids[i]->b, sizeof ids[i]->b);
    }
    u64_put(out, head->created_ms);
}

enum status bundle_head_decode(const uint8_t in[BUNDLE_HEAD_SIZE], struct bundle_head *out)
{
    struct id *ids[] = {&out->federation, &out->from, &out->target};

    if (memcmp(in, head_magic, MAGIC_SIZE) != 0) {
        return S_INVALID;
    }
    in += MAGIC_SIZE;
    if (*in++ != BUNDLE_VERSION) {
        return S_VERSION;
    }
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++, in += sizeof ids[i]->b) {
        memcpy(ids[i]->b, in, sizeof ids[i]->b);
    }
    out->created_ms = u64_get(in);
    return S_OK;
}

void bundle_counts_encode(const struct bundle_counts *counts, uint8_t out[BUNDLE_COUNTED_SIZE])
{
    const uint64_t numbers[COUNTS] = {counts->streams, counts->cells,        counts->receipts,
                                      counts->objects, counts->left_objects, counts->left_bytes,
                                      counts->volume,  counts->is_last};

    memcpy(out, end_magic, MAGIC_SIZE);
    for (size_t i = 0; i < COUNTS; i++) {
        u64_put(out + MAGIC_SIZE + 8 * i, numbers[i]);
    }
}

static void signed_encode(const struct hash *content, uint8_t out[SIGNED_SIZE])
{
    memcpy(out, sign_domain, sizeof sign_domain);
    memcpy(out + sizeof sign_domain, content->b, sizeof content->b);
}

void bundle_trailer_sign(struct bundle_trailer *trailer, const uint8_t secret[SIGN_SECRET_SIZE])
{
    uint8_t text[SIGNED_SIZE];

    signed_encode(&trailer->content, text);
    CHECK(crypto_sign_detached(trailer->signature, NULL, text, sizeof text, secret) == 0);
}

void bundle_trailer_encode(const struct bundle_trailer *trailer, uint8_t out[BUNDLE_TRAILER_SIZE])
{
    bundle_counts_encode(&trailer->counts, out);
    out += BUNDLE_COUNTED_SIZE;
    memcpy(out, trailer->content.b, sizeof trailer->content.b);
    memcpy(out + sizeof trailer->content.b, trailer->signature, sizeof trailer->signature);
}

enum status bundle_trailer_decode(const uint8_t in[BUNDLE_TRAILER_SIZE], struct bundle_trailer *out)
{
    uint64_t *numbers[COUNTS] = {&out->counts.streams, &out->counts.cells,        &out->counts.receipts,
                                 &out->counts.objects, &out->counts.left_objects, &out->counts.left_bytes,
                                 &out->counts.volume,  &out->counts.is_last};

    if (memcmp(in, end_magic, MAGIC_SIZE) != 0) {
        return S_INVALID;
    }
    for (size_t i = 0; i < COUNTS; i++) {
        *numbers[i] = u64_get(in + MAGIC_SIZE + 8 * i);
    }
    in += BUNDLE_COUNTED_SIZE;
    memcpy(out->content.b, in, sizeof out->content.b);
    memcpy(out->signature, in + sizeof out->content.b, sizeof out->signature);
    return S_OK;
}

enum status bundle_trailer_verify(const struct bundle_trailer *trailer,
                                  const uint8_t public_key[SIGN_PUBLIC_SIZE])
{
    uint8_t text[SIGNED_SIZE];

    signed_encode(&trailer->content, text);
    return crypto_sign_verify_detached(trailer->signature, text, sizeof text, public_key) == 0
               ? S_OK
               : S_BAD_SIGNATURE;
}
