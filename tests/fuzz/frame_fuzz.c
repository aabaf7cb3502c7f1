/* frame_decode(): the input is one frame. What decodes must come back from its own encoding. */
#include "tests/fuzz/fuzz.h"

#include "replication/base/check.h"
#include "replication/wire/frame.h"

const char fuzz_name[] = "frame";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buffer again;
    struct frame frame, back;

    arena_init(&arena, 2 * BODY_SIZE_MAX);
    buffer_init(&again);
    if (frame_decode(bytes_of(data, size), &arena, &frame) == S_OK) {
        CHECK(frame.body.size <= BODY_SIZE_MAX);
        if (frame_encode(frame.type, frame.body, &again) == S_OK) {
            CHECK(frame_decode(buffer_bytes(&again), &arena, &back) == S_OK);
            CHECK(back.type == frame.type && bytes_equal(back.body, frame.body));
        }
    }
    CHECK(arena.used <= arena.size_max);
    arena_release(&arena);
    buffer_release(&again);
    return 0;
}
