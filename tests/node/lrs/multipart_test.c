#include <stdio.h>
#include <string.h>

#include "node/lrs/multipart.h"
#include "tests/kit/kit.h"

static void boundaries_are_read_from_the_header(void **state)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1], text[128];

    (void)state;
    assert_true(multipart_boundary("multipart/mixed; boundary=abc", boundary));
    assert_string_equal(boundary, "abc");
    assert_true(multipart_boundary("multipart/mixed; charset=x; BOUNDARY=\"a b:c\"; y=z", boundary));
    assert_string_equal(boundary, "a b:c");
    assert_false(multipart_boundary("multipart/mixed;", boundary));
    assert_false(multipart_boundary("multipart/mixed", boundary));
    assert_false(multipart_boundary("multipart/mixed; boundary=", boundary));
    assert_false(multipart_boundary("multipart/mixed; boundary=\"a", boundary));
    assert_false(multipart_boundary("multipart/mixed; boundary=a\\b", boundary));
    assert_false(multipart_boundary(NULL, boundary));
    for (int size = MULTIPART_BOUNDARY_MAX; size <= MULTIPART_BOUNDARY_MAX + 1; size++) {
        snprintf(text, sizeof text, "multipart/mixed; boundary=%0*d", size, 1);
        assert_int_equal(multipart_boundary(text, boundary), size <= MULTIPART_BOUNDARY_MAX);
    }
}

static void what_is_written_is_read(void **state)
{
    struct multipart multipart;
    struct report report;
    struct buffer out;
    uint8_t data[256];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)i;
    }
    buffer_init(&out);
    multipart_add(&out, "b", bytes_text("application/json"), NULL, bytes_text("{}"));
    multipart_add(&out, "b", bytes_text("image/png"), "00ff", bytes_of(data, sizeof data));
    multipart_add(&out, "b", bytes_text("text/plain"), "01", bytes_of("", 0));
    multipart_end(&out, "b");
    report_clear(&report);
    assert_int_equal(multipart_parse(buffer_bytes(&out), "b", &multipart, &report), S_OK);
    assert_int_equal(multipart.count, 3);
    assert_true(bytes_equal(multipart.parts[0].body, bytes_text("{}")));
    assert_int_equal(multipart.parts[0].hash.size, 0);
    assert_true(bytes_equal(multipart.parts[1].body, bytes_of(data, sizeof data)));
    assert_true(bytes_equal(multipart.parts[1].hash, bytes_text("00ff")));
    assert_true(bytes_equal(multipart.parts[1].media_type, bytes_text("image/png")));
    assert_true(bytes_equal(multipart.parts[1].encoding, bytes_text("binary")));
    assert_int_equal(multipart.parts[2].body.size, 0);
    buffer_release(&out);
}

static enum status parse(const char *text, size_t *count_out)
{
    struct multipart multipart;
    struct report report;

    report_clear(&report);
    enum status status = multipart_parse(bytes_text(text), "b", &multipart, &report);
    *count_out = multipart.count;
    return status;
}

static void odd_but_good_ones_are_read(void **state)
{
    size_t count;

    (void)state;
    assert_int_equal(
        parse("preamble\r\n--b \t\r\ncontent-type:x\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--epilogue", &count),
        S_OK);
    assert_int_equal(count, 2);
    assert_int_equal(parse("\r\n--b\r\nA: \r\n\r\n--c\r\n--b--", &count), S_OK);
    assert_int_equal(count, 1);
}

static void broken_ones_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "--",
                                      "--b",
                                      "--b--",
                                      "--b\r\n",
                                      "--b\r\nA: x\r\n",
                                      "--b\r\nA: x\r\n\r\n1",
                                      "--b\r\nA: x\r\n\r\n1\r\n--b",
                                      "--c\r\nA: x\r\n\r\n1\r\n--c--",
                                      "--b\r\nno colon\r\n\r\n1\r\n--b--",
                                      "--bx\r\nA: x\r\n\r\n1\r\n--b--",
                                      "A: x\r\n\r\n1\r\n--b--"};
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (parse(bad[i], &count) != S_INVALID) {
            fail_msg("'%s' was taken", bad[i]);
        }
    }
}

static void parts_end_at_their_limit(void **state)
{
    struct multipart multipart;
    struct report report;

    (void)state;
    for (int parts = MULTIPART_PARTS_MAX; parts <= MULTIPART_PARTS_MAX + 1; parts++) {
        struct buffer out;
        buffer_init(&out);
        for (int i = 0; i < parts; i++) {
            multipart_add(&out, "b", bytes_text("a/b"), NULL, bytes_text("x"));
        }
        multipart_end(&out, "b");
        report_clear(&report);
        assert_int_equal(multipart_parse(buffer_bytes(&out), "b", &multipart, &report),
                         parts <= MULTIPART_PARTS_MAX ? S_OK : S_TOO_LARGE);
        buffer_release(&out);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundaries_are_read_from_the_header),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(odd_but_good_ones_are_read),
        cmocka_unit_test(broken_ones_are_refused),
        cmocka_unit_test(parts_end_at_their_limit),
    };
    return KIT_RUN(tests);
}
