#include "tests/replication/wire/bodies.h"

#include <string.h>

#include "replication/wire/frame.h"

static struct arena arena;
static struct buffer body, frame;

enum status bodies_decode(enum message_type type, const ProtobufCMessage *base, struct message *out)
{
    if (!arena.size_max) {
        arena_init(&arena, MESSAGE_ARENA_SIZE);
    }
    buffer_clear(&body);
    buffer_clear(&frame);
    arena_clear(&arena);
    protobuf_encode(base, &body);
    assert_int_equal(frame_encode((uint8_t)type, buffer_bytes(&body), &frame), S_OK);
    return message_decode(buffer_bytes(&frame), &arena, out);
}

enum status bodies_encode(const struct message *message)
{
    buffer_clear(&frame);
    enum status status = message_encode(message, &frame);
    assert_true(status == S_OK || frame.size == 0);
    return status;
}

ProtobufCBinaryData bodies_fill(unsigned slot, int byte, size_t size)
{
    static uint8_t room[4][64 * 1024];

    memset(room[slot], byte, size);
    return protobuf_data(bytes_of(room[slot], size));
}

int bodies_end(void **state)
{
    (void)state;
    arena_release(&arena);
    buffer_release(&body);
    buffer_release(&frame);
    return 0;
}
