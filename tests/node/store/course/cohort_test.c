#include "node/store/course/cohort.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static struct course_row version(const char *lang, const char *text)
{
    struct course_row row = {.course = "c", .publisher = {{7}}};

    snprintf(row.lang, sizeof row.lang, "%s", lang);
    snprintf(row.version, sizeof row.version, "%s", text);
    return row;
}

static enum status run(struct db *db, void *unused)
{
    struct course_row en1 = version("en", "1"), en2 = version("en", "2"), ar1 = version("ar", "1");
    struct cohort_version found[2];
    struct buffer names;
    int64_t count;

    (void)unused;
    buffer_init(&names);
    assert_int_equal(cohort_find(db, bytes_text("a"), bytes_text("c"), bytes_text(""), found), 0);
    assert_int_equal(cohort_pin(db, "a", &en1), S_OK);
    assert_int_equal(cohort_pin(db, "b", &en1), S_OK);
    assert_int_equal(cohort_list(db, &en1, &names), 2);
    assert_memory_equal(names.data, "a\0b", 4);
    assert_int_equal(cohort_pin(db, "a", &en2), S_OK); /* instead of 1 */
    assert_int_equal(cohort_find(db, bytes_text("a"), bytes_text("c"), bytes_text(""), found), 1);
    assert_string_equal(found[0].version, "2");
    assert_true(id_equal(&found[0].publisher, &en2.publisher));
    assert_int_equal(cohort_pin(db, "a", &ar1), S_OK); /* beside it */
    assert_int_equal(cohort_find(db, bytes_text("a"), bytes_text("c"), bytes_text(""), found), 2);
    assert_int_equal(cohort_find(db, bytes_text("a"), bytes_text("c"), bytes_text("en"), found), 1);
    assert_int_equal(cohort_unpin(db, "a", "c", "en", &count), S_OK);
    assert_int_equal(count, 1);
    assert_int_equal(cohort_unpin(db, "a", "c", "en", &count), S_OK);
    assert_int_equal(count, 0);
    buffer_clear(&names);
    assert_int_equal(cohort_list(db, &en2, &names), 0);
    buffer_release(&names);
    return S_OK;
}

static void a_cohort_stays_with_one_version_of_each_language(void **state)
{
    struct kit_store kit;

    (void)state;
    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, run, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cohort_stays_with_one_version_of_each_language),
    };
    return KIT_RUN(tests);
}
