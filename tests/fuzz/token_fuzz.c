/* token_decode(): the input is the content of a token, put into its line; or, when it begins with 'q', the
 * line itself. */
#include "tests/fuzz/fuzz.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/token.h"

const char fuzz_name[] = "token";

enum { CONTENT_MAX = 1400, CHECKSUM_SIZE = 5 };

static void line_of(const uint8_t *data, size_t size, char line[TOKEN_TEXT_MAX])
{
    uint8_t raw[CONTENT_MAX + CHECKSUM_SIZE];
    struct hash checksum = hash_of(bytes_text("qanat token 1"), bytes_of(data, size));

    if (size) {
        memcpy(raw, data, size);
    }
    memcpy(raw + size, checksum.b, CHECKSUM_SIZE);
    memcpy(line, "qanat1-", 7);
    sodium_bin2base64(line + 7, TOKEN_TEXT_MAX - 7, raw, size + CHECKSUM_SIZE,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char line[TOKEN_TEXT_MAX], again[TOKEN_TEXT_MAX];
    struct token token, back;

    if (size > CONTENT_MAX) {
        return 0;
    }
    if (size && data[0] == 'q') {
        memcpy(line, data, size);
        line[size] = '\0';
    } else {
        line_of(data, size, line);
    }
    if (token_decode(line, &token, NULL) == S_OK) {
        CHECK(token_encode(&token, again) == S_OK);
        CHECK(token_decode(again, &back, NULL) == S_OK);
        CHECK(strcmp(token.name, back.name) == 0 && token.endpoint_count == back.endpoint_count);
    }
    return 0;
}
