#include "replication/package/gear.h"

#include <sodium.h>

#include "replication/base/bytes.h"
#include "tests/kit/kit.h"

static void the_table_is_the_stream_under_its_seed(void **state)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    struct hash key = hash_of(bytes_of(NULL, 0), bytes_text("qanat gear 1"));
    uint8_t stream[8 * GEAR_SIZE];
    (void)state;

    crypto_stream_chacha20(stream, sizeof stream, nonce, key.b);
    for (size_t i = 0; i < GEAR_SIZE; i++) {
        uint64_t number = 0;
        for (size_t b = 0; b < 8; b++) {
            number |= (uint64_t)stream[8 * i + b] << (8 * b);
        }
        assert_true(gear_table[i] == number);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_the_stream_under_its_seed),
    };
    return KIT_RUN(tests);
}
