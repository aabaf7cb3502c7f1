/* ASK_FROM and PATCHES: objects told by what the asker holds already. */
#include <string.h>

#include "replication/package/patch.h"
#include "replication/wire/message_codec.h"
#include "replication/wire/protobuf.h"
#include "schema/wire/messages.pb-c.h"

enum status ask_from_encode(const struct message *message, struct buffer *body)
{
    const struct ask_from_message *ask = &message->ask_from;
    Qanat__Wire__AskFrom wire = QANAT__WIRE__ASK_FROM__INIT;
    uint32_t counts[ASK_FROM_HASHES_MAX];
    struct buffer objects, bases;
    enum status status = ask->count <= ASK_FROM_HASHES_MAX ? S_OK : S_TOO_LARGE;
    size_t hashes = ask->count;

    buffer_init(&objects);
    buffer_init(&bases);
    for (size_t i = 0; i < ask->count && status == S_OK; i++) {
        const struct ask_from *one = &ask->asks[i];

        counts[i] = (uint32_t)one->base_count;
        hashes += one->base_count;
        if (one->base_count == 0 || one->base_count > BASES_MAX) {
            status = S_INVALID;
        } else if (hashes > ASK_FROM_HASHES_MAX) {
            status = S_TOO_LARGE;
        } else {
            buffer_append(&objects, one->object.b, sizeof one->object);
            buffer_append(&bases, one->bases, one->base_count * sizeof *one->bases);
        }
    }
    if (status == S_OK) {
        wire.objects = protobuf_data(buffer_bytes(&objects));
        wire.n_base_counts = ask->count;
        wire.base_counts = counts;
        wire.bases = protobuf_data(buffer_bytes(&bases));
        wire.ask = ask->ask;
        protobuf_encode(&wire.base, body);
    }
    buffer_release(&objects);
    buffer_release(&bases);
    return status;
}

enum status ask_from_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    struct bytes objects, bases, one;
    enum status status =
        protobuf_decode(&qanat__wire__ask_from__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__AskFrom *wire = (const Qanat__Wire__AskFrom *)base;
    size_t count = wire->n_base_counts;
    if (count + wire->bases.len / sizeof(struct hash) > ASK_FROM_HASHES_MAX) {
        return S_TOO_LARGE;
    }
    bases = protobuf_bytes(wire->bases);
    struct ask_from *asks = arena_alloc(arena, count * sizeof *asks + 1);
    if (!protobuf_items(wire->objects, sizeof(struct hash), count, &objects)) {
        return S_INVALID;
    }
    for (size_t i = 0; asks && i < count; i++) {
        size_t base_count = wire->base_counts[i];

        if (base_count == 0 || base_count > BASES_MAX ||
            !bytes_take(&bases, base_count * sizeof(struct hash), &one)) {
            return S_INVALID;
        }
        memcpy(asks[i].object.b, objects.data + i * sizeof(struct hash), sizeof(struct hash));
        memcpy(asks[i].bases, one.data, one.size);
        asks[i].base_count = base_count;
    }
    out->ask_from = (struct ask_from_message){.asks = asks, .count = count, .ask = wire->ask};
    if (!asks) {
        return S_TOO_LARGE;
    }
    return bases.size == 0 ? S_OK : S_INVALID;
}

/* One piece lies within its object and brings something. */
static bool piece_is_valid(const struct patched_piece *piece)
{
    return piece->size <= MEMBER_WHOLE_MAX && piece->offset <= piece->size && piece->length > 0 &&
           piece->length <= piece->size - piece->offset && piece->bases < 1u << BASES_MAX;
}

enum status patches_encode(const struct message *message, struct buffer *body)
{
    const struct patches_message *patches = &message->patches;
    Qanat__Wire__Patches wire = QANAT__WIRE__PATCHES__INIT;
    uint8_t names[PATCHED_MAX * sizeof(struct hash)];
    uint32_t sizes[PATCHED_MAX], offsets[PATCHED_MAX], lengths[PATCHED_MAX], bases[PATCHED_MAX];
    size_t total = 0, size = name_size(patches->has_short_names);

    if (patches->count > PATCHED_MAX || patches->chosen_count > CHOSEN_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < patches->count; i++) {
        const struct patched_piece *piece = &patches->pieces[i];

        if (!piece_is_valid(piece)) {
            return S_INVALID;
        }
        memcpy(names + i * size, piece->object.b, size);
        sizes[i] = piece->size;
        offsets[i] = piece->offset;
        lengths[i] = piece->length;
        bases[i] = piece->bases;
        total += piece->length;
    }
    if (total > PATCH_CONTENT_MAX) {
        return S_TOO_LARGE;
    }
    *(patches->has_short_names ? &wire.names : &wire.objects) =
        protobuf_data(bytes_of(names, patches->count * size));
    wire.n_sizes = wire.n_offsets = wire.n_lengths = wire.n_bases = patches->count;
    wire.sizes = sizes;
    wire.offsets = offsets;
    wire.lengths = lengths;
    wire.bases = bases;
    wire.patch = protobuf_data(patches->patch);
    wire.chosen = protobuf_data(bytes_of(patches->chosen, patches->chosen_count * sizeof(struct hash)));
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status patches_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    struct bytes names, chosen;
    bool is_short;
    enum status status =
        protobuf_decode(&qanat__wire__patches__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);
    size_t total = 0;

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Patches *wire = (const Qanat__Wire__Patches *)base;
    size_t count = wire->n_sizes;
    if (count > PATCHED_MAX) {
        return S_TOO_LARGE;
    }
    if (wire->n_offsets != count || wire->n_lengths != count || wire->n_bases != count ||
        !names_take(protobuf_bytes(wire->objects), protobuf_bytes(wire->names), count, &names, &is_short)) {
        return S_INVALID;
    }
    struct patched_piece *pieces = arena_alloc(arena, count * sizeof *pieces + 1);
    if (!pieces) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        name_read(names, i, is_short, &pieces[i].object);
        pieces[i].size = wire->sizes[i];
        pieces[i].offset = wire->offsets[i];
        pieces[i].length = wire->lengths[i];
        pieces[i].bases = wire->bases[i];
        if (!piece_is_valid(&pieces[i])) {
            return S_INVALID;
        }
        total += pieces[i].length;
    }
    size_t chosen_count = wire->chosen.len / sizeof(struct hash);
    if (chosen_count > CHOSEN_MAX) {
        return S_TOO_LARGE;
    }
    if (!protobuf_items(wire->chosen, sizeof(struct hash), chosen_count, &chosen)) {
        return S_INVALID;
    }
    out->patches = (struct patches_message){.pieces = pieces,
                                            .count = count,
                                            .patch = protobuf_bytes(wire->patch),
                                            .chosen = (const struct hash *)chosen.data,
                                            .chosen_count = chosen_count,
                                            .has_short_names = is_short};
    return total <= PATCH_CONTENT_MAX ? S_OK : S_TOO_LARGE;
}
