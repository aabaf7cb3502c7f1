/* batch_decode(): the input is a body. What decodes must encode again to the same cells. */
#include "tests/fuzz/fuzz.h"

#include "replication/base/check.h"
#include "replication/wire/batch.h"

const char fuzz_name[] = "batch";

static void encode_again(const struct batch *batch)
{
    struct arena arena;
    struct buffer body;
    struct batch back;

    arena_init(&arena, BATCH_ARENA_SIZE);
    buffer_init(&body);
    enum status status = batch_encode(batch, &body);
    CHECK(status == S_OK || status == S_TOO_LARGE); /* a hostile dictionary may be denser than ours */
    if (status == S_OK) {
        CHECK(batch_decode(buffer_bytes(&body), &arena, &back) == S_OK);
        CHECK(back.count == batch->count && back.after_seq == batch->after_seq);
        for (size_t i = 0; i < back.count; i++) {
            const struct cell *a = &batch->cells[i], *b = &back.cells[i];
            CHECK(a->seq == b->seq && bytes_equal(a->key, b->key) && bytes_equal(a->value, b->value));
        }
    }
    arena_release(&arena);
    buffer_release(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct batch batch;

    arena_init(&arena, BATCH_ARENA_SIZE);
    if (batch_decode(bytes_of(data, size), &arena, &batch) == S_OK) {
        encode_again(&batch);
    }
    CHECK(arena.used <= arena.size_max);
    arena_release(&arena);
    return 0;
}
