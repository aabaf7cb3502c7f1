#include "replication/base/field.h"

#include <string.h>

#include "replication/base/check.h"

enum { TYPE_BITS = 3, TYPE_MASK = 7 };

static bool fixed_take(struct bytes *in, size_t size, uint64_t *value_out)
{
    struct bytes raw;
    uint64_t value = 0;

    if (!bytes_take(in, size, &raw)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        value |= (uint64_t)raw.data[i] << (8 * i);
    }
    *value_out = value;
    return true;
}

bool field_take(struct bytes *in, struct field *out)
{
    uint64_t tag, size;

    if (!bytes_take_varint(in, &tag) || tag >> TYPE_BITS == 0 || tag >> TYPE_BITS > FIELD_NUMBER_MAX) {
        return false;
    }
    *out = (struct field){.number = (uint32_t)(tag >> TYPE_BITS)};
    switch (tag & TYPE_MASK) {
    case FIELD_VARINT:
        out->type = FIELD_VARINT;
        return bytes_take_varint(in, &out->value);
    case FIELD_FIXED64:
        out->type = FIELD_FIXED64;
        return fixed_take(in, 8, &out->value);
    case FIELD_FIXED32:
        out->type = FIELD_FIXED32;
        return fixed_take(in, 4, &out->value);
    case FIELD_BYTES:
        out->type = FIELD_BYTES;
        return bytes_take_varint(in, &size) && size <= in->size && bytes_take(in, (size_t)size, &out->bytes);
    }
    return false; /* groups and reserved types */
}

bool field_get_raw(const struct field *field, void *out, size_t size)
{
    if (field->type != FIELD_BYTES || field->bytes.size != size) {
        return false;
    }
    memcpy(out, field->bytes.data, size);
    return true;
}

bool field_get_text(const struct field *field, char *out, size_t size)
{
    if (field->type != FIELD_BYTES || field->bytes.size >= size || !utf8_is_valid(field->bytes)) {
        return false;
    }
    memset(out, 0, size);
    if (field->bytes.size) {
        memcpy(out, field->bytes.data, field->bytes.size);
    }
    return true;
}

static void tag_append(struct buffer *out, uint32_t number, enum field_type type)
{
    CHECK(number > 0 && number <= FIELD_NUMBER_MAX);
    buffer_append_varint(out, (uint64_t)number << TYPE_BITS | type);
}

void field_append_number(struct buffer *out, uint32_t number, uint64_t value)
{
    if (value) {
        tag_append(out, number, FIELD_VARINT);
        buffer_append_varint(out, value);
    }
}

void field_append_bytes(struct buffer *out, uint32_t number, struct bytes value)
{
    if (value.size) {
        field_append_element(out, number, value);
    }
}

void field_append_element(struct buffer *out, uint32_t number, struct bytes value)
{
    tag_append(out, number, FIELD_BYTES);
    buffer_append_varint(out, value.size);
    buffer_append(out, value.data, value.size);
}
