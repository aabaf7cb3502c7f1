#include "node/lrs/signature.h"

#include <sodium.h>
#include <string.h>

#include "node/lrs/compare.h"
#include "node/lrs/digest.h"
#include "node/lrs/normal.h"

/* The three parts of a compact JWS, still encoded. */
struct compact {
    struct bytes header, payload, signature;
    struct bytes signed_text; /* header "." payload */
};

static bool compact_split(struct bytes jws, struct compact *out)
{
    while (jws.size && (jws.data[jws.size - 1] == '\n' || jws.data[jws.size - 1] == '\r')) {
        jws.size--;
    }
    const uint8_t *first = jws.size ? memchr(jws.data, '.', jws.size) : NULL;
    if (!first) {
        return false;
    }
    size_t left = jws.size - (size_t)(first + 1 - jws.data);
    const uint8_t *second = left ? memchr(first + 1, '.', left) : NULL;
    if (!second) {
        return false;
    }
    out->header = bytes_of(jws.data, (size_t)(first - jws.data));
    out->payload = bytes_of(first + 1, (size_t)(second - first - 1));
    out->signature = bytes_of(second + 1, (size_t)(jws.data + jws.size - second - 1));
    out->signed_text = bytes_of(jws.data, (size_t)(second - jws.data));
    return out->signature.size > 0;
}

/* False when it is no base64 of that kind, or the arena is full. */
static bool decode(struct bytes text, int variant, struct arena *arena, struct bytes *out)
{
    size_t size, room = text.size / 4 * 3 + 4;
    uint8_t *data = arena_alloc(arena, room);

    if (!data ||
        sodium_base642bin(data, room, (const char *)text.data, text.size, NULL, &size, NULL, variant) != 0) {
        return false;
    }
    *out = bytes_of(data, size);
    return true;
}

static const char *algorithm_of(const struct tree *header)
{
    static const char *const names[] = {"RS256", "RS384", "RS512"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (tree_is_text(tree_find(header, "alg"), names[i])) {
            return names[i];
        }
    }
    return NULL;
}

static enum status certificate_check(const struct tree *header, const struct compact *compact,
                                     struct arena *arena, struct report *report)
{
    const struct tree *chain = tree_find(header, "x5c");
    struct bytes certificate, signature;

    if (!chain) {
        return S_OK;
    }
    if (chain->type != TREE_ARRAY || !chain->first || chain->first->type != TREE_STRING ||
        !decode(chain->first->text, sodium_base64_VARIANT_ORIGINAL, arena, &certificate) ||
        !decode(compact->signature, sodium_base64_VARIANT_URLSAFE_NO_PADDING, arena, &signature)) {
        return report_set(report, S_INVALID, "signature: the certificate or the signature cannot be decoded");
    }
    if (digest_rsa_check(algorithm_of(header), certificate, compact->signed_text, signature) != S_OK) {
        return report_set(report, S_INVALID, "signature: it was not made with the key of its certificate");
    }
    return S_OK;
}

enum status signature_check(const struct tree *statement, struct bytes jws, struct arena *arena,
                            struct report *report)
{
    struct compact compact;
    struct bytes text;
    struct tree *header, *payload;

    if (!compact_split(jws, &compact) ||
        !decode(compact.header, sodium_base64_VARIANT_URLSAFE_NO_PADDING, arena, &text) ||
        tree_parse(text, arena, &header, NULL) != S_OK) {
        return report_set(report, S_INVALID, "signature: this is no JSON web signature in its compact form");
    }
    if (!algorithm_of(header)) {
        return report_set(report, S_INVALID, "signature: the algorithm must be RS256, RS384 or RS512");
    }
    if (!decode(compact.payload, sodium_base64_VARIANT_URLSAFE_NO_PADDING, arena, &text) ||
        tree_parse(text, arena, &payload, NULL) != S_OK || payload->type != TREE_OBJECT ||
        normal_apply(payload, arena) != S_OK) {
        return report_set(report, S_INVALID, "signature: its payload is no statement");
    }
    if (!statements_are_same(statement, payload)) {
        return report_set(report, S_INVALID,
                          "signature: its payload is another statement than the one it came with");
    }
    return certificate_check(header, &compact, arena, report);
}
