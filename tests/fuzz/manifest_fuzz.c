/* manifest_decode(): the input is a manifest. What decodes must encode, and that encoding is a fixed point.
 */
#include "tests/fuzz/fuzz.h"

#include "replication/base/check.h"
#include "replication/package/manifest.h"

const char fuzz_name[] = "manifest";

enum { ARENA_SIZE = 8 * 1024 * 1024 };

static void encode_again(const struct manifest *manifest)
{
    struct buffer first, second;
    struct manifest back;
    struct arena arena;

    arena_init(&arena, ARENA_SIZE);
    buffer_init(&first);
    buffer_init(&second);
    CHECK(manifest_encode(manifest, &first) == S_OK);
    CHECK(manifest_decode(buffer_bytes(&first), &arena, &back) == S_OK);
    CHECK(manifest_encode(&back, &second) == S_OK);
    CHECK(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    for (size_t i = 0; i < back.member_count; i++) {
        CHECK(manifest_find(&back, back.members[i].path) == &back.members[i]);
    }
    buffer_release(&second);
    buffer_release(&first);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest manifest;
    struct arena arena;

    arena_init(&arena, ARENA_SIZE);
    if (manifest_decode(bytes_of(data, size), &arena, &manifest) == S_OK) {
        encode_again(&manifest);
    }
    arena_release(&arena);
    return 0;
}
