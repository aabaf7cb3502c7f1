#include <stdio.h>
#include <string.h>

#include "node/store/people/record.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

#define NUMBERED(n, more) KIT_PLAIN(",\"id\":\"" KIT_ID(n) "\"" more)

static void what_was_stored_is_answered_with_what_the_store_adds(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_post(kit, NUMBERED(1, ",\"stored\":\"2001-01-01T00:00:00Z\"")), S_OK);
    const char *text = kit_lrs_get(kit, KIT_ID(1), RENDER_EXACT);
    assert_non_null(
        strstr(text, "\"timestamp\":\"2026-09-21T14:13:20.000Z\",\"stored\":\"2026-09-21T14:13:20.000Z\"}"));
    assert_non_null(strstr(text, "\"authority\":{\"objectType\":\"Agent\",\"name\":\"Qanat\""));
    assert_non_null(strstr(text, "\"version\":\"2.0.0\""));
    assert_null(strstr(text, "2001"));
}

static void it_survives_a_restart(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_post(kit, NUMBERED(1, "")), S_OK);
    kit_store_reopen(&kit->kit);
    kit->lrs.store = kit->kit.store;
    assert_non_null(strstr(kit_lrs_get(kit, KIT_ID(1), RENDER_EXACT), KIT_ID(1)));
}

static void all_or_nothing(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_post(kit, NUMBERED(1, "")), S_OK);
    assert_int_equal(
        kit_lrs_post(kit, "[" NUMBERED(2, "") "," NUMBERED(1, ",\"result\":{\"success\":true}") "]"),
        S_EXISTS);
    assert_non_null(strstr(kit->report.text, KIT_ID(1)));
    assert_string_equal(kit_lrs_get(kit, KIT_ID(2), RENDER_EXACT), "");
    assert_int_equal(kit_lrs_post(kit, "[" NUMBERED(2, "") "," NUMBERED(1, "") "]"), S_OK);
    assert_true(*kit_lrs_get(kit, KIT_ID(2), RENDER_EXACT));
}

static void ids_follow_the_time_also_backwards_and_when_it_stands(void **state)
{
    struct kit_lrs *kit = *state;
    int64_t start = kit->now_ms;
    struct db *db;

    for (int i = 0; i < 3; i++) {
        kit->now_ms = start;
        assert_int_equal(kit_lrs_post(kit, "[" KIT_PLAIN("") "," KIT_PLAIN("") "]"), S_OK);
    }
    kit->now_ms = start - 1000;
    assert_int_equal(kit_lrs_post(kit, KIT_PLAIN("")), S_OK);
    db = store_read_begin(kit->kit.store);
    assert_int_equal(record_count(db), 7);
    store_read_end(kit->kit.store, db);
}

static void one_millisecond_may_be_full(void **state)
{
    struct kit_lrs *kit = *state;
    char *json = test_malloc(3000 * (sizeof KIT_PLAIN("") + 1) + 3), *at = json;

    for (int i = 0; i < 3000; i++) {
        at += sprintf(at, "%c%s", i ? ',' : '[', KIT_PLAIN(""));
    }
    strcpy(at, "]");
    for (int i = 0; i < 2; i++) {
        kit->now_ms = 1790000000000;
        assert_int_equal(kit_lrs_post(kit, json), S_OK);
    }
    struct db *db = store_read_begin(kit->kit.store);
    assert_int_equal(record_count(db), 6000);
    store_read_end(kit->kit.store, db);
    test_free(json);
}

struct seen {
    int count;
    enum status answer;
    struct lrs_event last;
    char person[32];
};

static enum status observe(void *ctx, struct db *db, const struct lrs_event *event)
{
    struct seen *seen = ctx;

    (void)db;
    seen->count++;
    seen->last = *event;
    snprintf(seen->person, sizeof seen->person, "%.*s", (int)event->person.size,
             event->person.data ? (const char *)event->person.data : "");
    return seen->answer;
}

static void the_observer_hears_of_each_new_statement_once(void **state)
{
    struct kit_lrs *kit = *state;
    struct seen seen = {.answer = S_OK};

    kit->lrs.observe = observe;
    kit->lrs.observe_ctx = &seen;
    assert_int_equal(
        kit_lrs_post(kit, NUMBERED(1, ",\"result\":{\"score\":{\"scaled\":0.5},\"duration\":\"PT2S\"}")),
        S_OK);
    assert_int_equal(seen.count, 1);
    assert_true(seen.last.has_scaled && seen.last.scaled == 0.5 && seen.last.duration_ms == 2000 &&
                !seen.last.has_success);
    assert_int_equal(
        kit_lrs_post(kit, NUMBERED(1, ",\"result\":{\"score\":{\"scaled\":0.5},\"duration\":\"PT2S\"}")),
        S_OK);
    assert_int_equal(seen.count, 1);
    seen.answer = S_BUSY;
    assert_int_equal(kit_lrs_post(kit, NUMBERED(2, "")), S_BUSY);
    assert_string_equal(kit_lrs_get(kit, KIT_ID(2), RENDER_EXACT), "");
}

static enum status say_run(struct db *db, void *arg)
{
    struct kit_lrs *kit = arg;

    return lrs_statement_say(&kit->lrs, db, NULL, bytes_text(NUMBERED(3, "")), &kit->report);
}

static void the_node_says_statements_of_its_own(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_run(kit, say_run, kit), S_OK);
    assert_int_equal(kit_lrs_run(kit, say_run, kit), S_OK);
    assert_non_null(strstr(kit_lrs_get(kit, KIT_ID(3), RENDER_EXACT), "qanat:lms"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_stored_is_answered_with_what_the_store_adds, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(it_survives_a_restart, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(all_or_nothing, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(ids_follow_the_time_also_backwards_and_when_it_stands, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(one_millisecond_may_be_full, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(the_observer_hears_of_each_new_statement_once, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(the_node_says_statements_of_its_own, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
