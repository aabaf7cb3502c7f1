#include "replication/trust/statement.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/base/field.h"
#include "replication/crdt/cell.h"
#include "replication/trust/identity.h"
#include "replication/trust/rekey.h"
#include "replication/trust/statement_format.h"

enum { KEY_HASH_SIZE = 8 }; /* bytes of the hash in a cell key */

static const char domain[] = "qanat statement 1"; /* its NUL is signed too */

static bool is_all_zero(const void *data, size_t size)
{
    return sodium_is_zero(data, size) == 1;
}

void statement_signed_text(struct bytes body, struct buffer *out)
{
    buffer_append(out, domain, sizeof domain);
    buffer_append(out, body.data, body.size);
}

bool statement_is_plain(enum statement_kind kind)
{
    return kind == STATEMENT_ADMIT || kind == STATEMENT_REVOKE || statement_is_of_keys(kind);
}

bool statement_is_packed(struct bytes packed, size_t min, size_t max)
{
    size_t count = packed.size / sizeof(struct hash);

    for (size_t i = 1; i < count; i++) {
        if (memcmp(packed.data + (i - 1) * sizeof(struct hash), packed.data + i * sizeof(struct hash), sizeof(struct hash)) >= 0) {
            return false;
        }
    }
    return packed.size % sizeof(struct hash) == 0 && count >= min && count <= max;
}

bool statement_terms_are_sound(const struct authority_terms *terms)
{
    return terms->generation >= 1 && terms->generation <= AUTHORITY_GENERATION_MAX &&
           statement_is_packed(terms->keys, 1, AUTHORITY_KEYS_MAX) && terms->threshold >= 1 &&
           terms->threshold <= terms->keys.size / SIGN_PUBLIC_SIZE &&
           statement_is_packed(terms->ratified, 0, AUTHORITY_RATIFIED_MAX);
}

static bool take_packed(const struct field *field, struct bytes *out)
{
    *out = field->bytes;
    return field->type == FIELD_BYTES;
}

static bool take_number(const struct field *field, uint64_t max, uint64_t *out)
{
    *out = field->value;
    return field->type == FIELD_VARINT && field->value <= max;
}

static bool take_reason(const struct field *field, struct bytes *out)
{
    *out = field->bytes;
    return field->type == FIELD_BYTES && field->bytes.size <= STATEMENT_REASON_MAX &&
           utf8_is_valid(field->bytes);
}

static bool take_end(const struct field *field, struct statement *out)
{
    if (field->type != FIELD_BYTES || field->bytes.size != STATEMENT_END_SIZE || out->end_count == STATEMENT_ENDS_MAX) {
        return false;
    }
    out->ends[out->end_count++] = field->bytes;
    return true;
}

struct stream_end statement_end_at(const struct statement *statement, size_t index)
{
    struct stream_end end = {.stream = {.node = statement->node}};
    const uint8_t *at;

    CHECK(index < statement->end_count);
    at = statement->ends[index].data;
    end.stream.topic = (enum topic)at[0];
    memcpy(end.stream.incarnation.b, at + 1, sizeof end.stream.incarnation.b);
    at += 1 + sizeof end.stream.incarnation.b;
    for (unsigned k = 0; k < 8; k++) {
        end.seq |= (uint64_t)at[k] << (8 * k);
    }
    memcpy(end.digest.b, at + 8, sizeof end.digest.b);
    return end;
}

bool statement_end(const struct statement *statement, const struct stream_id *stream, struct stream_end *out)
{
    for (size_t i = 0; i < statement->end_count; i++) {
        const uint8_t *at = statement->ends[i].data;
        if (at[0] == (uint8_t)stream->topic && memcmp(at + 1, stream->incarnation.b, sizeof stream->incarnation.b) == 0) {
            *out = statement_end_at(statement, i);
            out->stream = *stream;
            return true;
        }
    }
    return false;
}

/* One field of an admission; true for a number it does not know. */
static bool admitted_take(const struct field *field, struct roster_node *node)
{
    uint64_t number;

    switch (field->number) {
    case BODY_PARENT:
        return field_get_raw(field, node->parent.b, sizeof node->parent.b);
    case BODY_NODE_KIND:
        if (!take_number(field, NODE_CAMPUS, &number)) {
            return false;
        }
        node->kind = (enum node_kind)number;
        return true;
    case BODY_NAME:
        return field_get_text(field, node->name, sizeof node->name);
    case BODY_COUNTRY:
        return field_get_text(field, node->country, sizeof node->country);
    case BODY_REGION:
        return field_get_text(field, node->region, sizeof node->region);
    case BODY_SIGN_PUBLIC:
        return field_get_raw(field, node->sign_public, sizeof node->sign_public);
    case BODY_CURVE_PUBLIC:
        return field_get_raw(field, node->curve_public, sizeof node->curve_public);
    case BODY_ENDPOINT:
        return field_get_text(field, node->endpoint, sizeof node->endpoint);
    case BODY_TOKEN_PUBLIC:
        return field_get_raw(field, node->token_public, sizeof node->token_public);
    case BODY_CONSENT:
        return field_get_raw(field, node->consent, sizeof node->consent);
    }
    return true;
}

/* One field of what the authority says of itself. */
static bool authority_take(const struct field *field, struct statement *out)
{
    struct authority_terms *terms = &out->terms;
    uint64_t number;

    switch (field->number) {
    case BODY_GENERATION:
        return take_number(field, AUTHORITY_GENERATION_MAX, &out->generation);
    case BODY_PREDECESSOR:
        return field_get_raw(field, terms->predecessor.b, sizeof terms->predecessor.b);
    case BODY_THRESHOLD:
        if (!take_number(field, AUTHORITY_KEYS_MAX, &number)) {
            return false;
        }
        terms->threshold = (uint32_t)number;
        return true;
    case BODY_KEYS:
        return take_packed(field, &terms->keys);
    case BODY_RATIFIED:
        return take_packed(field, &terms->ratified);
    case BODY_ABOUT:
        return field_get_raw(field, out->about.b, sizeof out->about.b);
    case BODY_ADMISSIONS:
        return take_packed(field, &out->admissions);
    }
    return true;
}

/* One field of what a node says of its keys. */
static bool keys_take(const struct field *field, struct statement *out)
{
    uint64_t number;

    switch (field->number) {
    case BODY_TURN:
        if (!take_number(field, ROSTER_TURNS_MAX, &number)) {
            return false;
        }
        out->turn = (uint32_t)number;
        return true;
    case BODY_HAS_KEPT:
        out->has_kept = true;
        return take_number(field, UINT64_MAX, &number);
    case BODY_KEPT:
        return take_packed(field, &out->kept);
    }
    return true;
}

static bool body_take(const struct field *field, struct statement *out, uint64_t *kind_out)
{
    uint64_t number;

    switch (field->number) {
    case BODY_FEDERATION:
        return field_get_raw(field, out->federation.b, sizeof out->federation.b);
    case BODY_SIGNER:
        return field_get_raw(field, out->signer_public, sizeof out->signer_public);
    case BODY_KIND:
        return take_number(field, UINT64_MAX, kind_out);
    case BODY_NODE:
        return field_get_raw(field, out->node.b, sizeof out->node.b);
    case BODY_AT:
        return take_number(field, UINT64_MAX, &out->at_ms);
    case BODY_REASON:
        return take_reason(field, &out->reason);
    case BODY_HAS_ENDS:
        out->has_ends = true;
        return take_number(field, UINT64_MAX, &number);
    case BODY_END:
        return take_end(field, out);
    case BODY_SUCCESSOR:
        return field_get_raw(field, out->successor.b, sizeof out->successor.b);
    }
    if (field->number >= BODY_TURN) {
        return keys_take(field, out);
    }
    return field->number < BODY_GENERATION ? admitted_take(field, &out->admitted) : authority_take(field, out);
}

bool statement_is_of_keys(enum statement_kind kind)
{
    return kind == STATEMENT_REKEY || kind == STATEMENT_GRANT || kind == STATEMENT_CLOSE;
}

static enum status admission_check(struct statement *out, struct report *report)
{
    out->admitted.node = out->node;
    out->admitted.admitted_ms = out->at_ms;
    struct id id = identity_node(out->admitted.sign_public);
    if (!id_equal(&id, &out->node)) {
        return report_set(report, S_INVALID,
                          "An admission names a node that is not the one of its signing key.");
    }
    return roster_node_check(&out->admitted, report);
}

/* What each kind must hold, once all fields were read. */
static enum status body_check(struct statement *out, struct report *report)
{
    bool is_sound = true;

    switch (out->kind) {
    case STATEMENT_ADMIT:
        return admission_check(out, report);
    case STATEMENT_REVOKE:
        return S_OK;
    case STATEMENT_REKEY:
    case STATEMENT_GRANT:
    case STATEMENT_CLOSE:
        return rekey_check(out, report);
    case STATEMENT_AUTHORITY:
        out->terms.generation = out->generation;
        out->terms.at_ms = out->at_ms;
        is_sound = statement_terms_are_sound(&out->terms);
        break;
    case STATEMENT_COSIGN:
        is_sound = !is_all_zero(&out->about, sizeof out->about);
        break;
    case STATEMENT_ADOPT:
        out->parent = out->admitted.parent;
        is_sound = statement_is_packed(out->admissions, 1, AUTHORITY_ADOPT_MAX);
        break;
    }
    return is_sound ? S_OK : report_set(report, S_INVALID, "A statement of the authority is malformed.");
}

static bool kind_is_known(uint64_t kind)
{
    return (kind >= STATEMENT_ADMIT && kind <= STATEMENT_CLOSE) || kind == STATEMENT_AUTHORITY || kind == STATEMENT_COSIGN ||
           kind == STATEMENT_ADOPT;
}

static enum status body_decode(struct bytes body, struct statement *out, struct report *report)
{
    struct field field;
    uint64_t kind = 0;

    out->hash = hash_of(bytes_of(NULL, 0), body);
    while (body.size) {
        if (!field_take(&body, &field) || !body_take(&field, out, &kind)) {
            return report_set(report, S_INVALID, "A roster statement is malformed.");
        }
    }
    if (!kind_is_known(kind)) {
        return report_set(report, kind ? S_VERSION : S_INVALID,
                          "A roster statement is of kind %llu, which this version does not know.",
                          (unsigned long long)kind);
    }
    out->kind = (enum statement_kind)kind;
    return body_check(out, report);
}

/* Splits a statement into body and signature. */
static bool statement_split(struct bytes in, struct bytes *body_out, uint8_t signature_out[SIGNATURE_SIZE])
{
    struct field field;
    bool has_signature = false;

    *body_out = bytes_of(NULL, 0);
    while (in.size) {
        if (!field_take(&in, &field)) {
            return false;
        }
        if (field.number == STATEMENT_BODY && field.type == FIELD_BYTES) {
            *body_out = field.bytes;
        } else if (field.number == STATEMENT_SIGNATURE) {
            has_signature = field_get_raw(&field, signature_out, SIGNATURE_SIZE);
        }
    }
    return has_signature && body_out->size;
}

static enum status statement_take(struct bytes statement, struct statement *out, uint8_t signature_out[SIGNATURE_SIZE], struct bytes *body_out,
                                  struct report *report)
{
    memset(out, 0, sizeof *out);
    if (statement.size > STATEMENT_SIZE_MAX) {
        return report_set(report, S_TOO_LARGE, "A roster statement of %zu bytes is over the limit of %d.",
                          statement.size, STATEMENT_SIZE_MAX);
    }
    if (!statement_split(statement, body_out, signature_out)) {
        return report_set(report, S_INVALID, "A roster statement is malformed.");
    }
    return body_decode(*body_out, out, report);
}

enum status statement_decode(struct bytes statement, struct statement *out, struct report *report)
{
    uint8_t signature[SIGNATURE_SIZE];
    struct buffer text;
    struct bytes body;
    enum status status = statement_take(statement, out, signature, &body, report);

    if (status != S_OK) {
        return status;
    }
    buffer_init(&text);
    statement_signed_text(body, &text);
    int rc = crypto_sign_verify_detached(signature, text.data, text.size, out->signer_public);
    buffer_release(&text);
    if (rc != 0) {
        return report_set(report, S_BAD_SIGNATURE, "The signature of a roster statement does not match.");
    }
    return S_OK;
}

enum status statement_claim(struct bytes statement, struct statement *out)
{
    uint8_t signature[SIGNATURE_SIZE];
    struct bytes body;

    return statement_take(statement, out, signature, &body, NULL);
}

void statement_read(struct bytes statement, struct statement *out)
{
    enum status status = statement_claim(statement, out);

    CHECK(status == S_OK);
}

const char *statement_kind_word(enum statement_kind kind)
{
    switch (kind) {
    case STATEMENT_ADMIT:
        return "admit";
    case STATEMENT_REVOKE:
        return "revoke";
    case STATEMENT_REKEY:
        return "rekey";
    case STATEMENT_GRANT:
        return "grant";
    case STATEMENT_CLOSE:
        return "close";
    case STATEMENT_AUTHORITY:
        return "authority";
    case STATEMENT_COSIGN:
        return "cosign";
    case STATEMENT_ADOPT:
        return "adopt";
    }
    CHECK_NEVER("a kind");
    return "";
}

static struct id key_subject(const struct statement *statement)
{
    struct id subject = statement->node;

    switch (statement->kind) {
    case STATEMENT_ADMIT:
    case STATEMENT_REVOKE:
    case STATEMENT_REKEY:
    case STATEMENT_GRANT:
    case STATEMENT_CLOSE:
        break;
    case STATEMENT_AUTHORITY:
        memcpy(subject.b, statement->terms.predecessor.b, sizeof subject.b);
        break;
    case STATEMENT_COSIGN:
        memcpy(subject.b, statement->about.b, sizeof subject.b);
        break;
    case STATEMENT_ADOPT:
        subject = statement->parent;
        break;
    }
    return subject;
}

enum status statement_cell_key(struct bytes statement, struct buffer *key_out)
{
    struct statement decoded;
    char node[ID_HEX_SIZE], signer[ID_HEX_SIZE], hash[HASH_HEX_SIZE];

    buffer_clear(key_out);
    enum status status = statement_decode(statement, &decoded, NULL);
    if (status != S_OK) {
        return status;
    }
    struct id signer_id = identity_node(decoded.signer_public);
    struct id subject = key_subject(&decoded);
    id_hex(&subject, node);
    id_hex(&signer_id, signer);
    hash_hex(&decoded.hash, hash);
    const char *kind = statement_kind_word(decoded.kind);
    buffer_append(key_out, kind, strlen(kind));
    buffer_append_u8(key_out, KEY_SEPARATOR);
    buffer_append(key_out, node, strlen(node));
    buffer_append_u8(key_out, KEY_SEPARATOR);
    buffer_append(key_out, signer, strlen(signer));
    buffer_append_u8(key_out, KEY_SEPARATOR);
    buffer_append(key_out, hash, 2 * KEY_HASH_SIZE);
    return S_OK;
}
