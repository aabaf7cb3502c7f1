#include "node/stats/document.h"
#include "tests/kit/kit.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static json_t *at(json_t *json, const char *key)
{
    json_t *member = json_object_get(json, key);
    assert_non_null(member);
    return member;
}

static void the_document_is_what_the_contract_says(void **state)
{
    struct coverage_late late[] = {{"nc-ke", 1791158400123}, {"nc-zm", 0}};
    struct stats_row row = {.by = {"nc-eg"}, .score_mean = 84.25, .score_median = 85, .people_error = 0};
    struct stats_result result = {
        .rows = &row, .count = 1, .coverage = {.expected = 3, .reporting = 1, .late = late, .late_count = 2}};
    (void)state;

    stats_parse_by("centre", &result.request, NULL);
    result.request.now_ms = 1791203445000;
    row.number[METRIC_ENROLLED] = 7;
    row.number[METRIC_MINUTES] = 1250;
    row.number[METRIC_SCORE] = 2;
    row.number[METRIC_PEOPLE] = 5;
    json_t *document = stats_document(&result, "IIOE");
    assert_string_equal(json_string_value(at(document, "federation")), "IIOE");
    assert_string_equal(json_string_value(at(document, "as_of")), "2026-10-05T12:30:45Z");
    json_t *coverage = at(document, "coverage");
    assert_int_equal(json_integer_value(at(coverage, "expected")), 3);
    assert_string_equal(json_string_value(at(json_array_get(at(coverage, "late"), 0), "last_heard")),
                        "2026-10-05T00:00:00Z");
    assert_true(json_is_null(at(json_array_get(at(coverage, "late"), 1), "last_heard")));
    json_t *first = json_array_get(at(document, "rows"), 0);
    assert_string_equal(json_string_value(at(at(first, "by"), "centre")), "nc-eg");
    assert_int_equal(json_integer_value(at(first, "enrolled")), 7);
    assert_int_equal(json_integer_value(at(first, "registered")), 0);
    assert_true(json_real_value(at(first, "minutes")) == 12.5);
    assert_int_equal(json_integer_value(at(at(first, "score"), "n")), 2);
    assert_true(json_real_value(at(at(first, "score"), "mean")) == 84.25);
    assert_int_equal(json_integer_value(at(at(first, "people"), "estimate")), 5);
    assert_true(json_is_false(at(first, "suppressed")));
    json_decref(document);
}

static void what_is_withheld_is_null(void **state)
{
    struct stats_row row = {.is_suppressed = true};
    struct stats_result result = {.rows = &row, .count = 1};
    (void)state;

    memset(row.is_withheld, true, sizeof row.is_withheld);
    row.number[METRIC_SCORE] = 3;
    json_t *document = stats_document(&result, "IIOE");
    json_t *first = json_array_get(at(document, "rows"), 0);
    static const char *const keys[] = {"registered", "enrolled", "started",  "completed",
                                       "certified",  "dropped",  "attended", "minutes"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_true(json_is_null(at(first, keys[i])));
    }
    assert_true(json_is_null(at(at(first, "score"), "n")));
    assert_true(json_is_null(at(at(first, "score"), "mean")));
    assert_true(json_is_null(at(at(first, "people"), "estimate")));
    assert_true(json_is_true(at(first, "suppressed")));
    json_decref(document);
}

static void without_scores_mean_and_median_are_null(void **state)
{
    struct stats_row row = {.is_suppressed = false};
    struct stats_result result = {.rows = &row, .count = 1};
    (void)state;

    json_t *document = stats_document(&result, "IIOE");
    json_t *score = at(json_array_get(at(document, "rows"), 0), "score");
    assert_int_equal(json_integer_value(at(score, "n")), 0);
    assert_true(json_is_null(at(score, "mean")));
    assert_true(json_is_null(at(score, "median")));
    json_decref(document);
}

/* Memory that jansson has, and had at most. */
static size_t live, peak;

static void *count_malloc(size_t size)
{
    size_t *block = malloc(sizeof(max_align_t) + size);

    assert_non_null(block);
    *block = size;
    live += size;
    peak = live > peak ? live : peak;
    return (char *)block + sizeof(max_align_t);
}

static void count_free(void *memory)
{
    if (memory) {
        size_t *block = (size_t *)(void *)((char *)memory - sizeof(max_align_t));
        live -= *block;
        free(block);
    }
}

static int text_add(const char *text, size_t size, void *buffer)
{
    buffer_append(buffer, text, size);
    return 0;
}

static void rows_make(struct stats_result *result, size_t count)
{
    result->rows = calloc(count + 1, sizeof *result->rows);
    result->count = count;
    for (size_t i = 0; i < count; i++) {
        result->rows[i].by[0] = i % 2 ? "a \"name\"\n" : "\xc3\xa9t\xc3\xa9";
        result->rows[i].number[METRIC_MINUTES] = (int64_t)i * 33;
        result->rows[i].is_withheld[METRIC_STARTED] = i % 3 == 0;
    }
}

static void the_text_is_that_of_the_document(void **state)
{
    (void)state;
    for (size_t count = 0; count < 4; count++) {
        struct stats_result result = {.unreadable = 0};
        struct buffer text;

        stats_parse_by("centre", &result.request, NULL);
        rows_make(&result, count);
        buffer_init(&text);
        assert_int_equal(stats_document_dump(&result, "IIOE", text_add, &text), 0);
        buffer_append_u8(&text, 0);
        json_t *document = stats_document(&result, "IIOE");
        char *wanted = json_dumps(document, DOCUMENT_FLAGS);
        assert_string_equal((const char *)text.data, wanted);
        free(wanted);
        json_decref(document);
        buffer_release(&text);
        free(result.rows);
    }
}

static void a_thousand_rows_take_no_more_memory_than_ten(void **state)
{
    size_t peaks[2];
    (void)state;

    json_set_alloc_funcs(count_malloc, count_free);
    for (int i = 0; i < 2; i++) {
        struct stats_result result = {.unreadable = 0};
        struct buffer text;

        stats_parse_by("centre", &result.request, NULL);
        rows_make(&result, i == 0 ? 10 : 1000);
        buffer_init(&text);
        live = peak = 0;
        assert_int_equal(stats_document_dump(&result, "IIOE", text_add, &text), 0);
        peaks[i] = peak;
        buffer_release(&text);
        free(result.rows);
    }
    json_set_alloc_funcs(malloc, free);
    assert_true(peaks[0] > 0 && peaks[1] <= peaks[0] + 256); /* numbers have more digits */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_is_what_the_contract_says),
        cmocka_unit_test(what_is_withheld_is_null),
        cmocka_unit_test(without_scores_mean_and_median_are_null),
        cmocka_unit_test(the_text_is_that_of_the_document),
        cmocka_unit_test(a_thousand_rows_take_no_more_memory_than_ten),
    };
    return KIT_RUN(tests);
}
