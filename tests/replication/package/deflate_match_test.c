#include <string.h>

#include "tests/replication/package/deflated.h"

static void settings_outside_the_family_are_refused(void **state)
{
    const struct deflate_settings outside[] = {{0, 15}, {10, 15}, {6, 14}, {6, 17}};
    (void)state;

    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_null(deflate_matcher_open(&outside[i]));
    }
}

/* Whatever was found stands for the content, however it is put in. */
static void symbols_stand_for_the_content(void **state)
{
    (void)state;
    for (uint8_t level = 1; level <= 9; level++) {
        const struct deflate_settings settings = {level, 15};
        struct deflate_matcher *matcher = deflate_matcher_open(&settings);
        struct buffer content = {0}, found = {0};
        struct deflate_symbol symbol;
        size_t at = 0, matches = 0;

        deflated_content(&content, DEFLATED_MIXED, 400000, level);
        for (size_t piece = 1; at < content.size; piece = piece * 3 % 70001) {
            size_t size = piece < content.size - at ? piece : content.size - at;
            deflate_matcher_put(matcher, bytes_of(content.data + at, size));
            at += size;
            if (at == content.size) {
                deflate_matcher_end(matcher);
            }
            while (deflate_matcher_next(matcher, &symbol, 1)) {
                matches += symbol.length > 0;
                assert_true(symbol.length == 0 || symbol.value <= found.size);
                for (size_t i = 0; i < (symbol.length ? symbol.length : 1u); i++) {
                    buffer_append_u8(&found, symbol.length ? found.data[found.size - symbol.value]
                                                           : (uint8_t)symbol.value);
                }
            }
        }
        assert_true(matches > 1000);
        assert_true(bytes_equal(buffer_bytes(&found), buffer_bytes(&content)));
        deflate_matcher_close(matcher);
        buffer_release(&content), buffer_release(&found);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_outside_the_family_are_refused),
        cmocka_unit_test(symbols_stand_for_the_content),
    };
    return KIT_RUN(tests);
}
