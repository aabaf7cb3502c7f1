#include <string.h>

#include "node/learn/attempt/cmi.h"
#include "tests/kit/kit.h"

static struct cmi_result read_of(const char *json)
{
    struct cmi_result result;
    json_t *body = json_loads(json, 0, NULL);

    assert_non_null(body);
    cmi_read(body, &result);
    json_decref(body);
    return result;
}

static void scorm_1_2_is_read_nested_and_flat(void **state)
{
    static const char *const bodies[] = {
        "{\"cmi\":{\"core\":{\"lesson_status\":\"passed\",\"session_time\":\"0001:01:30.5\",\"score\":{"
        "\"raw\":\"45\",\"min\":\"0\",\"max\":\"50\"}}}}",
        "{\"cmi\":{\"cmi.core.lesson_status\":\"passed\",\"cmi.core.session_time\":\"01:01:30\",\"cmi.core."
        "score.raw\":45,\"cmi.core.score.min\":0,"
        "\"cmi.core.score.max\":50}}"};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct cmi_result result = read_of(bodies[i]);
        assert_int_equal(result.completion, CMI_YES);
        assert_int_equal(result.success, CMI_YES);
        assert_int_equal(result.score, 9000);
        assert_int_equal(result.seconds, 3690);
        assert_int_equal(result.progress, CMI_NONE);
    }
}

static void scorm_2004_is_read(void **state)
{
    struct cmi_result result = read_of("{\"cmi\":{\"completion_status\":\"incomplete\",\"success_status\":"
                                       "\"failed\",\"score\":{\"scaled\":\"0.755\"},"
                                       "\"session_time\":\"PT1H2M3.4S\",\"progress_measure\":\"0.5\"}}");
    (void)state;

    assert_int_equal(result.completion, CMI_NO);
    assert_int_equal(result.success, CMI_NO);
    assert_int_equal(result.score, 7550);
    assert_int_equal(result.seconds, 3723);
    assert_int_equal(result.progress, 5000);
}

static void players_say_it_themselves(void **state)
{
    struct cmi_result result = read_of("{\"result\":{\"completion\":true,\"score\":{\"raw\":3,\"min\":1,"
                                       "\"max\":5},\"progress\":2,\"seconds\":61.9}}");
    (void)state;

    assert_int_equal(result.completion, CMI_YES);
    assert_int_equal(result.success, CMI_UNKNOWN);
    assert_int_equal(result.score, 5000);
    assert_int_equal(result.progress, 10000);
    assert_int_equal(result.seconds, 61);
    result = read_of("{\"result\":{\"score\":80,\"success\":\"failed\"}}");
    assert_int_equal(result.score, 8000);
    assert_int_equal(result.success, CMI_NO);
}

static void nonsense_is_not_said(void **state)
{
    struct cmi_result result = read_of("{\"cmi\":{\"core\":{\"lesson_status\":7,\"score\":{\"raw\":\"NaN\"},"
                                       "\"session_time\":\"soon\"}},\"result\":[]}");
    (void)state;

    assert_int_equal(result.completion, CMI_UNKNOWN);
    assert_int_equal(result.score, CMI_NONE);
    assert_int_equal(result.seconds, CMI_NONE);
    assert_int_equal(
        read_of("{\"cmi\":{\"score\":{\"scaled\":\"-1\"},\"completion_status\":\"completed\"}}").score, 0);
    assert_int_equal(read_of("{\"cmi\":{\"core\":{\"score\":{\"raw\":\"250\"}}}}").score, 10000);
    assert_int_equal(read_of("{\"cmi\":{\"core\":{\"session_time\":\"9999:00:00\"}}}").seconds,
                     CMI_SECONDS_MAX);
    assert_int_equal(read_of("{}").completion, CMI_UNKNOWN);
}

static void durations_of_both_kinds(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {{"00:00:00", 0},   {"0000:59:59.99", 3599}, {"PT0S", 0},
                {"P1DT1S", 86401}, {"PT90M", 5400},         {"P1Y", 31556952},
                {"PT1,5M", 90},    {"1:2:3.5", 3723},       {"00:00:05,9", 5}};
    static const char *const bad[] = {"",    "P",     "PT",        "1:2",   "::",    "PT1X",
                                      "P1S", "PT-1S", "00:00:1e9", "PTT1S", "00:00:",
                                      "-01:00:00", "+1:00:00", " 00:01:00", "1: 2: 3", "00:01:00 ", "00:-1:00", "PT0x10S", "P1e3D", "PT1.S.", "PT.5S"};
    int64_t seconds;
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(cmi_duration(good[i].text, &seconds));
        assert_int_equal(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(cmi_duration(bad[i], &seconds));
    }
}

static void the_score_that_is_needed_decides(void **state)
{
    struct cmi_result result = {.success = CMI_YES, .score = 7999};
    (void)state;

    cmi_judge(&result, 0.8);
    assert_int_equal(result.success, CMI_NO);
    result.score = 8000;
    cmi_judge(&result, 0.8);
    assert_int_equal(result.success, CMI_YES);
    result = (struct cmi_result){.success = CMI_YES, .score = CMI_NONE};
    cmi_judge(&result, 0.8);
    assert_int_equal(result.success, CMI_YES);
    result = (struct cmi_result){.success = CMI_NO, .score = 100};
    cmi_judge(&result, -1);
    assert_int_equal(result.success, CMI_NO);
}

static void a_score_between_two_percents_is_needed_exactly(void **state)
{
    struct cmi_result result = read_of("{\"cmi\":{\"core\":{\"score\":{\"raw\":\"66.67\",\"min\":\"0\",\"max\":\"100\"}}}}");
    (void)state;

    assert_true(cmi_mastery(-1, bytes_text("{\"masteryScore\":0.5}")) < 0); /* none */
    assert_true(cmi_mastery(80, bytes_text("")) == 0.8);
    assert_true(cmi_mastery(80, bytes_text("{\"launchData\":\"x\"}")) == 0.8);
    assert_true(cmi_mastery(80, bytes_text("{\"masteryScore\":7}")) == 0.8);
    double mastery = cmi_mastery(67, bytes_text("{\"masteryScore\":0.6667}"));
    assert_true(mastery == 0.6667);
    cmi_judge(&result, mastery);
    assert_int_equal(result.success, CMI_YES);
    result.score = 6666;
    cmi_judge(&result, mastery);
    assert_int_equal(result.success, CMI_NO);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scorm_1_2_is_read_nested_and_flat),
        cmocka_unit_test(scorm_2004_is_read),
        cmocka_unit_test(players_say_it_themselves),
        cmocka_unit_test(nonsense_is_not_said),
        cmocka_unit_test(durations_of_both_kinds),
        cmocka_unit_test(the_score_that_is_needed_decides),
        cmocka_unit_test(a_score_between_two_percents_is_needed_exactly),
    };
    return KIT_RUN(tests);
}
