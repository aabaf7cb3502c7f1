#include "node/stats/group.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

static const struct place here = {
    .node = "aswan", .centre = "nc-eg", .country = "EG", .region = "North Africa"};
static const struct place there = {
    .node = "nairobi", .centre = "nc-ke", .country = "KE", .region = "East Africa"};

struct fixture {
    struct stats_request request;
    struct arena texts;
    struct group_table *table;
};

static void fixture_open(struct fixture *f, const char *by)
{
    arena_init(&f->texts, 1 << 24);
    assert_int_equal(stats_parse_by(by, &f->request, NULL), S_OK);
    f->table = group_table_new(&f->request, &f->texts);
}

static void fixture_close(struct fixture *f)
{
    group_table_free(f->table);
    arena_release(&f->texts);
}

/* Adds a number of a course, gender and period. */
static enum status add(struct fixture *f, const struct place *place, const char *text, int64_t number)
{
    char course[32], gender[32], period[32], metric[32];
    struct buffer key = {0}, value = {0};

    assert_int_equal(sscanf(text, "%31s %31s %31s %31s", course, gender, period, metric), 4);
    const struct bytes part[PART_COUNT] = {bytes_text(course), bytes_text("ar"),      bytes_text("1"),
                                           bytes_of("", 0),    bytes_text("learner"), bytes_text(gender),
                                           bytes_text(period)};
    figure_prefix(part, &key);
    buffer_append(&key, metric, strlen(metric));
    cell_value_number(&value, CELL_COUNT, number);
    enum status status = group_table_add(f->table, place, buffer_bytes(&key), buffer_bytes(&value));
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

static void rows_add_up_to_the_totals(void **state)
{
    static const char *const bys[] = {"", "centre", "gender", "centre,gender", "period,course,country"};
    struct fixture f = {0};
    (void)state;

    for (size_t i = 0; i < sizeof bys / sizeof *bys; i++) {
        memset(&f, 0, sizeof f);
        fixture_open(&f, bys[i]);
        add(&f, &here, "dmu female 2026-10 enrolled", 5);
        add(&f, &here, "dmu male 2026-10 enrolled", 7);
        add(&f, &there, "dmu female 2026-11 enrolled", 11);
        add(&f, &here, "dmu female 2026-10 enrolled", -1); /* another incarnation took one back */
        int64_t sum = 0;
        const struct group *const *groups = group_table_sorted(f.table);
        for (size_t k = 0; k < group_table_count(f.table); k++) {
            sum += (int64_t)groups[k]->number[METRIC_ENROLLED];
        }
        assert_int_equal(sum, 22);
        fixture_close(&f);
    }
}

static void rows_are_sorted_by_their_texts(void **state)
{
    struct fixture f = {0};
    (void)state;

    fixture_open(&f, "centre,gender");
    add(&f, &there, "dmu male 2026-10 enrolled", 1);
    add(&f, &there, "dmu female 2026-10 enrolled", 2);
    add(&f, &here, "dmu male 2026-10 enrolled", 3);
    const struct group *const *groups = group_table_sorted(f.table);
    assert_int_equal(group_table_count(f.table), 3);
    assert_string_equal(groups[0]->by[0], "nc-eg");
    assert_string_equal(groups[1]->by[1], "female");
    assert_int_equal(groups[2]->number[METRIC_ENROLLED], 1);
    fixture_close(&f);
}

static void filters_keep_one_value_and_a_year_keeps_its_months(void **state)
{
    struct fixture f = {0};
    (void)state;

    fixture_open(&f, "");
    f.request.only[DIMENSION_PERIOD] = "2026";
    f.request.only[DIMENSION_COUNTRY] = "EG";
    add(&f, &here, "dmu male 2026-10 enrolled", 1);
    add(&f, &here, "dmu male 2026-12 enrolled", 2);
    add(&f, &here, "dmu male 2025-12 enrolled", 4);
    add(&f, &there, "dmu male 2026-10 enrolled", 8);
    assert_int_equal(group_table_sorted(f.table)[0]->number[METRIC_ENROLLED], 3);
    fixture_close(&f);
}

static void without_cells_the_total_is_one_row_of_zeros(void **state)
{
    struct fixture f = {0};
    (void)state;

    fixture_open(&f, "");
    group_table_sorted(f.table);
    assert_int_equal(group_table_count(f.table), 1);
    fixture_close(&f);
    fixture_open(&f, "centre");
    group_table_sorted(f.table);
    assert_int_equal(group_table_count(f.table), 0);
    fixture_close(&f);
}

static void what_cannot_be_read_is_counted_and_left_out(void **state)
{
    static const char key[] = "r\x1f"
                              "dmu\x1f\x1f\x1f\x1f\x1f\x1f"
                              "2026-10\x1f"
                              "enrolled";
    static const char bad[] = "r\x1f"
                              "dm\xff\x1f\x1f\x1f\x1f\x1f\x1f"
                              "2026-10\x1f"
                              "enrolled";
    struct fixture f = {0};
    (void)state;

    fixture_open(&f, "course");
    assert_int_equal(group_table_add(f.table, &here, bytes_of(key, sizeof key - 1), bytes_of("\x01\xff", 2)),
                     S_OK);
    assert_int_equal(group_table_add(f.table, &here, bytes_of(bad, sizeof bad - 1), bytes_of("\x01\x02", 2)),
                     S_OK);
    assert_int_equal(group_table_unreadable(f.table), 2);
    assert_int_equal(group_table_add(f.table, &here, bytes_text("something else"), bytes_of("\x01\x02", 2)),
                     S_OK);
    assert_int_equal(group_table_unreadable(f.table), 2);
    assert_int_equal(group_table_add(f.table, &here, bytes_of(key, sizeof key - 1), bytes_of("\x08", 1)),
                     S_OK);
    assert_true(group_table_sorted(f.table)[0]->is_withheld[METRIC_ENROLLED]);
    fixture_close(&f);
}

static void rows_end_at_the_limit_asked_for(void **state)
{
    struct fixture f = {0};
    (void)state;

    fixture_open(&f, "gender");
    f.request.rows_max = 2;
    assert_int_equal(add(&f, &here, "dmu female 2026-10 enrolled", 1), S_OK);
    assert_int_equal(add(&f, &here, "dmu male 2026-10 enrolled", 1), S_OK);
    assert_int_equal(add(&f, &here, "dmu female 2026-11 enrolled", 1), S_OK);
    assert_int_equal(add(&f, &here, "dmu other 2026-10 enrolled", 1), S_TOO_LARGE);
    fixture_close(&f);
}

static void many_groups_are_all_kept(void **state)
{
    struct fixture f = {0};
    char text[64];
    (void)state;

    fixture_open(&f, "course,gender");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
            snprintf(text, sizeof text, "c%d female 2026-10 enrolled", i);
            assert_int_equal(add(&f, &here, text, 1), S_OK);
        }
    }
    const struct group *const *groups = group_table_sorted(f.table);
    assert_int_equal(group_table_count(f.table), 3000);
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(groups[i]->number[METRIC_ENROLLED], 2);
    }
    fixture_close(&f);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_add_up_to_the_totals),
        cmocka_unit_test(rows_are_sorted_by_their_texts),
        cmocka_unit_test(filters_keep_one_value_and_a_year_keeps_its_months),
        cmocka_unit_test(without_cells_the_total_is_one_row_of_zeros),
        cmocka_unit_test(what_cannot_be_read_is_counted_and_left_out),
        cmocka_unit_test(rows_end_at_the_limit_asked_for),
        cmocka_unit_test(many_groups_are_all_kept),
    };
    return KIT_RUN(tests);
}
