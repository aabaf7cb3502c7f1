/* frame.h: one frame on the wire: a head, then the body, compressed when that is shorter.
 *
 *   byte 0     WIRE_VERSION
 *   byte 1     message type (message.h)
 *   byte 2     1 when the body is zstd-compressed, else 0
 *   varint     size of the body, decompressed (<= BODY_SIZE_MAX)
 *   rest       body
 *
 * Decoding is bounded before it allocates: frame size, declared size, zstd window; then one zstd frame (RFC
 * 8878), which says in its own head how much it unpacks to, must give exactly the declared size and end where the
 * frame ends. */
#ifndef QANAT_WIRE_FRAME_H
#define QANAT_WIRE_FRAME_H

#include "replication/base/arena.h"
#include "replication/base/limits.h"
#include "replication/base/status.h"

enum { WIRE_VERSION = 1, FRAME_HEAD_MAX = 6 };

struct frame {
    uint8_t type;
    struct bytes body;
};

/* Appends the frame of `type` around `body` to `out`; S_TOO_LARGE when it would pass FRAME_SIZE_MAX (out
 * unchanged). */
enum status frame_encode(uint8_t type, struct bytes body, struct buffer *out);

/* The same for a body in columns: the compressor starts a block of its own at each of `cuts` (ascending
 * offsets into the body), so that columns of different nature do not share one entropy table. A decoder
 * cannot tell the difference. When the frame does not fit, `size_out` still says how large it would have
 * been. */
enum status frame_encode_columns(uint8_t type, struct bytes body, const size_t *cuts, size_t cut_count,
                                 struct buffer *out, size_t *size_out);

/* The same for a body that carries files, made where it stands: frame_begin_content() leaves room for the head in
 * `out`, the caller appends the body, frame_end_content() makes both a frame. Film and sound, where a sample says that
 * compressing is in vain, or the caller knows (`is_dense`), go as they are, without a copy. On failure `out` ends at `start`. */
size_t frame_begin_content(struct buffer *out);
enum status frame_end_content(uint8_t type, size_t start, bool is_dense, struct buffer *out);

/* Reads one whole frame. The body is borrowed from `in` or lives in `arena`. S_INVALID, S_VERSION,
 * S_TOO_LARGE. */
enum status frame_decode(struct bytes in, struct arena *arena, struct frame *out);

#endif
