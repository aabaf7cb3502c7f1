#include <string.h>

#include "node/lrs/event.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static void what_was_measured_is_read(void **state)
{
    struct lrs lrs = {.home = "http://home.example.com"};
    struct lrs_event event = {.stored_ms = 77};
    uint8_t registration[LRS_UUID_SIZE];

    (void)state;
    event_read(
        &lrs,
        kit_tree("{\"actor\":{\"account\":{\"homePage\":\"http://"
                 "home.example.com\",\"name\":\"p1\"}},\"verb\":{\"id\":\"http://v/\"},"
                 "\"object\":{\"id\":\"http://a/"
                 "\"},\"timestamp\":\"1970-01-01T00:00:01Z\",\"context\":{\"registration\":\"" KIT_ID(
                     1) "\"},"
                        "\"result\":{\"score\":{\"scaled\":-0.5,\"raw\":1,\"min\":0,\"max\":2},\"success\":"
                        "false,\"completion\":true,\"duration\":\"PT1M\","
                        "\"extensions\":{\"https://w3id.org/xapi/cmi5/result/extensions/progress\":42}}}"),
        registration, &event);
    assert_true(bytes_equal(event.person, bytes_text("p1")) &&
                bytes_equal(event.verb, bytes_text("http://v/")) &&
                bytes_equal(event.activity, bytes_text("http://a/")));
    assert_true(event.has_scaled && event.has_raw && event.has_min && event.has_max && event.has_success &&
                event.has_completion);
    assert_true(event.scaled == -0.5 && event.raw == 1 && event.max == 2 && !event.success &&
                event.completion);
    assert_int_equal(event.timestamp_ms, 1000);
    assert_int_equal(event.duration_ms, 60000);
    assert_int_equal(event.registration.size, LRS_UUID_SIZE);
    assert_true(event.progress == 42);
}

static void what_is_absent_is_said_to_be(void **state)
{
    struct lrs lrs = {.home = "http://home.example.com"};
    struct lrs_event event = {.stored_ms = 77};
    uint8_t registration[LRS_UUID_SIZE];

    (void)state;
    event_read(&lrs,
               kit_tree("{\"actor\":{\"account\":{\"homePage\":\"http://"
                        "other.example.com\",\"name\":\"p1\"}},\"object\":{\"objectType\":\"Agent\"}}"),
               registration, &event);
    assert_int_equal(event.person.size, 0);
    assert_int_equal(event.activity.size, 0);
    assert_int_equal(event.registration.size, 0);
    assert_int_equal(event.timestamp_ms, 77);
    assert_int_equal(event.duration_ms, -1);
    assert_false(event.has_scaled || event.has_success || event.has_completion);
    assert_true(event.progress == -1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_measured_is_read, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(what_is_absent_is_said_to_be, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
