/* multipart_parse(): the first line of the input is a Content-Type, the rest a body. Parts lie inside the
 * body, and written again they are the same. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "node/lrs/multipart.h"
#include "replication/base/check.h"

const char fuzz_name[] = "multipart";

enum { TYPE_MAX = 512 };

static void parts_check(const struct multipart *multipart, struct bytes body)
{
    for (size_t i = 0; i < multipart->count; i++) {
        const struct multipart_part *part = &multipart->parts[i];
        CHECK(part->body.size == 0 ||
              (part->body.data >= body.data && part->body.data + part->body.size <= body.data + body.size));
        CHECK(part->hash.size <= MULTIPART_HEADERS_MAX * 2);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct multipart *multipart = malloc(2 * sizeof *multipart);
    char type[TYPE_MAX], boundary[MULTIPART_BOUNDARY_MAX + 1];
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    struct buffer out;

    CHECK(multipart);
    if (!end || end - data >= TYPE_MAX) {
        free(multipart);
        return 0;
    }
    memcpy(type, data, (size_t)(end - data));
    type[end - data] = '\0';
    struct bytes body = bytes_of(end + 1, size - (size_t)(end + 1 - data));
    if (multipart_boundary(type, boundary) && multipart_parse(body, boundary, multipart, NULL) == S_OK) {
        parts_check(multipart, body);
        buffer_init(&out);
        for (size_t i = 0; i < multipart->count; i++) {
            multipart_add(&out, boundary, bytes_text("a/b"), "00", multipart->parts[i].body);
        }
        multipart_end(&out, boundary);
        CHECK(multipart_parse(buffer_bytes(&out), boundary, multipart + 1, NULL) == S_OK &&
              multipart[1].count == multipart->count);
        for (size_t i = 0; i < multipart->count; i++) {
            CHECK(bytes_equal(multipart[1].parts[i].body, multipart->parts[i].body));
        }
        buffer_release(&out);
    }
    free(multipart);
    return 0;
}
