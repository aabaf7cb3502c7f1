#include "node/store/people/cohort_row.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static enum status fill_run(struct db *db, void *arg)
{
    struct cohort_row *row = arg;
    const struct cohort_session session = {.session = bytes_text("day"), .at_ms = 5, .minutes = 6};
    struct cohort_session stored;
    bool is_change;

    strcpy(row->cohort, "autumn");
    strcpy(row->course, "tdc");
    assert_int_equal(cohort_row_put(db, row), S_OK);
    assert_int_equal(cohort_member_put(db, row->id, 1, false, 9), S_OK);
    assert_int_equal(cohort_member_put(db, row->id, 2, true, 9), S_OK);
    assert_int_equal(cohort_session_put(db, row->id, &session), S_OK);
    assert_true(cohort_session_find(db, row->id, bytes_text("day"), &stored));
    assert_int_equal(attendance_set(db, stored.id, 1, true, &is_change), S_OK);
    assert_true(is_change);
    assert_int_equal(attendance_set(db, stored.id, 1, true, &is_change), S_OK);
    assert_false(is_change);
    return S_OK;
}

static enum status forget_run(struct db *db, void *arg)
{
    (void)arg;
    return cohort_forget(db, 1);
}

static enum status delete_run(struct db *db, void *arg)
{
    const struct cohort_row *row = arg;

    return cohort_row_delete(db, row->id);
}

static void count(void *ctx, const struct cohort_member *member)
{
    int64_t *attended = ctx;

    *attended += member->attended;
    assert_int_equal(member->status, -1); /* nothing is registered */
}

static void count_row(void *ctx, const struct cohort_row *row)
{
    (void)row;
    ++*(int *)ctx;
}

static void rows_are_put_found_and_gone(void **state)
{
    struct cohort_row row = {.id = 0, .created_ms = 9}, found;
    int64_t learners, trainers, attended = 0;
    struct kit_store kit;
    bool is_trainer;
    int rows = 0;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 2);
    assert_int_equal(store_write_wait(kit.store, fill_run, &row), S_OK);
    struct db *db = store_read_begin(kit.store);
    assert_true(cohort_row_find(db, bytes_text("autumn"), &found));
    assert_string_equal(found.course, "tdc");
    cohort_member_counts(db, row.id, &learners, &trainers);
    assert_int_equal(learners, 1);
    assert_int_equal(trainers, 1);
    assert_true(cohort_member_find(db, row.id, 2, &is_trainer) && is_trainer);
    assert_int_equal(cohort_member_page(db, &row, 0, 10, count, &attended), 2);
    assert_int_equal(attended, 1);
    assert_int_equal(cohort_member_page(db, &row, 1, 10, count, &attended), 1);
    assert_int_equal(cohort_row_of_person(db, 2, true, count_row, &rows), 1);
    assert_int_equal(cohort_row_of_person(db, 1, true, count_row, &rows), 0);
    assert_int_equal(cohort_row_page(db, bytes_of("", 0), 10, count_row, &rows), 1);
    assert_false(cohort_is_trained(db, 1, bytes_text("tdc")));
    store_read_end(kit.store, db);
    assert_int_equal(store_write_wait(kit.store, forget_run, NULL), S_OK);
    db = store_read_begin(kit.store);
    assert_false(cohort_member_find(db, row.id, 1, &is_trainer));
    store_read_end(kit.store, db);
    assert_int_equal(store_write_wait(kit.store, delete_run, &row), S_OK);
    db = store_read_begin(kit.store);
    assert_false(cohort_row_find(db, bytes_text("autumn"), &found));
    assert_false(cohort_member_find(db, row.id, 2, &is_trainer));
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_put_found_and_gone),
    };
    return KIT_RUN(tests);
}
