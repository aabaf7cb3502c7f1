/* An event counted and taken back leaves the figures as they were. */
#include "node/learn/result/event_tally.h"

#include <string.h>

#include "node/learn/vocabulary.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static enum status tally_run(struct db *db, void *arg)
{
    const int *sign = arg;
    struct tally *tally = tally_new();
    struct event_group dims = {.course = bytes_text("c"), .lang = bytes_text("ar"), .version = bytes_text("1"), .cohort = bytes_text("")};
    struct event event = {.kind = EVENT_COMPLETED, .at_ms = (int64_t)KIT_NOW_S * 1000, .score = 8050, .minutes = 250};

    event_tally(tally, &dims, &event, *sign);
    enum status status = tally_flush(tally, db);
    tally_free(tally);
    return status;
}

static void once_more_and_once_less(void **state)
{
    struct kit_store kit;
    struct stats_result result;
    int sign = 1;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, tally_run, &sign), S_OK);
    kit_stats(&kit, "period", &result);
    assert_int_equal(result.count, 1);
    assert_string_equal(result.rows[0].by[0], "2026-10");
    assert_int_equal(result.rows[0].number[METRIC_COMPLETED], 1);
    assert_int_equal(result.rows[0].number[METRIC_MINUTES], 250);
    assert_int_equal(result.rows[0].number[METRIC_SCORE], 1);
    stats_release(&result);
    sign = -1;
    assert_int_equal(store_write_wait(kit.store, tally_run, &sign), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 0);
    assert_int_equal(kit_total(&kit, METRIC_MINUTES), 0);
    assert_int_equal(kit_total(&kit, METRIC_SCORE), 0);
    assert_int_equal(kit_total(&kit, METRIC_SCORE_SUM), 0);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_more_and_once_less),
    };
    return KIT_RUN(tests);
}
