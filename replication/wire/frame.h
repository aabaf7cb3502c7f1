/* frame.h: one frame on the wire: a head, then the body, compressed when that is shorter.
 *
 *   byte 0     WIRE_VERSION
 *   byte 1     message type (message.h)
 *   byte 2     1 when the body is zstd-compressed, else 0
 *   varint     size of the body, decompressed (<= BODY_SIZE_MAX)
 *   rest       body
 *
 * Decoding is bounded before it allocates: frame size, declared size, zstd window. */
#ifndef QANAT_WIRE_FRAME_H
#define QANAT_WIRE_FRAME_H

#include "replication/base/arena.h"
#include "replication/base/status.h"

enum { WIRE_VERSION = 1 };

struct frame {
    uint8_t type;
    struct bytes body;
};

/* Appends the frame of `type` around `body` to `out`; S_TOO_LARGE when it would pass FRAME_SIZE_MAX (out unchanged). */
enum status frame_encode(uint8_t type, struct bytes body, struct buffer *out);

/* Reads one whole frame. The body is borrowed from `in` or lives in `arena`. S_INVALID, S_VERSION, S_TOO_LARGE. */
enum status frame_decode(struct bytes in, struct arena *arena, struct frame *out);

#endif
