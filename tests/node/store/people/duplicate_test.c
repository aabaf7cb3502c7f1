#include "node/store/people/duplicate.h"

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static enum status set_run(struct db *db, void *arg)
{
    const int64_t *rows = arg;

    return duplicate_set(db, rows[0], rows[1]);
}

static void count(void *ctx, int64_t row, struct bytes id, struct bytes name)
{
    (void)name;
    *(int64_t *)ctx = row;
    assert_true(bytes_equal(id, bytes_text("p2")));
}

static void a_row_means_another_until_it_is_itself_again(void **state)
{
    int64_t rows[2] = {3, 1}, seen = 0;
    struct duplicate duplicate;
    struct kit_store kit;
    struct person person;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 3);
    uint64_t generation = person_generation();
    assert_int_equal(store_write_wait(kit.store, set_run, rows), S_OK);
    assert_true(person_generation() != generation);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(duplicate_list(db, 1, count, &seen), 1);
    assert_int_equal(seen, 3);
    assert_int_equal(person_count(db), 2);
    assert_false(duplicate_find(db, bytes_text("p9"), &duplicate));
    store_read_end(kit.store, db);
    rows[1] = 0;
    assert_int_equal(store_write_wait(kit.store, set_run, rows), S_OK);
    db = store_read_begin(kit.store);
    assert_int_equal(duplicate_list(db, 1, count, &seen), 0);
    assert_true(person_find_dims(db, bytes_text("p2"), &person));
    assert_int_equal(person.row, 3);
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_means_another_until_it_is_itself_again),
    };
    return KIT_RUN(tests);
}
