/* JOIN and WELCOME: how a node with a token becomes a member. */
#include "replication/trust/statement.h"
#include "replication/wire/message_codec.h"
#include "replication/wire/protobuf.h"
#include "schema/wire/messages.pb-c.h"

/* "" or two capital letters (ISO 3166-1 alpha-2). */
static bool is_country(struct bytes country)
{
    if (country.size == 0) {
        return true;
    }
    return country.size == COUNTRY_SIZE - 1 && country.data[0] >= 'A' && country.data[0] <= 'Z' &&
           country.data[1] >= 'A' && country.data[1] <= 'Z';
}

/* Both ways: every field of `wire` within its format, as views into *out. */
static bool join_take(const Qanat__Wire__Join *wire, struct join_message *out)
{
    out->kind = wire->kind;
    return wire->kind >= NODE_HUB && wire->kind <= NODE_CAMPUS &&
           protobuf_text(wire->name, 1, NODE_NAME_MAX, &out->name) &&
           protobuf_text(wire->country, 0, COUNTRY_SIZE - 1, &out->country) && is_country(out->country) &&
           protobuf_text(wire->endpoint, 0, ENDPOINT_MAX - 1, &out->endpoint) &&
           protobuf_text(wire->region, 0, NODE_NAME_MAX, &out->region) &&
           protobuf_items(wire->sign_public, SIGN_PUBLIC_SIZE, 1, &out->sign_public) &&
           protobuf_items(wire->curve_public, CURVE_PUBLIC_SIZE, 1, &out->curve_public) &&
           protobuf_items(wire->signature, SIGNATURE_SIZE, 1, &out->signature);
}

enum status join_encode(const struct message *message, struct buffer *body)
{
    const struct join_message *join = &message->join;
    Qanat__Wire__Join wire = QANAT__WIRE__JOIN__INIT;
    struct join_message checked;

    wire.name = protobuf_data(join->name);
    wire.country = protobuf_data(join->country);
    wire.endpoint = protobuf_data(join->endpoint);
    wire.region = protobuf_data(join->region);
    wire.kind = join->kind;
    wire.sign_public = protobuf_data(join->sign_public);
    wire.curve_public = protobuf_data(join->curve_public);
    wire.signature = protobuf_data(join->signature);
    if (!join_take(&wire, &checked)) {
        return S_INVALID;
    }
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status join_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__join__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    return join_take((const Qanat__Wire__Join *)base, &out->join) ? S_OK : S_INVALID;
}

/* Both ways: the fields of `wire` but the statements. A refusal comes alone. */
static bool welcome_take(const Qanat__Wire__Welcome *wire, struct welcome_message *out)
{
    if (!protobuf_text(wire->refusal, 0, REASON_MAX, &out->refusal)) {
        return false;
    }
    out->federation = protobuf_bytes(wire->federation);
    out->federation_name = protobuf_bytes(wire->federation_name);
    out->authority_public = protobuf_bytes(wire->authority_public);
    out->secret = protobuf_bytes(wire->secret);
    if (out->refusal.size > 0) {
        return out->federation.size == 0 && out->federation_name.size == 0 &&
               out->authority_public.size == 0 && out->secret.size == 0 && wire->n_lengths == 0 &&
               wire->statements.len == 0;
    }
    return protobuf_items(wire->federation, sizeof(struct id), 1, &out->federation) &&
           protobuf_text(wire->federation_name, 1, NODE_NAME_MAX, &out->federation_name) &&
           protobuf_items(wire->authority_public, SIGN_PUBLIC_SIZE, 1, &out->authority_public) &&
           out->secret.size >= sizeof(struct id) && out->secret.size <= SECRET_SIZE_MAX;
}

enum status welcome_encode(const struct message *message, struct buffer *body)
{
    const struct welcome_message *welcome = &message->welcome;
    Qanat__Wire__Welcome wire = QANAT__WIRE__WELCOME__INIT;
    uint32_t lengths[STATEMENTS_MAX];
    struct buffer statements;
    struct welcome_message checked;
    enum status status = S_OK;

    if (welcome->count > STATEMENTS_MAX) {
        return S_TOO_LARGE;
    }
    buffer_init(&statements);
    for (size_t i = 0; i < welcome->count && status == S_OK; i++) {
        struct bytes statement = welcome->statements[i];
        lengths[i] = (uint32_t)statement.size;
        if (statement.size == 0) {
            status = S_INVALID;
        } else if (statement.size > STATEMENT_SIZE_MAX || statements.size + statement.size > BODY_SIZE_MAX) {
            status = S_TOO_LARGE;
        } else {
            buffer_append(&statements, statement.data, statement.size);
        }
    }
    wire.federation = protobuf_data(welcome->federation);
    wire.federation_name = protobuf_data(welcome->federation_name);
    wire.authority_public = protobuf_data(welcome->authority_public);
    wire.secret = protobuf_data(welcome->secret);
    wire.n_lengths = welcome->count;
    wire.lengths = lengths;
    wire.statements = protobuf_data(buffer_bytes(&statements));
    wire.refusal = protobuf_data(welcome->refusal);
    if (status == S_OK && !welcome_take(&wire, &checked)) {
        status = S_INVALID;
    }
    if (status == S_OK) {
        protobuf_encode(&wire.base, body);
    }
    buffer_release(&statements);
    return status;
}

enum status welcome_decode(struct bytes body, struct arena *arena, struct message *out)
{
    struct welcome_message *welcome = &out->welcome;
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__welcome__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Welcome *wire = (const Qanat__Wire__Welcome *)base;
    struct bytes rest = protobuf_bytes(wire->statements);
    size_t count = wire->n_lengths;
    if (count > STATEMENTS_MAX) {
        return S_TOO_LARGE;
    }
    if (!welcome_take(wire, welcome)) {
        return S_INVALID;
    }
    struct bytes *statements = arena_alloc(arena, count * sizeof *statements);
    if (!statements) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        if (wire->lengths[i] == 0 || wire->lengths[i] > STATEMENT_SIZE_MAX ||
            !bytes_take(&rest, wire->lengths[i], &statements[i])) {
            return S_INVALID;
        }
    }
    welcome->statements = statements;
    welcome->count = count;
    return rest.size == 0 ? S_OK : S_INVALID;
}
