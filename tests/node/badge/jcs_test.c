#include "node/badge/jcs.h"

#include <string.h>

#include "tests/kit/kit.h"

static void expect(const char *json, const char *canonical)
{
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    struct buffer out;

    assert_non_null(value);
    buffer_init(&out);
    assert_int_equal(jcs_write(value, &out), S_OK);
    buffer_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, canonical);
    buffer_release(&out);
    json_decref(value);
}

static void numbers_are_printed_as_ecmascript_does(void **state)
{
    (void)state;
    /* RFC 8785, appendix B, as far as JSON can say them */
    expect(
        "[0.0, -0.0, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 9007199254740992.0]",
        "[0,0,5e-324,-5e-324,1.7976931348623157e+308,-1.7976931348623157e+308,9007199254740992]");
    expect(
        "[295147905179352830000.0, 9.999999999999997e22, 1e23, 1.0000000000000001e23, "
        "999999999999999700000.0]",
        "[295147905179352830000,9.999999999999997e+22,1e+23,1.0000000000000001e+23,999999999999999700000]");
    expect("[333333333.3333332, 333333333.33333325, 333333333.3333333, -0.0000033333333333333333, "
           "1424953923781206.2]",
           "[333333333.3333332,333333333.33333325,333333333.3333333,-0.0000033333333333333333,"
           "1424953923781206.2]");
    expect("[1e21, 1e-6, 1e-7, 0.1, 1.0, 123, -7, 9007199254740991]",
           "[1e+21,0.000001,1e-7,0.1,1,123,-7,9007199254740991]");
}

static void texts_have_the_shortest_escapes(void **state)
{
    (void)state;
    expect("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
           "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    expect("\"\\u001f\\u007f\\b\\f\\t\\r\"", "\"\\u001f\x7f\\b\\f\\t\\r\"");
    expect("{\"literals\": [null, true, false], \"empty\": [{}, [], \"\"]}",
           "{\"empty\":[{},[],\"\"],\"literals\":[null,true,false]}");
}

static void names_are_in_the_order_of_utf_16(void **state)
{
    (void)state;
    /* RFC 8785, section 3.2.3 */
    expect("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\", \"\\ufb33\": \"Hebrew Letter Dalet "
           "With Dagesh\","
           "\"1\": \"One\", \"\\ud83d\\ude00\": \"Emoji: Grinning Face\", \"\\u0080\": \"Control\","
           "\"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}",
           "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"ö\":\"Latin Small Letter O "
           "With "
           "Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter "
           "Dalet With "
           "Dagesh\"}");
    assert_true(jcs_compare("a", "ab") < 0 && jcs_compare("ab", "a") > 0 && jcs_compare("ab", "ab") == 0);
    assert_true(jcs_compare("😀", "\xee\x80\x80") < 0 && jcs_compare("😀", "\xed\x9f\xbf") > 0);
}

static void what_is_too_deep_or_too_great_is_refused(void **state)
{
    struct buffer out;
    (void)state;

    buffer_init(&out);
    for (int depth = JCS_DEPTH_MAX; depth <= JCS_DEPTH_MAX + 1; depth++) {
        json_t *value = json_array();
        for (int i = 1; i < depth; i++) {
            json_t *around = json_array();
            json_array_append_new(around, value);
            value = around;
        }
        assert_int_equal(jcs_write(value, &out), depth == JCS_DEPTH_MAX ? S_OK : S_TOO_LARGE);
        json_decref(value);
    }
    json_t *great = json_pack("{s:I}", "a", (json_int_t)9007199254740992LL);
    assert_int_equal(jcs_write(great, &out), S_INVALID);
    json_decref(great);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_printed_as_ecmascript_does),
        cmocka_unit_test(texts_have_the_shortest_escapes),
        cmocka_unit_test(names_are_in_the_order_of_utf_16),
        cmocka_unit_test(what_is_too_deep_or_too_great_is_refused),
    };
    return KIT_RUN(tests);
}
