#include "node/store/people/person_search.h"

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static enum status visit(void *ctx, const struct person *person)
{
    *(int64_t *)ctx = person->row;
    return S_OK;
}

static enum status change_run(struct db *db, void *arg)
{
    (void)arg;
    enum status status = person_search_put(db, 1, bytes_text("other words"));
    if (status == S_OK) {
        status = person_search_delete(db, 2);
    }
    return status == S_OK ? person_search_squeeze(db) : status;
}

static void texts_are_found_replaced_and_gone(void **state)
{
    struct kit_store kit;
    int64_t row = 0;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 3);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(person_search(db, bytes_text("\"pers\"*"), 10, visit, &row), 3);
    assert_int_equal(person_search(db, bytes_text("\"pers\"*"), 2, visit, &row), 2);
    assert_int_equal(person_search(db, bytes_text("\"p1\""), 10, visit, &row), 1);
    assert_int_equal(row, 2);
    store_read_end(kit.store, db);
    assert_int_equal(store_write_wait(kit.store, change_run, NULL), S_OK);
    db = store_read_begin(kit.store);
    assert_int_equal(person_search(db, bytes_text("\"pers\"*"), 10, visit, &row), 1);
    assert_int_equal(row, 3);
    assert_int_equal(person_search(db, bytes_text("\"words\""), 10, visit, &row), 1);
    assert_int_equal(row, 1);
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found_replaced_and_gone),
    };
    return KIT_RUN(tests);
}
