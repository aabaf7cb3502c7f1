#include "replication/trust/token.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/base/field.h"
#include "replication/trust/consent.h"

/* Field numbers of schema/wire/trust.proto. */
enum {
    TOKEN_FEDERATION = 1,
    TOKEN_INVITER = 2,
    TOKEN_INVITER_CURVE = 3,
    TOKEN_AUTHORITY = 4,
    TOKEN_SEED = 5,
    TOKEN_NAME = 6,
    TOKEN_KIND = 7,
    TOKEN_COUNTRY = 8,
    TOKEN_REGION = 9,
    TOKEN_EXPIRES = 10,
    TOKEN_ENDPOINT = 11,
    TOKEN_ANCHOR = 12,
};

enum { CHECKSUM_SIZE = 5, PREFIX_SIZE = 7, PAYLOAD_MAX = (TOKEN_TEXT_MAX - PREFIX_SIZE) / 4 * 3 };

static const char prefix[PREFIX_SIZE + 1] = "qanat1-";

static struct hash checksum_of(struct bytes payload)
{
    return hash_of(bytes_text("qanat token 1"), payload);
}

/* --- writing ------------------------------------------------------------------------------------------ */

/* The texts of a token are those of a node: the same rules. */
static enum status token_check(const struct token *token, struct report *report)
{
    struct roster_node node = {.kind = token->kind, .sign_public = {1}, .curve_public = {1}};

    if (token->endpoint_count > TOKEN_ENDPOINTS_MAX) {
        return report_set(report, S_TOO_LARGE, "A token names at most %d endpoints.", TOKEN_ENDPOINTS_MAX);
    }
    memcpy(node.name, token->name, sizeof node.name);
    memcpy(node.country, token->country, sizeof node.country);
    memcpy(node.region, token->region, sizeof node.region);
    enum status status = roster_node_check(&node, report);
    for (size_t i = 0; status == S_OK && i < token->endpoint_count; i++) {
        memcpy(node.endpoint, token->endpoints[i], sizeof node.endpoint);
        status = node.endpoint[0] ? roster_node_check(&node, report) : S_INVALID;
    }
    return status;
}

static void token_write(const struct token *token, struct buffer *out)
{
    field_append_bytes(out, TOKEN_FEDERATION, bytes_of(token->federation.b, sizeof token->federation.b));
    field_append_bytes(out, TOKEN_INVITER, bytes_of(token->inviter.b, sizeof token->inviter.b));
    field_append_bytes(out, TOKEN_INVITER_CURVE, bytes_of(token->inviter_curve, sizeof token->inviter_curve));
    field_append_bytes(out, TOKEN_AUTHORITY,
                       bytes_of(token->authority_public, sizeof token->authority_public));
    field_append_bytes(out, TOKEN_SEED, bytes_of(token->seed, sizeof token->seed));
    field_append_bytes(out, TOKEN_NAME, bytes_text(token->name));
    field_append_number(out, TOKEN_KIND, token->kind);
    field_append_bytes(out, TOKEN_COUNTRY, bytes_text(token->country));
    field_append_bytes(out, TOKEN_REGION, bytes_text(token->region));
    field_append_number(out, TOKEN_EXPIRES, token->expires_ms);
    for (size_t i = 0; i < token->endpoint_count; i++) {
        field_append_element(out, TOKEN_ENDPOINT, bytes_text(token->endpoints[i]));
    }
    if (!sodium_is_zero(token->anchor.b, sizeof token->anchor.b)) {
        field_append_bytes(out, TOKEN_ANCHOR, bytes_of(token->anchor.b, sizeof token->anchor.b));
    }
}

enum status token_encode(const struct token *token, char text_out[TOKEN_TEXT_MAX])
{
    struct buffer payload;
    enum status status = token_check(token, NULL);

    if (status != S_OK) {
        return status;
    }
    buffer_init(&payload);
    token_write(token, &payload);
    struct hash checksum = checksum_of(buffer_bytes(&payload));
    buffer_append(&payload, checksum.b, CHECKSUM_SIZE);
    CHECK(payload.size <= PAYLOAD_MAX); /* four longest endpoints and all texts fit */
    memcpy(text_out, prefix, PREFIX_SIZE);
    sodium_bin2base64(text_out + PREFIX_SIZE, TOKEN_TEXT_MAX - PREFIX_SIZE, payload.data, payload.size,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(payload.data, payload.size);
    buffer_release(&payload);
    return S_OK;
}

/* --- reading ------------------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Copies `text` without blanks; S_INVALID at a character that no token has. */
static enum status text_compact(const char *text, char out[TOKEN_TEXT_MAX], struct report *report)
{
    size_t size = 0;

    for (const char *c = text; *c; c++) {
        if (is_blank(*c)) {
            continue;
        }
        if (!is_base64(*c)) {
            return report_set(
                report, S_INVALID,
                "Character %zu of the token is one that tokens never have. Copy the whole line again.",
                (size_t)(c - text) + 1);
        }
        if (size + 1 == TOKEN_TEXT_MAX) {
            return report_set(report, S_TOO_LARGE, "The token is longer than %d characters.",
                              TOKEN_TEXT_MAX - 1);
        }
        out[size++] = *c;
    }
    out[size] = '\0';
    return S_OK;
}

static enum status prefix_check(const char *text, struct report *report)
{
    if (strncmp(text, prefix, PREFIX_SIZE) == 0) {
        return S_OK;
    }
    if (strncmp(text, "qanat", 5) == 0 && text[5] >= '2' && text[5] <= '9' && text[6] == '-') {
        return report_set(report, S_VERSION,
                          "The token was made by a newer version of Qanat: update this node first.");
    }
    return report_set(report, S_INVALID, "This is no join token: it does not begin with \"%s\".", prefix);
}

static bool token_take(const struct field *field, struct token *out)
{
    switch (field->number) {
    case TOKEN_FEDERATION:
        return field_get_raw(field, out->federation.b, sizeof out->federation.b);
    case TOKEN_INVITER:
        return field_get_raw(field, out->inviter.b, sizeof out->inviter.b);
    case TOKEN_INVITER_CURVE:
        return field_get_raw(field, out->inviter_curve, sizeof out->inviter_curve);
    case TOKEN_AUTHORITY:
        return field_get_raw(field, out->authority_public, sizeof out->authority_public);
    case TOKEN_ANCHOR:
        return field_get_raw(field, out->anchor.b, sizeof out->anchor.b);
    case TOKEN_SEED:
        return field_get_raw(field, out->seed, sizeof out->seed);
    case TOKEN_NAME:
        return field_get_text(field, out->name, sizeof out->name);
    case TOKEN_KIND:
        out->kind = field->value <= NODE_CAMPUS ? (enum node_kind)field->value : (enum node_kind)0;
        return field->type == FIELD_VARINT;
    case TOKEN_COUNTRY:
        return field_get_text(field, out->country, sizeof out->country);
    case TOKEN_REGION:
        return field_get_text(field, out->region, sizeof out->region);
    case TOKEN_EXPIRES:
        out->expires_ms = field->value;
        return field->type == FIELD_VARINT;
    case TOKEN_ENDPOINT:
        return out->endpoint_count < TOKEN_ENDPOINTS_MAX &&
               field_get_text(field, out->endpoints[out->endpoint_count++], ENDPOINT_MAX);
    }
    return true;
}

static enum status payload_read(struct bytes payload, struct token *out, struct report *report)
{
    struct field field;

    while (payload.size) {
        if (!field_take(&payload, &field) || !token_take(&field, out)) {
            return report_set(report, S_INVALID, "The token's content is malformed.");
        }
    }
    return token_check(out, report);
}

enum status token_decode(const char *text, struct token *out, struct report *report)
{
    char compact[TOKEN_TEXT_MAX];
    uint8_t raw[TOKEN_TEXT_MAX];
    size_t size = 0;

    memset(out, 0, sizeof *out);
    enum status status = text_compact(text, compact, report);
    if (status == S_OK) {
        status = prefix_check(compact, report);
    }
    if (status != S_OK) {
        return status;
    }
    const char *body = compact + PREFIX_SIZE;
    int rc = sodium_base642bin(raw, sizeof raw, body, strlen(body), NULL, &size, NULL,
                               sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    bool is_whole = rc == 0 && size > CHECKSUM_SIZE;
    if (is_whole) {
        size -= CHECKSUM_SIZE;
        struct hash checksum = checksum_of(bytes_of(raw, size));
        is_whole = memcmp(checksum.b, raw + size, CHECKSUM_SIZE) == 0;
    }
    if (!is_whole) {
        return report_set(
            report, S_BAD_DIGEST,
            "The token's checksum does not match: a character is mistyped or missing. Copy the whole "
            "line again.");
    }
    status = payload_read(bytes_of(raw, size), out, report);
    sodium_memzero(raw, sizeof raw);
    sodium_memzero(compact, sizeof compact);
    return status;
}

/* --- use ---------------------------------------------------------------------------------------------- */

bool token_is_open(const struct token *token, uint64_t wall_ms)
{
    return token->expires_ms == 0 || wall_ms <= token->expires_ms;
}

void token_curve_pair(const uint8_t seed[TOKEN_SEED_SIZE], uint8_t public_out[CURVE_PUBLIC_SIZE],
                      uint8_t secret_out[CURVE_SECRET_SIZE])
{
    struct hash secret = hash_of(bytes_text("qanat token curve 1"), bytes_of(seed, TOKEN_SEED_SIZE));

    memcpy(secret_out, secret.b, CURVE_SECRET_SIZE);
    int rc = crypto_scalarmult_base(public_out, secret_out);
    CHECK(rc == 0);
    sodium_memzero(&secret, sizeof secret);
}

static void token_public(const struct token *token, uint8_t public_out[CURVE_PUBLIC_SIZE])
{
    uint8_t secret[CURVE_SECRET_SIZE];

    token_curve_pair(token->seed, public_out, secret);
    sodium_memzero(secret, sizeof secret);
}

enum status token_join(const struct token *token, const struct identity *identity, const char *endpoint,
                       struct roster_node *node_out)
{
    if (strlen(endpoint) >= ENDPOINT_MAX) {
        return S_TOO_LARGE;
    }
    memset(node_out, 0, sizeof *node_out);
    node_out->node = identity->node;
    node_out->parent = token->inviter;
    node_out->kind = token->kind;
    memcpy(node_out->name, token->name, sizeof node_out->name);
    memcpy(node_out->country, token->country, sizeof node_out->country);
    memcpy(node_out->region, token->region, sizeof node_out->region);
    memcpy(node_out->endpoint, endpoint, strlen(endpoint));
    memcpy(node_out->sign_public, identity->sign_public, SIGN_PUBLIC_SIZE);
    memcpy(node_out->curve_public, identity->curve_public, CURVE_PUBLIC_SIZE);
    token_public(token, node_out->token_public);
    consent_sign(&token->federation, node_out, identity->sign_secret);
    return roster_node_check(node_out, NULL);
}

enum status token_verify(const struct token *token, struct roster_node *node, struct report *report)
{
    enum status status = roster_node_check(node, report);

    if (status != S_OK) {
        return status;
    }
    if (strcmp(node->name, token->name) != 0 || node->kind != token->kind) {
        return report_set(report, S_DENIED,
                          "The token is for the %s \"%s\", and \"%s\" (%s) asked to join with it.",
                          node_kind_name(token->kind), token->name, node->name, node_kind_name(node->kind));
    }
    node->node = identity_node(node->sign_public);
    node->parent = token->inviter;
    token_public(token, node->token_public);
    if (consent_verify(&token->federation, node) != S_OK) {
        return report_set(report, S_BAD_SIGNATURE,
                          "The signature of \"%s\" under its request to join does not match.", node->name);
    }
    return S_OK;
}
