#include "node/store/course/edition.h"

#include <stdio.h>
#include <string.h>

#include "node/store/course/cohort.h"

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

struct version {
    const char *lang, *version;
    int is_current;
};

static enum status version_put(struct db *db, void *arg)
{
    const struct version *version = arg;
    struct course_row row = {.course = "dmu", .is_current = version->is_current, .state = COURSE_INSTALLED};

    snprintf(row.lang, sizeof row.lang, "%s", version->lang);
    snprintf(row.version, sizeof row.version, "%s", version->version);
    return course_row_insert(db, &row);
}

static enum status cohort_put(struct db *db, void *arg)
{
    struct course_row row;
    const struct id nobody = {{0}};

    (void)arg;
    assert_true(course_row_find(db, bytes_text("dmu"), bytes_text("ar"), bytes_text("1"), &nobody, &row));
    return cohort_pin(db, "autumn", &row);
}

static struct edition find_for(struct kit_store *kit, const char *course, const char *lang, const char *cohort)
{
    struct db *db = store_read_begin(kit->store);
    struct edition edition;

    edition_find(db, bytes_text(course), bytes_text(lang), bytes_text(cohort), &edition);
    store_read_end(kit->store, db);
    return edition;
}

static struct edition find(struct kit_store *kit, const char *course, const char *lang)
{
    return find_for(kit, course, lang, "");
}

static void the_current_version_is_the_edition_when_there_is_one(void **state)
{
    struct version old = {"ar", "1", 0}, arabic = {"ar", "2", 1}, french = {"fr", "1", 1};
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_false(find(&kit, "dmu", "").is_known);
    assert_int_equal(store_write_wait(kit.store, version_put, &old), S_OK);
    assert_true(find(&kit, "dmu", "").is_known);
    assert_string_equal(find(&kit, "dmu", "").lang, "");
    assert_int_equal(store_write_wait(kit.store, version_put, &arabic), S_OK);
    assert_string_equal(find(&kit, "dmu", "").lang, "ar");
    assert_string_equal(find(&kit, "dmu", "").version, "2");
    assert_int_equal(store_write_wait(kit.store, version_put, &french), S_OK);
    assert_int_equal(store_write_wait(kit.store, cohort_put, NULL), S_OK);
    assert_string_equal(find_for(&kit, "dmu", "", "autumn").version, "1"); /* it stays with that one */
    assert_string_equal(find_for(&kit, "dmu", "", "spring").lang, "");
    assert_string_equal(find_for(&kit, "dmu", "fr", "autumn").version, "1");
    assert_string_equal(find(&kit, "dmu", "").lang, ""); /* which of the two, nobody said */
    assert_true(find(&kit, "dmu", "").is_known);
    assert_string_equal(find(&kit, "dmu", "fr").version, "1");
    assert_string_equal(find(&kit, "dmu", "en").version, "");
    assert_false(find(&kit, "other", "").is_known);
    kit_store_close(&kit);
}

/* As events of one import do: they are folded in one job. */
static void events_of_one_job_find_their_editions_whichever_cohorts_they_name(void **state)
{
    struct version old = {"ar", "1", 0};
    struct edition pinned, again, other;
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, version_put, &old), S_OK);
    assert_int_equal(store_write_wait(kit.store, cohort_put, NULL), S_OK);
    struct db *db = store_read_begin(kit.store);
    edition_find(db, bytes_text("dmu"), bytes_text(""), bytes_text("autumn"), &pinned);
    edition_find(db, bytes_text("dmu"), bytes_text(""), bytes_text("autumn"), &again);
    edition_find(db, bytes_text("dmu"), bytes_text(""), bytes_text("spring"), &other);
    store_read_end(kit.store, db);
    assert_string_equal(pinned.version, "1");
    assert_string_equal(again.version, "1");
    assert_true(other.is_known);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_of_one_job_find_their_editions_whichever_cohorts_they_name),
        cmocka_unit_test(the_current_version_is_the_edition_when_there_is_one),
    };
    return KIT_RUN(tests);
}
