#include "node/learn/result/tally.h"
#include "node/store/stream/own.h"
#include "replication/crdt/histogram.h"
#include "replication/crdt/people.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

#include <stdio.h>
#include <string.h>

static struct tally_group *group_at(struct tally *tally, const char *course)
{
    const struct bytes part[PART_COUNT] = {bytes_text(course),   bytes_text("ar"),      bytes_text("1"),
                                           bytes_of("", 0),      bytes_text("learner"), bytes_text("female"),
                                           bytes_text("2026-10")};
    return tally_group(tally, part);
}

static enum status cell_get(struct db *db, const char *course, const char *metric, struct bytes *value)
{
    struct buffer key = {0};

    buffer_append(&key, "r\x1f", 2);
    buffer_append(&key, course, strlen(course));
    buffer_append(&key,
                  "\x1f"
                  "ar\x1f"
                  "1\x1f\x1f"
                  "learner\x1f"
                  "female\x1f"
                  "2026-10\x1f",
                  30);
    buffer_append(&key, metric, strlen(metric));
    enum status status = own_cell_get(db, TOPIC_RESULTS, buffer_bytes(&key), value);
    buffer_release(&key);
    return status;
}

static int64_t number_get(struct db *db, const char *course, const char *metric)
{
    struct bytes value;
    int64_t number = -1;

    assert_int_equal(cell_get(db, course, metric, &value), S_OK);
    assert_true(cell_value_get_number(value, &number));
    return number;
}

static enum status two_batches(struct db *db, void *arg)
{
    struct tally *tally = arg;

    for (int batch = 0; batch < 2; batch++) {
        struct tally_group *group = group_at(tally, "dmu");
        tally_add(group, METRIC_ENROLLED, 3);
        tally_add(group, METRIC_MINUTES, 150);
        tally_score(group, 8549);
        tally_score(group, 8550);
        tally_person(group, 7 + (uint64_t)batch);
        tally_person(group, 7);
        tally_add(group_at(tally, "nothing"), METRIC_ENROLLED, 0);
        assert_int_equal(tally_flush(tally, db), S_OK);
    }
    return S_OK;
}

static enum status totals_check(struct db *db, void *arg)
{
    struct histogram histogram;
    struct people people;
    struct bytes value;
    double error;
    (void)arg;

    assert_int_equal(number_get(db, "dmu", "enrolled"), 6);
    assert_int_equal(number_get(db, "dmu", "minutes"), 300);
    assert_int_equal(number_get(db, "dmu", "score_sum"), 2 * (8549 + 8550));
    assert_int_equal(cell_get(db, "nothing", "enrolled", &value), S_NOT_FOUND);
    histogram_init(&histogram, CELL_SCORES);
    assert_int_equal(cell_get(db, "dmu", "score", &value), S_OK);
    assert_int_equal(histogram_merge_value(&histogram, value), S_OK);
    assert_int_equal(histogram.counts[85], 2);
    assert_int_equal(histogram.counts[86], 2);
    histogram_release(&histogram);
    people_init(&people);
    assert_int_equal(cell_get(db, "dmu", "people", &value), S_OK);
    assert_int_equal(people_merge_value(&people, value), S_OK);
    assert_true(people_estimate(&people, &error) == 2);
    people_release(&people);
    return S_OK;
}

static void flushes_add_to_what_is_there(void **state)
{
    struct kit_store kit;
    struct tally *tally = tally_new();
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, two_batches, tally), S_OK);
    assert_int_equal(store_write_wait(kit.store, totals_check, NULL), S_OK);
    tally_free(tally);
    kit_store_close(&kit);
}

static void a_group_is_the_same_until_the_tally_is_cleared(void **state)
{
    struct tally *tally = tally_new();
    char course[16];
    (void)state;

    struct tally_group *first = group_at(tally, "dmu");
    *tally_note(first) = 42;
    for (int i = 0; i < 5000; i++) {
        snprintf(course, sizeof course, "c%d", i);
        *tally_note(group_at(tally, course)) = i;
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(course, sizeof course, "c%d", i);
        assert_int_equal(*tally_note(group_at(tally, course)), i);
    }
    assert_ptr_equal(group_at(tally, "dmu"), first);
    assert_int_equal(*tally_note(first), 42);
    tally_clear(tally);
    assert_int_equal(*tally_note(group_at(tally, "dmu")), 0);
    tally_free(tally);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flushes_add_to_what_is_there),
        cmocka_unit_test(a_group_is_the_same_until_the_tally_is_cleared),
    };
    return KIT_RUN(tests);
}
