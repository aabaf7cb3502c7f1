/* ASK, ABSENT, OFFER and PIECES: objects addressed by content. */
#include <string.h>

#include "replication/wire/message_codec.h"
#include "replication/wire/protobuf.h"
#include "schema/wire/messages.pb-c.h"

enum status hashes_encode(const struct message *message, struct buffer *body)
{
    const struct hashes_message *hashes = &message->hashes;
    Qanat__Wire__Hashes wire = QANAT__WIRE__HASHES__INIT;

    if (hashes->count > ASKS_MAX) {
        return S_TOO_LARGE;
    }
    wire.hashes = protobuf_data(bytes_of(hashes->hashes, hashes->count * sizeof(struct hash)));
    wire.ask = hashes->ask;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status hashes_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    struct bytes hashes;
    enum status status =
        protobuf_decode(&qanat__wire__hashes__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Hashes *wire = (const Qanat__Wire__Hashes *)base;
    size_t count = wire->hashes.len / sizeof(struct hash);
    if (count > ASKS_MAX) {
        return S_TOO_LARGE;
    }
    if (!protobuf_items(wire->hashes, sizeof(struct hash), count, &hashes)) {
        return S_INVALID;
    }
    /* struct hash is bytes alone, so the received column is the array. */
    out->hashes = (struct hashes_message){.hashes = (const struct hash *)hashes.data, .count = count, .ask = wire->ask};
    return S_OK;
}

enum status offer_encode(const struct message *message, struct buffer *body)
{
    const struct offer_message *offer = &message->offer;
    const size_t size = sizeof(struct hash), coming = offer->have_count, dropped = coming + offer->coming_count;
    Qanat__Wire__Offer wire = QANAT__WIRE__OFFER__INIT;

    if (offer->have_count > ASKS_MAX || offer->coming_count > ASKS_MAX || offer->dropped_count > ASKS_MAX ||
        dropped + offer->dropped_count > ASKS_MAX) {
        return S_TOO_LARGE;
    }
    wire.have = protobuf_data(bytes_of(offer->hashes, offer->have_count * size));
    wire.coming = protobuf_data(bytes_of(offer->coming_count > 0 ? offer->hashes + coming : NULL, offer->coming_count * size));
    wire.dropped = protobuf_data(bytes_of(offer->dropped_count > 0 ? offer->hashes + dropped : NULL, offer->dropped_count * size));
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status offer_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__offer__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Offer *wire = (const Qanat__Wire__Offer *)base;
    const ProtobufCBinaryData columns[] = {wire->have, wire->coming, wire->dropped};
    size_t counts[3], count = 0;
    for (size_t i = 0; i < 3; i++) {
        struct bytes column;
        counts[i] = columns[i].len / sizeof(struct hash);
        count += counts[i];
        if (!protobuf_items(columns[i], sizeof(struct hash), counts[i], &column)) {
            return S_INVALID;
        }
    }
    struct hash *hashes = count <= ASKS_MAX ? arena_alloc(arena, (count + 1) * sizeof *hashes) : NULL;
    if (!hashes) {
        return S_TOO_LARGE;
    }
    out->offer = (struct offer_message){hashes, counts[0], counts[1], counts[2]};
    for (size_t i = 0; i < 3; i++) {
        if (counts[i] > 0) {
            memcpy(hashes, columns[i].data, columns[i].len);
            hashes += counts[i];
        }
    }
    return S_OK;
}

size_t name_size(bool is_short)
{
    return is_short ? SHORT_NAME_SIZE : sizeof(struct hash);
}

bool names_take(struct bytes objects, struct bytes names, size_t count, struct bytes *column_out,
                bool *is_short_out)
{
    *is_short_out = names.size > 0;
    *column_out = *is_short_out ? names : objects;
    return column_out->size == count * name_size(*is_short_out) && (objects.size == 0 || names.size == 0);
}

void name_read(struct bytes column, size_t index, bool is_short, struct hash *name_out)
{
    size_t size = name_size(is_short);

    memset(name_out, 0, sizeof *name_out);
    memcpy(name_out->b, column.data + index * size, size);
}

/* One piece lies within its object and brings something (but an empty object is one empty piece). */
static bool piece_is_valid(const struct piece *piece)
{
    return piece->size <= MEMBER_WHOLE_MAX && piece->offset <= piece->size &&
           piece->data.size <= piece->size - piece->offset && (piece->data.size > 0 || piece->size == 0);
}

static void pieces_join(const struct pieces_message *pieces, size_t total, struct buffer *data)
{
    (void)buffer_reserve(data, total);
    for (size_t i = 0; i < pieces->count; i++) {
        buffer_append(data, pieces->pieces[i].data.data, pieces->pieces[i].data.size);
    }
}

enum status pieces_encode(const struct message *message, struct buffer *body)
{
    const struct pieces_message *pieces = &message->pieces;
    Qanat__Wire__Pieces wire = QANAT__WIRE__PIECES__INIT;
    uint32_t sizes[PIECES_MAX], offsets[PIECES_MAX], lengths[PIECES_MAX];
    struct buffer objects, data;
    enum status status = S_OK;
    size_t total = 0;

    if (pieces->count > PIECES_MAX) {
        return S_TOO_LARGE;
    }
    buffer_init(&objects);
    buffer_init(&data);
    for (size_t i = 0; i < pieces->count && status == S_OK; i++) {
        const struct piece *piece = &pieces->pieces[i];
        total += piece->data.size;
        sizes[i] = piece->size;
        offsets[i] = piece->offset;
        lengths[i] = (uint32_t)piece->data.size;
        if (!piece_is_valid(piece)) {
            status = S_INVALID;
        } else if (total > BODY_SIZE_MAX) {
            status = S_TOO_LARGE;
        } else {
            buffer_append(&objects, piece->object.b, name_size(pieces->has_short_names));
        }
    }
    if (status == S_OK && pieces->count > 1) {
        pieces_join(pieces, total, &data);
    }
    if (status == S_OK) {
        *(pieces->has_short_names ? &wire.names : &wire.objects) = protobuf_data(buffer_bytes(&objects));
        wire.n_sizes = wire.n_offsets = wire.n_lengths = pieces->count;
        wire.sizes = sizes;
        wire.offsets = offsets;
        wire.lengths = lengths;
        wire.data = protobuf_data(pieces->count == 1 ? pieces->pieces[0].data : buffer_bytes(&data));
        protobuf_encode(&wire.base, body);
    }
    buffer_release(&objects);
    buffer_release(&data);
    return status;
}

enum status pieces_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    struct bytes names;
    bool is_short;
    enum status status =
        protobuf_decode(&qanat__wire__pieces__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Pieces *wire = (const Qanat__Wire__Pieces *)base;
    struct bytes data = protobuf_bytes(wire->data);
    size_t count = wire->n_sizes;
    if (count > PIECES_MAX) {
        return S_TOO_LARGE;
    }
    if (wire->n_offsets != count || wire->n_lengths != count ||
        !names_take(protobuf_bytes(wire->objects), protobuf_bytes(wire->names), count, &names, &is_short)) {
        return S_INVALID;
    }
    struct piece *pieces = arena_alloc(arena, count * sizeof *pieces);
    if (!pieces) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        name_read(names, i, is_short, &pieces[i].object);
        pieces[i].size = wire->sizes[i];
        pieces[i].offset = wire->offsets[i];
        if (!bytes_take(&data, wire->lengths[i], &pieces[i].data) || !piece_is_valid(&pieces[i])) {
            return S_INVALID;
        }
    }
    out->pieces = (struct pieces_message){.pieces = pieces, .count = count, .has_short_names = is_short};
    return data.size == 0 ? S_OK : S_INVALID;
}
