/* message_decode(): the first byte is the message's type, the rest its body, so that the fuzzer need not
 * learn to compress. What decodes must encode, and its encoding must be a fixed point. */
#include "tests/fuzz/fuzz.h"

#include "replication/base/check.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

const char fuzz_name[] = "message";

static void encode_again(const struct message *message)
{
    struct arena arena;
    struct buffer first, second;
    struct message back;

    arena_init(&arena, MESSAGE_ARENA_SIZE);
    buffer_init(&first);
    buffer_init(&second);
    CHECK(message_encode(message, &first) == S_OK);
    CHECK(message_decode(buffer_bytes(&first), &arena, &back) == S_OK);
    CHECK(message_encode(&back, &second) == S_OK);
    CHECK(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    arena_release(&arena);
    buffer_release(&first);
    buffer_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buffer frame;
    struct message message;

    if (size == 0 || size > FRAME_SIZE_MAX / 2) {
        return 0;
    }
    arena_init(&arena, MESSAGE_ARENA_SIZE);
    buffer_init(&frame);
    if (frame_encode(data[0], bytes_of(data + 1, size - 1), &frame) == S_OK &&
        message_decode(buffer_bytes(&frame), &arena, &message) == S_OK) {
        encode_again(&message);
    }
    CHECK(arena.used <= arena.size_max);
    arena_release(&arena);
    buffer_release(&frame);
    return 0;
}
