#include "node/http/events.h"

#include <string.h>

#include "tests/kit/kit.h"

static void an_event_has_as_many_lines_as_its_data(void **state)
{
    static const struct {
        const char *data, *wanted;
    } cases[] = {
        {"{}", "event: status\ndata: {}\n\n"},
        {"{\n  \"a\": 1\n}\n", "event: status\ndata: {\ndata:   \"a\": 1\ndata: }\n\n"},
        {"\n", "event: status\ndata: \n\n"},
        {"", "event: status\n\n"},
    };
    struct buffer out;
    (void)state;

    buffer_init(&out);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer_clear(&out);
        events_format(&out, "status", cases[i].data, strlen(cases[i].data));
        assert_int_equal(out.size, strlen(cases[i].wanted));
        assert_memory_equal(out.data, cases[i].wanted, out.size);
    }
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_event_has_as_many_lines_as_its_data)};
    return KIT_RUN(tests);
}
