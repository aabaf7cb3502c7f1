#include <string.h>

#include "node/learn/course/course.h"
#include "node/learn/search.h"
#include "node/store/course/course_item.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static size_t found(struct db *db, const char *words)
{
    struct buffer query, ids;

    buffer_init(&query);
    buffer_init(&ids);
    search_query(bytes_text(words), &query);
    assert_int_equal(course_search_find(db, buffer_bytes(&query), &ids), S_OK);
    size_t count = ids.size / sizeof(int64_t);
    buffer_release(&query);
    buffer_release(&ids);
    return count;
}

static enum status put_and_drop(struct db *db, void *arg)
{
    struct course_item items[] = {{.id = bytes_text("a"),
                                   .title = bytes_text("ما هي التُربة"),
                                   .kind = bytes_text("sco"),
                                   .mastery_percent = -1},
                                  {.id = bytes_text("b"),
                                   .title = bytes_text("Wasser"),
                                   .kind = bytes_text("heading"),
                                   .mastery_percent = -1}};
    struct course_row row = {
        .course = "soil", .lang = "en", .version = "1", .title = "数字化教学", .series = "green-skills"};
    struct manifest manifest = {.items = items, .item_count = 2};

    (void)arg;
    row.state = COURSE_IMPORTED;
    assert_int_equal(course_row_insert(db, &row), S_OK);
    for (int i = 0; i < 2; i++) { /* again replaces */
        assert_int_equal(course_contents_put(db, &row, &manifest), S_OK);
        assert_int_equal(course_item_count(db, row.id), 1);
        assert_int_equal(found(db, "التربه"), 1);
        assert_int_equal(found(db, "教学"), 1);
        assert_int_equal(found(db, "was green"), 1);
        assert_int_equal(found(db, "fire"), 0);
    }
    assert_int_equal(course_contents_drop(db, &row), S_OK);
    assert_int_equal(course_item_count(db, row.id), 0);
    assert_int_equal(found(db, "soil"), 0);
    return S_OK;
}

static void contents_are_found_until_they_are_dropped(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, put_and_drop, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_are_found_until_they_are_dropped),
    };
    return KIT_RUN(tests);
}
