/* protobuf.h: protobuf-c behind bounds, for everything that decodes bytes from outside.
 *
 * protobuf-c has no limit of its own: two bytes of input can cost it 232 bytes of memory, and message types
 * that contain themselves recurse as deep as the input says. So a decode here first walks the top level of
 * the input without allocating (number of fields, wire types, lengths), and then lets protobuf-c allocate
 * from the caller's arena only. No type of ours contains itself. Text is declared as bytes in our .proto
 * files and checked with protobuf_text(). */
#ifndef QANAT_WIRE_PROTOBUF_H
#define QANAT_WIRE_PROTOBUF_H

#include <protobuf-c/protobuf-c.h>

#include "replication/base/arena.h"
#include "replication/base/status.h"

/* Fields a flat message may have at most, unknown ones included: lists are columns. */
enum { PROTOBUF_FIELDS_FLAT = 64 };

/* Appends the encoding of `message` to `out`. */
void protobuf_encode(const ProtobufCMessage *message, struct buffer *out);

/* Decodes `in` as `type` with at most `fields_max` fields at the top level. All memory is the arena's;
 * nothing is to be freed. S_INVALID when malformed, S_TOO_LARGE over `fields_max` or the arena's bound. */
enum status protobuf_decode(const ProtobufCMessageDescriptor *type, struct bytes in, size_t fields_max,
                            struct arena *arena, ProtobufCMessage **out);

/* Borrowed views, both ways. */
struct bytes protobuf_bytes(ProtobufCBinaryData data);
ProtobufCBinaryData protobuf_data(struct bytes bytes);

/* Takes `data` as `item_size`-byte items into *out: false unless there are exactly `count`. */
bool protobuf_items(ProtobufCBinaryData data, size_t item_size, size_t count, struct bytes *out);

/* Takes `data` as text: false unless min to max bytes of UTF-8 without control characters. */
bool protobuf_text(ProtobufCBinaryData data, size_t min, size_t max, struct bytes *out);

#endif
