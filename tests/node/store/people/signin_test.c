#include "node/store/people/signin.h"
#include "node/store/store.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static void number_take(void *ctx, const struct signin_row *row)
{
    *(int64_t *)ctx = row->person;
}

static bool is_there(struct db *db, uint8_t number)
{
    struct hash token = {{number}};
    int64_t person = 0;

    return signin_row_find(db, &token, number_take, &person) && person == 1;
}

static enum status insert_three(struct db *db, void *arg)
{
    (void)arg;
    for (uint8_t i = 1; i <= 3; i++) {
        struct signin_row row = {
            .token = {{i}}, .person = 1, .created_ms = 10, .expires_ms = 100 * i, .is_kept = i == 3};
        assert_int_equal(signin_row_insert(db, &row), S_OK);
    }
    return S_OK;
}

static enum status sweep(struct db *db, void *arg)
{
    struct hash second = {{2}}, third = {{3}};

    (void)arg;
    assert_int_equal(signin_row_extend(db, &second, 500), S_OK);
    assert_int_equal(signin_row_sweep(db, 150), S_OK);
    assert_false(is_there(db, 1));
    assert_true(is_there(db, 2));
    assert_int_equal(signin_row_delete_of(db, 1, &third), S_OK);
    assert_false(is_there(db, 2));
    assert_true(is_there(db, 3));
    assert_int_equal(signin_row_delete_of(db, 2, NULL), S_OK);
    assert_true(is_there(db, 3));
    assert_int_equal(signin_row_delete(db, &third), S_OK);
    assert_false(is_there(db, 3));
    return S_OK;
}

static void rows_end_by_time_by_person_and_one_by_one(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    assert_int_equal(store_write_wait(kit.store, insert_three, NULL), S_OK);
    assert_int_equal(store_write_wait(kit.store, sweep, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_end_by_time_by_person_and_one_by_one),
    };
    return KIT_RUN(tests);
}
