#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs_session.h"

#define TIMED     "\"duration\":\"PT1S\""
#define PASSED    TIMED ",\"success\":true,\"score\":{\"scaled\":0.9}"
#define FAILED    TIMED ",\"success\":false,\"score\":{\"scaled\":0.1}"
#define COMPLETED TIMED ",\"completion\":true"

static void a_session_says_what_cmi5_lets_it_say(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_OK);
    assert_int_equal(kit_session_say(&session, "completed", COMPLETED, true), S_OK);
    assert_false(lrs_session_has_moved_on(kit_session_now(&session)));
    assert_int_equal(kit_session_say(&session, "passed", PASSED, true), S_OK);
    assert_true(lrs_session_has_moved_on(kit_session_now(&session)));
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_OK);
    kit_session_close(&session);
}

static void the_order_is_kept(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    assert_int_equal(kit_session_say(&session, "passed", PASSED, true), S_DENIED);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_OK);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_DENIED);
    assert_int_equal(kit_session_say(&session, "failed", FAILED, true), S_OK);
    assert_int_equal(kit_session_say(&session, "passed", PASSED, true), S_DENIED);
    assert_int_equal(kit_session_say(&session, "completed", COMPLETED, true), S_OK);
    assert_int_equal(kit_session_say(&session, "completed", COMPLETED, true), S_DENIED);
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_OK);
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_DENIED);
    kit_session_close(&session);
}

static void a_registration_is_completed_and_passed_once(void **state)
{
    struct kit_session first, second;

    kit_session_open(&first, *state, NULL);
    assert_int_equal(kit_session_say(&first, "initialized", "", false), S_OK);
    assert_int_equal(kit_session_say(&first, "passed", PASSED, true), S_OK);
    kit_session_open(&second, *state, NULL);
    assert_int_equal(kit_session_say(&second, "initialized", "", false), S_OK);
    assert_int_equal(kit_session_say(&second, "passed", PASSED, true), S_DENIED);
    assert_int_equal(kit_session_say(&second, "failed", FAILED, true), S_DENIED);
    assert_int_equal(kit_session_say(&second, "completed", COMPLETED, true), S_OK);
    assert_true(lrs_session_has_moved_on(kit_session_now(&second)));
    kit_session_close(&first);
    kit_session_close(&second);
}

static void results_fit_their_verbs(void **state)
{
    static const struct {
        const char *verb, *result;
        bool is_moveon;
    } bad[] = {
        {"passed", TIMED ",\"success\":false", true},
        {"passed", TIMED, true},
        {"passed", "\"success\":true", true},
        {"passed", PASSED, false},
        {"passed", TIMED ",\"success\":true,\"score\":{\"scaled\":0.79}", true},
        {"failed", TIMED ",\"success\":false,\"score\":{\"scaled\":0.8}", true},
        {"failed", TIMED ",\"success\":true", true},
        {"completed", TIMED, true},
        {"completed", TIMED ",\"completion\":false", true},
        {"completed", COMPLETED ",\"success\":true", true},
        {"completed", COMPLETED ",\"score\":{\"scaled\":1}", true},
        {"completed", COMPLETED, false},
        {"terminated", "", false},
        {"terminated", TIMED, true},
        {"terminated", TIMED ",\"completion\":true", false},
        {"experienced", "", false},
    };
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    assert_int_equal(kit_session_say(&session, "initialized", TIMED ",\"success\":true", false), S_DENIED);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (kit_session_say(&session, bad[i].verb, bad[i].result, bad[i].is_moveon) != S_DENIED) {
            fail_msg("%s {%s} was taken", bad[i].verb, bad[i].result);
        }
    }
    assert_int_equal(
        kit_session_say(&session, "passed", TIMED ",\"success\":true,\"score\":{\"scaled\":0.8}", true),
        S_OK);
    kit_session_close(&session);
}

static void browse(struct lrs_session *session)
{
    session->mode = LRS_BROWSE;
}

static void browsing_completes_nothing(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, browse);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_OK);
    assert_int_equal(kit_session_say(&session, "completed", COMPLETED, true), S_DENIED);
    assert_int_equal(kit_session_say(&session, "passed", PASSED, true), S_DENIED);
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_OK);
    kit_session_close(&session);
}

static void nobody_speaks_for_another(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_OK);
    session.session.person = bytes_text("p2");
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_DENIED);
    session.session.person = bytes_text("p1");
    session.session.registration[5] = 9;
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_DENIED);
    session.session.registration[5] = 0;
    session.session.session[5] ^= 1;
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_DENIED);
    session.session.session[5] ^= 1;
    session.session.activity = bytes_text("http://au.example.com/2");
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_DENIED);
    session.session.activity = bytes_text("http://au.example.com/1");
    assert_int_equal(kit_session_say(&session, "terminated", TIMED, false), S_OK);
    kit_session_close(&session);
}

static void plain(struct lrs_session *session)
{
    session->is_cmi5 = false;
}

static void other_content_says_what_it_likes_about_its_learner(void **state)
{
    struct kit_lrs *kit = *state;
    struct kit_session session;
    char json[1024];

    kit_session_open(&session, kit, plain);
    assert_int_equal(kit_session_say(&session, "passed", "\"success\":false", false), S_OK);
    assert_int_equal(kit_lrs_post_as(kit, &session.client, LRS_1_0_3, KIT_PLAIN("")), S_DENIED);
    snprintf(json, sizeof json,
             KIT_STATEMENT("{\"account\":{\"homePage\":\"%s\",\"name\":\"p1\"}}", "http://v/",
                           "{\"id\":\"http://any/\"}", ""),
             kit->lrs.home);
    assert_int_equal(kit_lrs_post_as(kit, &session.client, LRS_1_0_3, json), S_OK);
    snprintf(json, sizeof json,
             KIT_STATEMENT("{\"account\":{\"homePage\":\"%s\",\"name\":\"p1\"}}",
                           "http://adlnet.gov/expapi/verbs/voided",
                           "{\"objectType\":\"StatementRef\",\"id\":\"" KIT_ID(1) "\"}", ""),
             kit->lrs.home);
    assert_int_equal(kit_lrs_post_as(kit, &session.client, LRS_1_0_3, json), S_DENIED);
    kit_session_close(&session);
}

/* A whole statement; `more` stands in context.extensions, `categories` in its contextActivities. */
struct saying {
    const char *verb, *more, *categories, *result, *time, *grouping;
    bool is_without_id, is_without_session;
};

static enum status say_it(struct kit_session *session, const struct saying *saying)
{
    char json[4096], uuid[LRS_UUID_TEXT_SIZE], registration[LRS_UUID_TEXT_SIZE], own[LRS_UUID_TEXT_SIZE];
    uint8_t id[LRS_UUID_SIZE];

    lrs_uuid_make(id);
    lrs_uuid_text(id, own);
    lrs_uuid_text(session->session.session, uuid);
    lrs_uuid_text(session->session.registration, registration);
    snprintf(json, sizeof json,
             "{%s%s%s\"actor\":{\"account\":{\"homePage\":\"%s\",\"name\":\"p1\"}},\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/%s\"},"
             "\"object\":{\"id\":\"http://au.example.com/1\"},\"context\":{\"registration\":\"%s\",\"extensions\":{\"%s\":\"%s\"%s},"
             "\"contextActivities\":{%s\"category\":[%s]}}%s%s}",
             saying->is_without_id ? "" : "\"id\":\"", saying->is_without_id ? "" : own, saying->is_without_id ? "" : "\",", session->kit->lrs.home,
             saying->verb, registration, saying->is_without_session ? "http://example.com/other" : CMI5_SESSION, uuid, saying->more, saying->grouping,
             saying->categories, saying->time, saying->result);
    return kit_lrs_post_as(session->kit, &session->client, LRS_1_0_3, json);
}

#define GROUPING "\"grouping\":[{\"id\":\"http://publisher.example.com/1\"}],"
#define AT(time) ",\"timestamp\":\"" time "\""
#define NOON     AT("2026-10-05T12:00:00Z")

#define CMI5            "{\"id\":\"" CMI5_CATEGORY "\"}"
#define MOVEON          "{\"id\":\"" CMI5_CATEGORY_MOVEON "\"}"
#define MASTERY(number) ",\"" CMI5_MASTERY "\":" number
#define RAW(more)       ",\"result\":{" TIMED ",\"success\":true,\"score\":{\"scaled\":0.9,\"raw\":9" more "}}"

static void what_is_said_does_not_contradict_the_launch(void **state)
{
    static const struct {
        struct saying saying;
        enum status status;
    } cases[] = {
        {{"initialized", "", CMI5, "", AT("2026-10-05T12:00:00+03:00"), GROUPING, false, false}, S_DENIED},
        {{"initialized", "", CMI5, "", NOON, GROUPING, false, false}, S_OK},
        {{"experienced", "", "", "", AT("2026-10-05T12:00:00-06:00"), GROUPING, false, false}, S_DENIED},
        {{"experienced", "", "", "", AT("2026-10-05T12:00:00+00:00"), GROUPING, false, false}, S_OK},
        {{"experienced", "", MOVEON, "", NOON, GROUPING, false, false}, S_DENIED},
        {{"passed", MASTERY("0.8"), CMI5 "," MOVEON, RAW(""), NOON, GROUPING, false, false}, S_DENIED},
        {{"passed", MASTERY("0.8"), CMI5 "," MOVEON, RAW(",\"max\":10"), NOON, GROUPING, false, false}, S_DENIED},
        {{"passed", MASTERY("0.7"), CMI5 "," MOVEON, RAW(",\"min\":0,\"max\":10"), NOON, GROUPING, false, false}, S_DENIED},
        {{"passed", MASTERY("\"0.8\""), CMI5 "," MOVEON, RAW(",\"min\":0,\"max\":10"), NOON, GROUPING, false, false}, S_DENIED},
        /* what every statement, or every defined one, brings */
        {{"experienced", "", "", "", NOON, GROUPING, true, false}, S_DENIED},
        {{"experienced", "", "", "", "", GROUPING, false, false}, S_DENIED},
        {{"experienced", "", "", "", NOON, GROUPING, false, true}, S_DENIED},
        {{"passed", "", CMI5 "," MOVEON, RAW(",\"min\":0,\"max\":10"), NOON, GROUPING, false, false}, S_DENIED},
        {{"passed", MASTERY("0.8"), CMI5 "," MOVEON, RAW(",\"min\":0,\"max\":10"), NOON, GROUPING, true, false}, S_DENIED},
        {{"passed", MASTERY("0.8"), CMI5 "," MOVEON, RAW(",\"min\":0,\"max\":10"), "", GROUPING, false, false}, S_DENIED},
        {{"passed", MASTERY("0.8"), CMI5 "," MOVEON, RAW(",\"min\":0,\"max\":10"), NOON, "", false, false}, S_DENIED},
        {{"experienced", "", "", "", NOON, "", false, false}, S_OK},
        {{"passed", MASTERY("0.80"), CMI5 "," MOVEON, RAW(",\"min\":0,\"max\":10"), NOON, GROUPING, false, false}, S_OK},
    };
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (say_it(&session, &cases[i].saying) != cases[i].status) {
            fail_msg("case %zu", i);
        }
    }
    kit_session_close(&session);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session_says_what_cmi5_lets_it_say, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(the_order_is_kept, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_registration_is_completed_and_passed_once, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(results_fit_their_verbs, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(browsing_completes_nothing, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(nobody_speaks_for_another, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(what_is_said_does_not_contradict_the_launch, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(other_content_says_what_it_likes_about_its_learner, kit_lrs_setup,
                                        kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
