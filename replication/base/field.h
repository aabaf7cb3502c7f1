/* field.h: the protobuf wire format, one field at a time, without generated code.
 *
 * For records that are signed or addressed by their bytes (statements, tokens, manifests, catalogue entries):
 * the writer decides every byte, the reader allocates nothing, knows no nesting (a nested message is a bytes
 * field, read with a second loop) and leaves unknown fields alone. The messages themselves are described
 * under schema/wire, so that any protobuf library reads them. */
#ifndef QANAT_BASE_FIELD_H
#define QANAT_BASE_FIELD_H

#include "replication/base/bytes.h"

/* Wire types of the protobuf encoding. */
enum field_type {
    FIELD_VARINT = 0,
    FIELD_FIXED64 = 1,
    FIELD_BYTES = 2,
    FIELD_FIXED32 = 5,
};

enum { FIELD_NUMBER_MAX = (1 << 29) - 1 };

struct field {
    uint32_t number;
    enum field_type type;
    uint64_t value;     /* VARINT, FIXED64, FIXED32 */
    struct bytes bytes; /* BYTES, borrowed */
};

/* Takes one field off the front of `in`; false when it is malformed (or `in` is empty). */
bool field_take(struct bytes *in, struct field *out);

/* Copies the content of a bytes field of exactly `size` bytes; false for any other. */
bool field_get_raw(const struct field *field, void *out, size_t size);

/* Copies a text of less than `size` bytes and fills up with NUL; false when it is longer, no UTF-8 or holds a
 * NUL. */
bool field_get_text(const struct field *field, char *out, size_t size);

/* Appends a field; zero and empty are left out, as proto3 does. */
void field_append_number(struct buffer *out, uint32_t number, uint64_t value);
void field_append_bytes(struct buffer *out, uint32_t number, struct bytes value);

/* As above, but written even when empty: for elements of a repeated field. */
void field_append_element(struct buffer *out, uint32_t number, struct bytes value);

#endif
