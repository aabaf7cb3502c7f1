/* Dimensions are found by their hash, also those that are only in figures. */
#include "node/learn/attempt/dims.h"

#include "node/learn/vocabulary.h"
#include "node/store/stream/own.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

struct finding {
    struct event_group group;
    bool is_row;    /* a row before */
    bool is_figure; /* in a figure before */
    int64_t row;
};

static enum status find_run(struct db *db, void *arg)
{
    static const char key[] = "r\x1f" "soil\x1f" "en\x1f" "2\x1f" "c1\x1f" "learner\x1f" "male\x1f" "2026-10\x1f" "completed";
    struct finding *finding = arg;
    struct dims *dims = dims_new();
    struct buffer value;

    if (finding->is_row) {
        assert_int_equal(event_group_get(db, &finding->group, &finding->row), S_OK);
    }
    if (finding->is_figure) { /* found in the next job: when it is certified */
        buffer_init(&value);
        cell_value_number(&value, CELL_COUNT, 1);
        assert_int_equal(own_cell_put(db, TOPIC_RESULTS, bytes_of(key, sizeof key - 1), buffer_bytes(&value)), S_OK);
        buffer_release(&value);
        finding->is_figure = false;
        dims_free(dims);
        return S_OK;
    }
    finding->row = dims_find(dims, db, dims_hash(db, &finding->group));
    dims_free(dims);
    return S_OK;
}

static struct event_group group_make(const char *version)
{
    return (struct event_group){.course = bytes_text("soil"),
                                .lang = bytes_text("en"),
                                .version = bytes_text(version),
                                .cohort = bytes_text("c1"),
                                .role = ROLE_LEARNER,
                                .gender = GENDER_MALE};
}

static enum status many_run(struct db *db, void *arg)
{
    static const char *const versions[] = {"1", "2", "3", "4"};
    struct dims *dims = dims_new();
    int64_t row;
    (void)arg;

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const struct event_group group = group_make(versions[i]);
        assert_int_equal(dims_find(dims, db, dims_hash(db, &group)), 0);
        assert_int_equal(event_group_get(db, &group, &row), S_OK);
        assert_int_equal(dims_find(dims, db, dims_hash(db, &group)), row);
    }
    dims_free(dims);
    return S_OK;
}

static void those_that_are_made_between_are_found_too(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, many_run, NULL), S_OK);
    kit_store_close(&kit);
}

static void dimensions_are_found(void **state)
{
    struct finding row = {.group = group_make("1"), .is_row = true}, none = {.group = group_make("3")};
    struct finding figure = {.group = group_make("2")};
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, find_run, &none), S_OK);
    assert_int_equal(none.row, 0);
    assert_int_equal(store_write_wait(kit.store, find_run, &row), S_OK);
    assert_true(row.row > 0);
    assert_int_equal(store_write_wait(kit.store, find_run, &figure), S_OK);
    assert_int_equal(figure.row, 0);
    figure.is_figure = true;
    assert_int_equal(store_write_wait(kit.store, find_run, &figure), S_OK);
    assert_int_equal(store_write_wait(kit.store, find_run, &figure), S_OK);
    assert_true(figure.row > 0 && figure.row != row.row);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dimensions_are_found), cmocka_unit_test(those_that_are_made_between_are_found_too)};
    return KIT_RUN(tests);
}
