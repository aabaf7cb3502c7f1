#include "replication/wire/protobuf.h"

#include "replication/base/check.h"

/* The arena as protobuf-c's allocator; remembers a refusal, which protobuf-c reports like a malformed
 * message. */
struct budget {
    struct arena *arena;
    bool is_spent;
};

static void *budget_alloc(void *ctx, size_t size)
{
    struct budget *budget = ctx;
    void *data = arena_alloc(budget->arena, size);

    budget->is_spent = budget->is_spent || !data;
    return data;
}

static void budget_free(void *ctx, void *data)
{
    (void)ctx, (void)data;
}

void protobuf_encode(const ProtobufCMessage *message, struct buffer *out)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data = buffer_reserve(out, size);
    size_t packed = protobuf_c_message_pack(message, data);

    CHECK(packed == size);
    out->size += size;
}

/* Wire types of protobuf's encoding; 3 and 4 were groups, which nobody sends. */
enum { WIRE_VARINT = 0, WIRE_64_BIT = 1, WIRE_LENGTH = 2, WIRE_32_BIT = 5 };

/* Moves `in` over one field. */
static bool field_skip(struct bytes *in)
{
    struct bytes skipped;
    uint64_t tag, number;

    if (!bytes_take_varint(in, &tag) || tag >> 3 == 0 || tag > UINT32_MAX) {
        return false;
    }
    switch (tag & 7) {
    case WIRE_VARINT:
        return bytes_take_varint(in, &number);
    case WIRE_64_BIT:
        return bytes_take(in, 8, &skipped);
    case WIRE_LENGTH:
        return bytes_take_varint(in, &number) && number <= in->size &&
               bytes_take(in, (size_t)number, &skipped);
    case WIRE_32_BIT:
        return bytes_take(in, 4, &skipped);
    default:
        return false;
    }
}

enum status protobuf_decode(const ProtobufCMessageDescriptor *type, struct bytes in, size_t fields_max,
                            struct arena *arena, ProtobufCMessage **out)
{
    struct budget budget = {.arena = arena, .is_spent = false};
    ProtobufCAllocator allocator = {.alloc = budget_alloc, .free = budget_free, .allocator_data = &budget};
    struct bytes rest = in;

    for (size_t fields = 0; rest.size > 0; fields++) {
        if (fields == fields_max) {
            return S_TOO_LARGE;
        }
        if (!field_skip(&rest)) {
            return S_INVALID;
        }
    }
    *out = protobuf_c_message_unpack(type, &allocator, in.size, in.data);
    if (*out) {
        return S_OK;
    }
    return budget.is_spent ? S_TOO_LARGE : S_INVALID;
}

struct bytes protobuf_bytes(ProtobufCBinaryData data)
{
    return bytes_of(data.data, data.len);
}

ProtobufCBinaryData protobuf_data(struct bytes bytes)
{
    /* protobuf-c's type serves reading and writing and so is not const; encoding only reads. */
    ProtobufCBinaryData data = {.len = bytes.size, .data = (uint8_t *)(uintptr_t)bytes.data};
    return data;
}

bool protobuf_items(ProtobufCBinaryData data, size_t item_size, size_t count, struct bytes *out)
{
    CHECK(item_size > 0);
    *out = protobuf_bytes(data);
    return data.len % item_size == 0 && data.len / item_size == count;
}

bool protobuf_text(ProtobufCBinaryData data, size_t min, size_t max, struct bytes *out)
{
    *out = protobuf_bytes(data);
    if (data.len < min || data.len > max || !utf8_is_valid(*out)) {
        return false;
    }
    for (size_t i = 0; i < data.len; i++) {
        if (data.data[i] < 0x20 || data.data[i] == 0x7f) {
            return false;
        }
    }
    return true;
}
