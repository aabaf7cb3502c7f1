#include <string.h>

#include "node/lrs/digest.h"
#include "tests/kit/kit.h"

static void digests_are_those_of_the_standards(void **state)
{
    char out[DIGEST_HEX_MAX];

    (void)state;
    digest_sha1(bytes_text("abc"), out);
    assert_string_equal(out, "a9993e364706816aba3e25717850c26c9cd0d89d");
    digest_sha1(bytes_of(NULL, 0), out);
    assert_string_equal(out, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert_true(digest_sha2(bytes_text("abc"), 56, out));
    assert_string_equal(out, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
    assert_true(digest_sha2(bytes_text("abc"), 64, out));
    assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(digest_sha2(bytes_text("abc"), 96, out));
    assert_memory_equal(out, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163", 48);
    assert_true(digest_sha2(bytes_text("abc"), 128, out));
    assert_memory_equal(out, "ddaf35a193617abacc417349ae204131", 32);
    assert_false(digest_sha2(bytes_text("abc"), 40, out));
}

static void what_is_no_certificate_checks_nothing(void **state)
{
    (void)state;
    assert_int_equal(digest_rsa_check("RS256", bytes_text("x"), bytes_text("y"), bytes_text("z")), S_INVALID);
    assert_int_equal(digest_rsa_check("HS256", bytes_text("x"), bytes_text("y"), bytes_text("z")), S_INVALID);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standards),
        cmocka_unit_test(what_is_no_certificate_checks_nothing),
    };
    return KIT_RUN(tests);
}
