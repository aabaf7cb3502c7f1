#include "replication/trust/statement_format.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/base/field.h"
#include "replication/trust/rekey.h"
#include "replication/trust/roster_keys.h"

static bool is_all_zero(const void *data, size_t size)
{
    return sodium_is_zero(data, size) == 1;
}

/* An empty slice for a key that is not there, so that it takes no room. */
static struct bytes optional(const void *data, size_t size)
{
    return is_all_zero(data, size) ? bytes_of(NULL, 0) : bytes_of(data, size);
}

/* Signs `body`, appends the statement, and releases the body. */
static enum status body_end(struct buffer *body, const struct signer *signer, struct buffer *out)
{
    struct buffer text;
    uint8_t signature[SIGNATURE_SIZE];

    buffer_init(&text);
    statement_signed_text(buffer_bytes(body), &text);
    int rc = crypto_sign_detached(signature, NULL, text.data, text.size, signer->sign_secret);
    CHECK(rc == 0);
    buffer_release(&text);
    CHECK(body->size + sizeof signature + 8 <= STATEMENT_SIZE_MAX);
    field_append_bytes(out, STATEMENT_BODY, buffer_bytes(body));
    field_append_bytes(out, STATEMENT_SIGNATURE, bytes_of(signature, sizeof signature));
    buffer_release(body);
    return S_OK;
}

/* Starts a body. Whose key it is, the roster judges: a node's key may be a later one. */
static void body_begin(struct buffer *body, const struct id *federation, enum statement_kind kind,
                       const struct signer *signer)
{
    uint8_t public_key[SIGN_PUBLIC_SIZE];

    int rc = crypto_sign_ed25519_sk_to_pk(public_key, signer->sign_secret);
    CHECK(rc == 0);
    buffer_init(body);
    field_append_bytes(body, BODY_FEDERATION, bytes_of(federation->b, sizeof federation->b));
    field_append_bytes(body, BODY_SIGNER, bytes_of(public_key, sizeof public_key));
    field_append_number(body, BODY_KIND, kind);
    if (signer->generation > 0 && kind != STATEMENT_AUTHORITY) {
        field_append_number(body, BODY_GENERATION, signer->generation);
    }
}

/* An admission names the first keys, whatever they are now: the id is made of them. */
static void body_append_node(struct buffer *body, const struct roster_node *node)
{
    struct roster_key first = roster_node_first_key(node);

    field_append_bytes(body, BODY_NODE, bytes_of(node->node.b, sizeof node->node.b));
    field_append_number(body, BODY_AT, node->admitted_ms);
    field_append_bytes(body, BODY_PARENT, optional(node->parent.b, sizeof node->parent.b));
    field_append_number(body, BODY_NODE_KIND, node->kind);
    field_append_bytes(body, BODY_NAME, bytes_text(node->name));
    field_append_bytes(body, BODY_COUNTRY, bytes_text(node->country));
    field_append_bytes(body, BODY_REGION, bytes_text(node->region));
    field_append_bytes(body, BODY_SIGN_PUBLIC, bytes_of(first.sign_public, sizeof first.sign_public));
    field_append_bytes(body, BODY_CURVE_PUBLIC, bytes_of(first.curve_public, sizeof first.curve_public));
    field_append_bytes(body, BODY_ENDPOINT, bytes_text(node->endpoint));
    field_append_bytes(body, BODY_TOKEN_PUBLIC, optional(node->token_public, sizeof node->token_public));
    field_append_bytes(body, BODY_CONSENT, optional(node->consent, sizeof node->consent));
}

enum status statement_admit(const struct id *federation, const struct roster_node *node,
                            const struct signer *signer, struct buffer *out)
{
    struct buffer body;
    struct roster_key first = roster_node_first_key(node);
    struct id id = identity_node(first.sign_public);
    enum status status = roster_node_check(node, NULL);

    if (status == S_OK && !id_equal(&id, &node->node)) {
        status = S_INVALID;
    }
    if (status != S_OK) {
        return status;
    }
    body_begin(&body, federation, STATEMENT_ADMIT, signer);
    body_append_node(&body, node);
    return body_end(&body, signer, out);
}

static void body_append_end(struct buffer *body, const struct stream_end *end)
{
    uint8_t bytes[STATEMENT_END_SIZE], *at = bytes;

    *at++ = (uint8_t)end->stream.topic;
    memcpy(at, end->stream.incarnation.b, sizeof end->stream.incarnation.b);
    at += sizeof end->stream.incarnation.b;
    for (unsigned i = 0; i < 8; i++) {
        *at++ = (uint8_t)(end->seq >> (8 * i));
    }
    memcpy(at, end->digest.b, sizeof end->digest.b);
    CHECK(at + sizeof end->digest.b == bytes + STATEMENT_END_SIZE);
    field_append_bytes(body, BODY_END, bytes_of(bytes, sizeof bytes));
}

enum status statement_revoke(const struct id *federation, const struct id *node, uint64_t wall_ms,
                             const struct revoke_terms *terms, const struct signer *signer,
                             struct buffer *out)
{
    struct buffer body;
    const char *reason = terms->reason ? terms->reason : "";

    if (strlen(reason) > STATEMENT_REASON_MAX || terms->end_count > STATEMENT_ENDS_MAX) {
        return S_TOO_LARGE;
    }
    if (!utf8_is_valid(bytes_text(reason))) {
        return S_INVALID;
    }
    body_begin(&body, federation, STATEMENT_REVOKE, signer);
    field_append_bytes(&body, BODY_NODE, bytes_of(node->b, sizeof node->b));
    field_append_number(&body, BODY_AT, wall_ms);
    field_append_bytes(&body, BODY_REASON, bytes_text(reason));
    if (terms->has_ends) {
        field_append_number(&body, BODY_HAS_ENDS, 1);
    }
    for (size_t i = 0; terms->has_ends && i < terms->end_count; i++) {
        body_append_end(&body, &terms->ends[i]);
    }
    field_append_bytes(&body, BODY_SUCCESSOR, optional(terms->successor.b, sizeof terms->successor.b));
    return body_end(&body, signer, out);
}

/* --- the authority's own -------------------------------------------------------------------------------- */

enum status statement_authority(const struct id *federation, const struct authority_terms *terms,
                                const struct signer *signer, struct buffer *out)
{
    struct buffer body;

    if (!statement_terms_are_sound(terms)) {
        return S_INVALID;
    }
    body_begin(&body, federation, STATEMENT_AUTHORITY, signer);
    field_append_number(&body, BODY_AT, terms->at_ms);
    field_append_number(&body, BODY_GENERATION, terms->generation);
    field_append_bytes(&body, BODY_PREDECESSOR, bytes_of(terms->predecessor.b, sizeof terms->predecessor.b));
    field_append_number(&body, BODY_THRESHOLD, terms->threshold);
    field_append_bytes(&body, BODY_KEYS, terms->keys);
    field_append_bytes(&body, BODY_RATIFIED, terms->ratified);
    return body_end(&body, signer, out);
}

enum status statement_cosign(const struct id *federation, const struct hash *about, uint64_t wall_ms,
                             const struct signer *signer, struct buffer *out)
{
    struct buffer body;

    if (is_all_zero(about, sizeof *about)) {
        return S_INVALID;
    }
    body_begin(&body, federation, STATEMENT_COSIGN, signer);
    field_append_number(&body, BODY_AT, wall_ms);
    field_append_bytes(&body, BODY_ABOUT, bytes_of(about->b, sizeof about->b));
    return body_end(&body, signer, out);
}

enum status statement_adopt(const struct id *federation, const struct id *parent, struct bytes admissions,
                            uint64_t wall_ms, const struct signer *signer, struct buffer *out)
{
    struct buffer body;

    if (!statement_is_packed(admissions, 1, AUTHORITY_ADOPT_MAX)) {
        return S_INVALID;
    }
    body_begin(&body, federation, STATEMENT_ADOPT, signer);
    field_append_number(&body, BODY_AT, wall_ms);
    field_append_bytes(&body, BODY_PARENT, optional(parent->b, sizeof parent->b));
    field_append_bytes(&body, BODY_ADMISSIONS, admissions);
    return body_end(&body, signer, out);
}

/* --- keys ----------------------------------------------------------------------------------------------- */

enum status statement_rekey(const struct id *federation, const struct rekey_terms *terms,
                            const struct signer *signer, struct buffer *out)
{
    struct buffer body;
    struct rekey_pledge pledge = {.federation = *federation, .node = terms->node, .turn = terms->turn};

    if (terms->turn < 1 || terms->turn > ROSTER_TURNS_MAX) {
        return S_INVALID;
    }
    int rc = crypto_sign_ed25519_sk_to_pk(pledge.old_public, signer->sign_secret);
    CHECK(rc == 0);
    memcpy(pledge.sign_public, terms->next->sign_public, sizeof pledge.sign_public);
    memcpy(pledge.curve_public, terms->next->curve_public, sizeof pledge.curve_public);
    rekey_pledge_sign(&pledge, terms->next->sign_secret);
    body_begin(&body, federation, STATEMENT_REKEY, signer);
    field_append_bytes(&body, BODY_NODE, bytes_of(terms->node.b, sizeof terms->node.b));
    field_append_number(&body, BODY_AT, terms->at_ms);
    field_append_bytes(&body, BODY_SIGN_PUBLIC, bytes_of(pledge.sign_public, sizeof pledge.sign_public));
    field_append_bytes(&body, BODY_CURVE_PUBLIC, bytes_of(pledge.curve_public, sizeof pledge.curve_public));
    field_append_bytes(&body, BODY_CONSENT, bytes_of(pledge.signature, sizeof pledge.signature));
    field_append_number(&body, BODY_TURN, terms->turn);
    return body_end(&body, signer, out);
}

enum status statement_grant(const struct id *federation, const struct id *node, const struct hash *rekey,
                            uint64_t wall_ms, const struct signer *signer, struct buffer *out)
{
    struct buffer body;

    if (is_all_zero(rekey, sizeof *rekey)) {
        return S_INVALID;
    }
    body_begin(&body, federation, STATEMENT_GRANT, signer);
    field_append_bytes(&body, BODY_NODE, bytes_of(node->b, sizeof node->b));
    field_append_number(&body, BODY_AT, wall_ms);
    field_append_bytes(&body, BODY_ABOUT, bytes_of(rekey->b, sizeof rekey->b));
    return body_end(&body, signer, out);
}

enum status statement_close(const struct id *federation, const struct close_terms *terms,
                            const struct signer *signer, struct buffer *out)
{
    struct buffer body;

    if (terms->turn < 1 || terms->turn > ROSTER_TURNS_MAX || terms->end_count > STATEMENT_ENDS_MAX ||
        !statement_is_packed(terms->kept, 0, CLOSE_KEPT_MAX)) {
        return S_INVALID;
    }
    body_begin(&body, federation, STATEMENT_CLOSE, signer);
    field_append_bytes(&body, BODY_NODE, bytes_of(terms->node.b, sizeof terms->node.b));
    field_append_number(&body, BODY_AT, terms->at_ms);
    field_append_number(&body, BODY_HAS_ENDS, 1);
    for (size_t i = 0; i < terms->end_count; i++) {
        body_append_end(&body, &terms->ends[i]);
    }
    field_append_number(&body, BODY_TURN, terms->turn);
    if (terms->has_kept) {
        field_append_number(&body, BODY_HAS_KEPT, 1);
        field_append_bytes(&body, BODY_KEPT, terms->kept);
    }
    return body_end(&body, signer, out);
}

/* --- a CLOSE in the place of another ---------------------------------------------------------------------- */

struct amendment {
    struct stream_end ends[STATEMENT_ENDS_MAX];
    size_t end_count;
    struct hash kept[2 * CLOSE_KEPT_MAX];
    size_t kept_count;
};

static bool end_put(struct amendment *amendment, const struct stream_end *end)
{
    for (size_t i = 0; i < amendment->end_count; i++) {
        if (stream_id_compare(&amendment->ends[i].stream, &end->stream) == 0) {
            amendment->ends[i] = amendment->ends[i].seq < end->seq ? *end : amendment->ends[i];
            return true;
        }
    }
    if (amendment->end_count == STATEMENT_ENDS_MAX) {
        return false;
    }
    amendment->ends[amendment->end_count++] = *end;
    return true;
}

/* Both are packed and hold at most CLOSE_KEPT_MAX. */
static void kept_join(struct amendment *amendment, struct bytes first, struct bytes second)
{
    struct hash *kept = amendment->kept;
    size_t count = (first.size + second.size) / sizeof *kept;

    if (first.size > 0) {
        memcpy(kept, first.data, first.size);
    }
    if (second.size > 0) {
        memcpy(kept + first.size / sizeof *kept, second.data, second.size);
    }
    if (count > 0) {
        qsort(kept, count, sizeof *kept, hash_order);
    }
    for (size_t i = 0; i < count; i++) {
        if (amendment->kept_count == 0 || !hash_equal(&kept[amendment->kept_count - 1], &kept[i])) {
            kept[amendment->kept_count++] = kept[i];
        }
    }
}

enum status statement_amend(const struct id *federation, struct bytes closing, const struct close_terms *more, const struct signer *signer,
                            struct buffer *out)
{
    struct amendment amendment = {.end_count = 0};
    struct statement first;
    bool has_room = true;

    statement_read(closing, &first);
    if (first.kind != STATEMENT_CLOSE || !first.has_kept || !more->has_kept || first.at_ms == 0 || !statement_is_packed(more->kept, 0, CLOSE_KEPT_MAX)) {
        return S_INVALID;
    }
    for (size_t i = 0; i < first.end_count; i++) {
        struct stream_end end = statement_end_at(&first, i);
        has_room = has_room && end_put(&amendment, &end);
    }
    for (size_t i = 0; i < more->end_count; i++) {
        has_room = has_room && end_put(&amendment, &more->ends[i]);
    }
    kept_join(&amendment, first.kept, more->kept);
    if (!has_room || amendment.kept_count > CLOSE_KEPT_MAX) {
        return S_TOO_LARGE;
    }
    struct close_terms terms = {.node = first.node,
                                .turn = first.turn,
                                .ends = amendment.ends,
                                .end_count = amendment.end_count,
                                .has_kept = true,
                                .kept = bytes_of(amendment.kept, amendment.kept_count * sizeof *amendment.kept),
                                .at_ms = first.at_ms - 1};
    return statement_close(federation, &terms, signer, out);
}
