/* Addresses of mirrors: one form, and nothing that leads elsewhere than it says. */
#include "replication/trust/mirror.h"

#include <string.h>

#include "tests/kit/kit.h"

static void an_address_has_one_form(void **state)
{
    static const char *const pairs[][2] = {
        {"http://cdn.example.org", "http://cdn.example.org/"},
        {"https://cdn.example.org:8443/qanat", "https://cdn.example.org:8443/qanat/"},
        {"http://[2001:db8::1]:80/a/b/", "http://[2001:db8::1]:80/a/b/"},
        {"http://10.0.0.7/blob/", "http://10.0.0.7/blob/"},
    };
    char url[MIRROR_URL_MAX + 1];
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(mirror_url_read(bytes_text(pairs[i][0]), url, NULL), S_OK);
        assert_string_equal(url, pairs[i][1]);
    }
}

static void what_is_no_plain_address_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "http://",
        "http:///x",
        "ftp://a/",
        "file:///etc/passwd",
        "gopher://a/",
        "HTTP//a",
        "http://a:0/",
        "http://a:65536/",
        "http://a:x/",
        "http://u@a/",
        "http://u:p@a/",
        "http://a/?q",
        "http://a/#f",
        "http://a/../b",
        "http://a/..",
        "http://a b/",
        "http://a/b c",
        "http://a\n/",
        "http://[::1",
        "http://[]/",
        "http://-a/",
        "http://.a/",
        "http://a\\b/",
        "http://\xc3\xa4/",
    };
    char url[MIRROR_URL_MAX + 1];
    struct report report;
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        report_clear(&report);
        assert_int_equal(mirror_url_read(bytes_text(texts[i]), url, &report), S_INVALID);
        assert_string_equal(url, "");
        assert_int_equal(report.status, S_INVALID);
    }
    assert_int_equal(mirror_url_read(bytes_of("http://a/\0b", 11), url, NULL), S_INVALID);
}

static void the_longest_address_is_taken_and_one_more_is_not(void **state)
{
    char text[MIRROR_URL_MAX + 1], url[MIRROR_URL_MAX + 1];
    (void)state;

    memset(text, 'a', sizeof text);
    memcpy(text, "http://a/", 9);
    assert_int_equal(mirror_url_read(bytes_of(text, MIRROR_URL_MAX - 1), url, NULL), S_OK);
    assert_int_equal(strlen(url), MIRROR_URL_MAX);
    assert_int_equal(mirror_url_read(bytes_of(text, MIRROR_URL_MAX), url, NULL), S_TOO_LARGE);
}

static void this_machine_is_known_by_its_names(void **state)
{
    (void)state;

    assert_true(mirror_url_is_local("http://127.0.0.1:80/"));
    assert_true(mirror_url_is_local("http://localhost/"));
    assert_true(mirror_url_is_local("https://[::1]:1/x/"));
    assert_false(mirror_url_is_local("http://localhost.example.org/"));
    assert_false(mirror_url_is_local("http://10.0.0.1/"));
}

static void the_key_names_the_address(void **state)
{
    struct buffer key, other;
    (void)state;

    buffer_init(&key), buffer_init(&other);
    mirror_key("http://a/", &key);
    mirror_key("http://b/", &other);
    assert_true(mirror_key_is(buffer_bytes(&key)));
    assert_false(bytes_equal(buffer_bytes(&key), buffer_bytes(&other)));
    assert_false(mirror_key_is(bytes_of(key.data, key.size - 1)));
    assert_false(mirror_key_is(bytes_text("settle\x1f"
                                          "00112233445566778899aabbccddeeff")));
    buffer_release(&key), buffer_release(&other);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_one_form),
        cmocka_unit_test(what_is_no_plain_address_is_refused),
        cmocka_unit_test(the_longest_address_is_taken_and_one_more_is_not),
        cmocka_unit_test(this_machine_is_known_by_its_names),
        cmocka_unit_test(the_key_names_the_address),
    };
    return KIT_RUN(tests);
}
