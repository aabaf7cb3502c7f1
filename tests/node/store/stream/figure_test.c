#include "node/store/stream/figure.h"
#include "tests/kit/kit.h"

#include <string.h>

static void a_key_is_read_as_it_was_written(void **state)
{
    const struct bytes part[PART_COUNT] = {bytes_text("dmu"),    bytes_text("ar"),      bytes_text("2"),
                                           bytes_text(""),       bytes_text("learner"), bytes_text("female"),
                                           bytes_text("2026-10")};
    struct buffer key;
    struct figure figure;
    (void)state;

    buffer_init(&key);
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        figure_prefix(part, &key);
        buffer_append(&key, metric_text((enum metric)metric), strlen(metric_text((enum metric)metric)));
        assert_true(figure_parse(buffer_bytes(&key), &figure));
        assert_int_equal(figure.metric, metric);
        for (int i = 0; i < PART_COUNT; i++) {
            assert_true(bytes_equal(figure.part[i], part[i]));
        }
    }
    buffer_release(&key);
}

static void metrics_stand_in_the_order_of_their_names(void **state)
{
    (void)state;
    for (int metric = 1; metric < METRIC_COUNT; metric++) {
        assert_true(strcmp(metric_text((enum metric)(metric - 1)), metric_text((enum metric)metric)) < 0);
    }
}

static void the_longest_parts_fit_a_key(void **state)
{
    static char text[128];
    struct buffer key;
    (void)state;

    memset(text, 'x', sizeof text);
    const struct bytes part[PART_COUNT] = {
        bytes_of(text, 128),         bytes_of(text, 35),        bytes_of(text, 64),   bytes_of(text, 128),
        bytes_text("administrator"), bytes_text("undisclosed"), bytes_text("2026-10")};
    buffer_init(&key);
    figure_prefix(part, &key);
    assert_true(key.size + strlen("registered") <= CELL_KEY_MAX);
    buffer_release(&key);
}

static void other_keys_are_not_ours(void **state)
{
    static const char *const keys[] = {"",
                                       "r",
                                       "r\x1f",
                                       "x\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"
                                       "enrolled",
                                       "r\x1f\x1f\x1f\x1f\x1f\x1f\x1f"
                                       "enrolled",
                                       "r\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"
                                       "unheard_of",
                                       "r\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"
                                       "enrolled"};
    struct figure figure;
    (void)state;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_false(figure_parse(bytes_text(keys[i]), &figure));
    }
    assert_true(figure_parse(bytes_text("r\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"
                                        "enrolled"),
                             &figure));
}

static void each_metric_has_its_kind_of_cell(void **state)
{
    (void)state;
    assert_int_equal(metric_cell_kind(METRIC_ENROLLED), CELL_COUNT);
    assert_int_equal(metric_cell_kind(METRIC_MINUTES), CELL_SUM);
    assert_int_equal(metric_cell_kind(METRIC_SCORE), CELL_SCORES);
    assert_int_equal(metric_cell_kind(METRIC_PEOPLE), CELL_PEOPLE);
    assert_false(metric_is_number(METRIC_PEOPLE));
    assert_true(metric_is_number(METRIC_SCORE_SUM));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_read_as_it_was_written),
        cmocka_unit_test(metrics_stand_in_the_order_of_their_names),
        cmocka_unit_test(the_longest_parts_fit_a_key),
        cmocka_unit_test(other_keys_are_not_ours),
        cmocka_unit_test(each_metric_has_its_kind_of_cell),
    };
    return KIT_RUN(tests);
}
