/* bodies.h: message bodies that our encoders refuse to make, for the tests of what decoders refuse. */
#ifndef QANAT_TESTS_REPLICATION_WIRE_BODIES_H
#define QANAT_TESTS_REPLICATION_WIRE_BODIES_H

#include "replication/wire/message.h"
#include "replication/wire/protobuf.h"
#include "tests/kit/kit.h"

/* Decodes the protobuf message `base` as a frame of `type`. What was decoded lives until the next call. */
enum status bodies_decode(enum message_type type, const ProtobufCMessage *base, struct message *out);

/* Encodes and throws away; `out` of message_encode() must stay empty unless S_OK. */
enum status bodies_encode(const struct message *message);

/* A borrowed field of `size` bytes that are all `byte`, up to 64 KiB; overwritten by the next call with the
 * same `slot` (0 to 3). */
ProtobufCBinaryData bodies_fill(unsigned slot, int byte, size_t size);

/* Frees what bodies_decode() keeps; a cmocka group teardown. */
int bodies_end(void **state);

#endif
