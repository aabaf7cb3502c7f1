#include "node/learn/cohort/progress.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static void the_table_says_who_is_how_far_page_by_page(void **state)
{
    const struct bytes ids[] = {bytes_text("p0"), bytes_text("p1"), bytes_text("p2")};
    struct cohort_wish wish = {
        .cohort = "autumn", .course = "tdc", .starts_ms = 1790000000000, .ends_ms = -1};
    const struct cohort_completion completion = {
        .cohort = "autumn", .person = ids[1], .reason = bytes_text("=exam, on paper"), .score = 8050};
    struct cohort_outcome outcome;
    struct kit_store kit;
    struct cohort_row row;
    int64_t after = 0;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 3);
    struct cohorts cohorts = {
        .store = kit.store, .federation = &kit.federation, .now_ms = KIT_NOW_S * 1000LL};
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    cohort_outcome_init(&outcome);
    assert_int_equal(cohort_add(&cohorts, "autumn", false, &(struct cohort_people){ids, 3}, &outcome, NULL),
                     S_OK);
    cohort_outcome_release(&outcome);
    assert_int_equal(cohort_complete(&cohorts, &completion, NULL), S_OK);

    struct db *db = store_read_begin(kit.store);
    assert_int_equal(cohort_get(db, "autumn", &row, NULL), S_OK);
    json_t *document = cohort_json(db, &row);
    json_t *first = cohort_progress_json(db, &row, 2, &after),
           *rest = cohort_progress_json(db, &row, 2, &after);
    store_read_end(kit.store, db);
    assert_string_equal(json_string_value(json_object_get(document, "starts")), "2026-09-21");
    assert_true(json_is_null(json_object_get(document, "ends")));
    assert_int_equal(json_integer_value(json_object_get(document, "learners")), 3);
    assert_int_equal(json_array_size(first), 2);
    assert_int_equal(json_array_size(rest), 1);
    json_t *second = json_array_get(first, 1);
    assert_string_equal(json_string_value(json_object_get(second, "status")), "completed");
    assert_true(json_real_value(json_object_get(second, "score")) == 80.5);
    assert_true(json_is_true(json_object_get(second, "by_hand")));
    json_decref(document);
    json_decref(first);
    json_decref(rest);

    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    cohort_progress_csv(kit.store, &row, out);
    fclose(out);
    assert_non_null(strstr(text, "person,name,status,percent"));
    assert_non_null(
        strstr(text, "\np1,Person 1,completed,100,80.50,0,0,2026-10-05T12:30:45Z,,\"'=exam, on paper\"\n"));
    free(text);
    kit_store_close(&kit);
}

/* One more than a page: it comes with the next one, and the file has all. */
static void a_page_has_its_bound(void **state)
{
    enum { COUNT = PROGRESS_PAGE_MAX + 1 };
    static char names[COUNT][8];
    static struct bytes ids[COUNT];
    struct cohort_wish wish = {.cohort = "many", .course = "tdc", .starts_ms = -1, .ends_ms = -1};
    struct cohort_outcome outcome;
    struct kit_store kit;
    struct cohort_row row;
    int64_t after = 0;
    (void)state;

    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "p%d", i);
        ids[i] = bytes_text(names[i]);
    }
    kit_store_open(&kit);
    kit_people_make(&kit, COUNT);
    struct cohorts cohorts = {.store = kit.store, .federation = &kit.federation, .now_ms = KIT_NOW_S * 1000LL};
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    cohort_outcome_init(&outcome);
    assert_int_equal(cohort_add(&cohorts, "many", false, &(struct cohort_people){ids, COUNT}, &outcome, NULL), S_OK);
    assert_int_equal(outcome.changed, COUNT);
    cohort_outcome_release(&outcome);

    struct db *db = store_read_begin(kit.store);
    assert_int_equal(cohort_get(db, "many", &row, NULL), S_OK);
    json_t *first = cohort_progress_json(db, &row, COUNT, &after), *rest = cohort_progress_json(db, &row, COUNT, &after),
           *none = cohort_progress_json(db, &row, COUNT, &after);
    store_read_end(kit.store, db);
    assert_int_equal(json_array_size(first), PROGRESS_PAGE_MAX);
    assert_int_equal(json_array_size(rest), 1);
    assert_int_equal(json_array_size(none), 0);
    json_decref(first), json_decref(rest), json_decref(none);

    char *text = NULL;
    size_t size, lines = 0;
    FILE *out = open_memstream(&text, &size);
    cohort_progress_csv(kit.store, &row, out);
    fclose(out);
    for (size_t i = 0; i < size; i++) {
        lines += text[i] == '\n';
    }
    assert_int_equal(lines, 1 + COUNT);
    free(text);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_who_is_how_far_page_by_page),
        cmocka_unit_test(a_page_has_its_bound),
    };
    return KIT_RUN(tests);
}
