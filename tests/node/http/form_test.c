#include "node/http/form.h"

#include "tests/kit/kit.h"

static void expect(const char *type, const char *body, const char *value)
{
    struct buffer out;

    buffer_init(&out);
    assert_int_equal(form_first(type, bytes_text(body), &out), value != NULL);
    if (value) {
        assert_true(bytes_equal(buffer_bytes(&out), bytes_text(value)));
    }
    buffer_release(&out);
}

static void a_urlencoded_field_is_taken(void **state)
{
    static const char type[] = "application/x-www-form-urlencoded; charset=UTF-8";
    (void)state;

    expect(type, "text=%7B%22a%22%3A+1%7D&x=2", "{\"a\": 1}");
    expect(type, "file=&text=b%zz%4", "b%zz%4");
    expect(type, "text=", NULL);
    expect(type, "", NULL);
    expect("text/plain", "text=a", NULL);
    expect(NULL, "text=a", NULL);
}

static void the_first_part_with_something_in_it_is_taken(void **state)
{
    static const char type[] = "multipart/form-data; boundary=XX";
    (void)state;

    expect(type,
           "--XX\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\r\n--XX\r\nContent-Disposition: "
           "form-data; "
           "name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: "
           "application/pdf\r\n\r\n%PDF\r\n\r\n--X\r\n--XX--\r\n",
           "%PDF\r\n\r\n--X");
    expect("Multipart/Form-Data; boundary=\"XX\"", "--XX\r\nA: b\r\n\r\nc\r\n--XX--", "c");
    expect(type, "--XX\r\nA: b\r\n\r\n\r\n--XX--\r\n", NULL);
    expect(type, "--XX\r\nA: b\r\n\r\nnever ends", NULL);
    expect(type, "--XX", NULL);
    expect(type, "", NULL);
    expect("multipart/form-data", "--XX\r\nA: b\r\n\r\nc\r\n--XX--", NULL);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_urlencoded_field_is_taken),
        cmocka_unit_test(the_first_part_with_something_in_it_is_taken),
    };
    return KIT_RUN(tests);
}
