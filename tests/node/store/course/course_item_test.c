#include "node/store/course/course.h"
#include "node/store/course/course_item.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

struct seen {
    uint32_t count;
    uint32_t last;
};

static void item_see(void *ctx, uint32_t number, const struct course_item *item)
{
    struct seen *seen = ctx;

    assert_true(item->depth == number);
    seen->last = number;
    seen->count++;
}

static enum status rows_run(struct db *db, void *arg)
{
    struct course_row row = {.course = "c", .lang = "en", .version = "1", .state = COURSE_IMPORTED};
    struct course_item item = {
        .id = bytes_text("same"), .kind = bytes_text("heading"), .details = bytes_text("{}")};
    struct seen seen = {0, 0};

    (void)arg;
    assert_int_equal(course_row_insert(db, &row), S_OK);
    for (item.depth = 0; item.depth < 3; item.depth++) {
        assert_int_equal(course_item_insert(db, row.id, item.depth, &item), S_OK);
        item.kind = bytes_text("sco");
    }
    assert_int_equal(course_item_list(db, row.id, item_see, &seen), S_OK);
    assert_int_equal(seen.count, 3);
    assert_true(course_item_find(db, row.id, bytes_text("same"), item_see, &seen));
    assert_int_equal(seen.last, 1); /* not the heading */
    assert_false(course_item_find(db, row.id, bytes_text("other"), item_see, &seen));
    assert_int_equal(course_item_count(db, row.id), 2);
    assert_int_equal(course_item_delete_all(db, row.id), S_OK);
    assert_int_equal(course_item_count(db, row.id), 0);
    return S_OK;
}

static void items_keep_their_order(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, rows_run, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(items_keep_their_order)};
    return KIT_RUN(tests);
}
