#include <string.h>

#include "node/store/people/registration.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static enum status rows_run(struct db *db, void *arg)
{
    struct registration_row row = {.uuid = {1},
                                   .person = 7,
                                   .course = "c",
                                   .lang = "ar",
                                   .score = EVENT_NO_SCORE,
                                   .mark_status = -1,
                                   .mark_score = 5000,
                                   .is_due = true},
                            read;
    struct buffer ids;

    (void)arg;
    assert_int_equal(registration_row_insert(db, &row), S_OK);
    assert_true(registration_row_find(db, 7, bytes_text("c"), bytes_text(""), &read));
    assert_int_equal(read.score, EVENT_NO_SCORE);
    assert_int_equal(read.mark_score, 5000);
    assert_string_equal(read.lang, "ar");
    assert_true(registration_row_find_uuid(db, row.uuid, &read));
    row.uuid[0] = 2;
    strcpy(row.cohort, "autumn");
    row.is_due = false;
    assert_int_equal(registration_row_insert(db, &row), S_OK);
    assert_true(registration_row_find_latest(db, 7, bytes_text("c"), &read));
    assert_string_equal(read.cohort, "autumn");
    buffer_init(&ids);
    assert_int_equal(registration_row_list_due(db, 10, &ids), S_OK);
    assert_int_equal(registration_row_list_in(db, bytes_text("c"), bytes_text("autumn"), &ids), S_OK);
    assert_int_equal(registration_row_list_of(db, 7, &ids), S_OK);
    assert_int_equal(ids.size, 4 * sizeof(int64_t));
    buffer_release(&ids);
    row.score = 100;
    row.completed_ms = 5;
    assert_int_equal(registration_row_update(db, &row), S_OK);
    assert_true(registration_row_get(db, row.id, &read));
    assert_int_equal(read.score, 100);
    assert_int_equal(read.completed_ms, 5);
    assert_int_equal(registration_row_delete_of(db, 7), S_OK);
    assert_false(registration_row_get(db, row.id, &read));
    return S_OK;
}

static void what_is_put_is_read(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, rows_run, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_put_is_read)};
    return KIT_RUN(tests);
}
