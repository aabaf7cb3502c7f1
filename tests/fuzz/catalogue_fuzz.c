/* catalogue_decode(): the input is the content of a catalogue cell. What decodes must encode, and has a key.
 */
#include "tests/fuzz/fuzz.h"

#include "replication/base/check.h"
#include "replication/package/catalogue.h"

const char fuzz_name[] = "catalogue";

enum { ARENA_SIZE = 256 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct catalogue_entry entry;
    struct arena arena;
    struct buffer out;

    arena_init(&arena, ARENA_SIZE);
    buffer_init(&out);
    if (catalogue_decode(bytes_of(data, size), &arena, &entry) == S_OK) {
        enum status status = catalogue_encode(&entry, &out);
        CHECK(status == S_OK || status == S_TOO_LARGE); /* the register's head may be what is too much */
        CHECK(catalogue_key(&entry, &out) == S_OK);
    }
    buffer_release(&out);
    arena_release(&arena);
    return 0;
}
