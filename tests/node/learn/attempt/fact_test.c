#include <string.h>

#include "node/learn/attempt/fact.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

struct saying {
    struct kit_store *kit;
    int64_t at_ms, score, minutes;
    bool is_untrue;
    const char *about, *about_before; /* NULL: "this one", none */
};

static enum status say(struct db *db, void *arg)
{
    const struct saying *saying = arg;
    struct facts *facts = facts_new(&saying->kit->federation);
    struct fact fact = {.person = 1,
                        .person_id = bytes_text("p0"),
                        .dims = {.course = bytes_text("soil"),
                                 .lang = bytes_text("en"),
                                 .version = bytes_text("1"),
                                 .cohort = bytes_text("")},
                        .kind = EVENT_COMPLETED,
                        .at_ms = saying->at_ms,
                        .score = saying->score,
                        .minutes = saying->minutes};
    char id[FACT_ID_SIZE], id_before[FACT_ID_SIZE];

    fact_id(facts, EVENT_COMPLETED, bytes_text(saying->about ? saying->about : "this one"), id);
    fact.id = id;
    if (saying->about_before) {
        fact_id(facts, EVENT_COMPLETED, bytes_text(saying->about_before), id_before);
        fact.id_before = id_before;
    }
    enum status status = saying->is_untrue ? fact_drop(facts, db, &fact) : fact_put(facts, db, &fact);
    if (status == S_OK) {
        status = facts_flush(facts, db);
    }
    facts_free(facts);
    return status;
}

static void what_is_said_last_counts(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    struct saying saying = {.kit = &kit, .at_ms = KIT_NOW_S * 1000LL, .score = 5000, .minutes = 300};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
        assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 1);
        assert_int_equal(kit_total(&kit, METRIC_MINUTES), 300);
    }
    struct hash before = kit_results_digest(&kit);
    assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
    struct hash after = kit_results_digest(&kit);
    assert_true(hash_equal(&before, &after)); /* saying it again writes nothing */
    saying.minutes = 200;
    saying.score = 4000;
    assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 1);
    assert_int_equal(kit_total(&kit, METRIC_MINUTES), 200);
    assert_int_equal(kit_total(&kit, METRIC_SCORE), 1);
    assert_int_equal(kit_total(&kit, METRIC_SCORE_SUM), 4000);
    saying.is_untrue = true;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
        assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 0);
        assert_int_equal(kit_total(&kit, METRIC_MINUTES), 0);
        assert_int_equal(kit_total(&kit, METRIC_SCORE), 0);
    }
    kit_store_close(&kit);
}

static void another_month_moves_the_figure(void **state)
{
    struct kit_store kit;
    struct stats_result result;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    struct saying saying = {.kit = &kit, .at_ms = KIT_NOW_S * 1000LL, .score = EVENT_NO_SCORE};
    assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
    saying.at_ms -= 40LL * 86400 * 1000;
    assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
    kit_stats(&kit, "period", &result);
    for (size_t i = 0; i < result.count; i++) {
        assert_int_equal(result.rows[i].number[METRIC_COMPLETED],
                         strcmp(result.rows[i].by[0], "2026-08") == 0);
    }
    stats_release(&result);
    kit_store_close(&kit);
}

/* What versions before counted under another name, and kept no share of. */
static void a_fact_that_was_named_otherwise_is_the_same_one(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    struct saying saying = {.kit = &kit, .at_ms = KIT_NOW_S * 1000LL, .score = 5000, .minutes = 300, .about = "old"};
    assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
    saying.about = "new";
    saying.about_before = "old";
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
        assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 1);
        assert_int_equal(kit_total(&kit, METRIC_MINUTES), 300);
        assert_int_equal(kit_total(&kit, METRIC_SCORE), 1);
    }
    saying.score = 6000;
    saying.minutes = 200;
    assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
    saying.is_untrue = true;
    assert_int_equal(store_write_wait(kit.store, say, &saying), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 0);
    assert_int_equal(kit_total(&kit, METRIC_MINUTES), 0);
    assert_int_equal(kit_total(&kit, METRIC_SCORE), 0);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_last_counts),
        cmocka_unit_test(another_month_moves_the_figure),
        cmocka_unit_test(a_fact_that_was_named_otherwise_is_the_same_one),
    };
    return KIT_RUN(tests);
}
