/* What one published table withholds does not come back from others. */
#include "node/stats/margins.h"

#include <stdlib.h>
#include <string.h>

#include "node/stats/disclosure.h"
#include "tests/kit/kit.h"

enum { MIN = 10, FACTS = 48 };

static const struct place stands[] = {
    {.node = "aswan", .centre = "nc-eg", .country = "EG", .region = "North Africa"},
    {.node = "nc-eg", .centre = "nc-eg", .country = "EG", .region = "North Africa"},
    {.node = "luxor", .centre = "tc-eg", .country = "EG", .region = "North Africa"},
    {.node = "nairobi", .centre = "nc-ke", .country = "KE", .region = "East Africa"},
};

/* Enrolments somewhere. */
static struct fact {
    const struct place *place;
    const char *course, *gender, *period;
    int64_t number;
} facts[FACTS];

static void facts_draw(uint64_t seed)
{
    static const char *const courses[] = {"a", "b", "c"}, *const genders[] = {"female", "male", "other"};
    static const char *const periods[] = {"2025-11", "2025-12", "2026-01", "2026-02", "2026-03"};
    struct kit_random random;

    kit_random_seed(&random, seed);
    for (size_t i = 0; i < FACTS; i++) {
        facts[i] = (struct fact){&stands[kit_random_below(&random, 4)], courses[kit_random_below(&random, 3)],
                                 genders[kit_random_below(&random, 3)], periods[kit_random_below(&random, 5)],
                                 (int64_t)kit_random_below(&random, i % 3 ? 6 : 40)};
    }
}

struct query {
    struct stats_request request;
    struct stats_result result;
    struct arena texts;
    struct group_table *table;
};

static void facts_add(struct group_table *table)
{
    for (size_t i = 0; i < FACTS; i++) {
        struct buffer key = {0}, value = {0};
        const struct bytes part[PART_COUNT] = {bytes_text(facts[i].course),
                                               bytes_text("ar"),
                                               bytes_text("1"),
                                               bytes_of("", 0),
                                               bytes_text("learner"),
                                               bytes_text(facts[i].gender),
                                               bytes_text(facts[i].period)};
        figure_prefix(part, &key);
        buffer_append(&key, "enrolled", 8);
        cell_value_number(&value, CELL_COUNT, facts[i].number);
        assert_int_equal(group_table_add(table, facts[i].place, buffer_bytes(&key), buffer_bytes(&value)),
                         S_OK);
        buffer_release(&key);
        buffer_release(&value);
    }
}

/* As stats_query() does, without a store. `only` is NULL or "dimension=text". */
static void query_open(struct query *query, const char *by, enum dimension dimension, const char *only)
{
    struct stats_request wide;

    memset(query, 0, sizeof *query);
    arena_init(&query->texts, 1 << 24);
    assert_int_equal(stats_parse_by(by, &query->request, NULL), S_OK);
    if (only) {
        query->request.only[dimension] = only;
    }
    margins_request(&query->request, &wide);
    query->table = group_table_new(&query->request, &query->texts);
    struct group_table *around = group_table_new(&wide, &query->texts);
    facts_add(query->table);
    facts_add(around);
    const struct group *const *groups = group_table_sorted(query->table);
    query->result.request = query->request;
    query->result.count = group_table_count(query->table);
    query->result.rows = calloc(query->result.count + 1, sizeof *query->result.rows);
    assert_non_null(query->result.rows);
    for (size_t i = 0; i < query->result.count; i++) {
        memcpy(query->result.rows[i].by, groups[i]->by, sizeof groups[i]->by);
        query->result.rows[i].number[METRIC_ENROLLED] = (int64_t)groups[i]->number[METRIC_ENROLLED];
    }
    margins_apply(&query->result, &wide, around, MIN);
    disclosure_apply(&query->result, MIN);
    group_table_free(around);
}

static void query_close(struct query *query)
{
    free(query->result.rows);
    group_table_free(query->table);
    arena_release(&query->texts);
}

/* What is known of some rows that make up one count, which is published or not. */
struct parts {
    size_t nonzero, hidden;
    int64_t sum;
};

static void parts_take(struct parts *parts, const struct stats_row *row)
{
    int64_t number = row->number[METRIC_ENROLLED];

    parts->nonzero += number != 0;
    if (row->is_withheld[METRIC_ENROLLED]) {
        parts->hidden += number != 0;
        parts->sum += number;
    } else {
        assert_true(number == 0 || number >= MIN);
    }
}

static void parts_hold(const struct parts *parts, const struct stats_row *whole)
{
    if (!whole->is_withheld[METRIC_ENROLLED]) {
        assert_true(parts->hidden == 0 || parts->nonzero == 1 /* the same count under two names */ || (parts->hidden > 1 && parts->sum >= MIN));
    } else if (whole->number[METRIC_ENROLLED] != 0) {
        assert_true(parts->hidden > 0);
    }
}

/* Slices that were asked for one by one, beside the whole; and `by` within each. */
static void slices_hold(const char *by, enum dimension dimension, const char *const *slices, const char *all)
{
    struct query whole, slice;

    query_open(&whole, by, dimension, all);
    for (size_t row = 0; row < whole.result.count; row++) {
        struct parts parts = {0};
        for (size_t i = 0; slices[i]; i++) {
            query_open(&slice, by, dimension, slices[i]);
            for (size_t k = 0; k < slice.result.count; k++) {
                bool is_same = true;
                for (size_t d = 0; d < whole.request.by_count; d++) {
                    is_same =
                        is_same && strcmp(slice.result.rows[k].by[d], whole.result.rows[row].by[d]) == 0;
                }
                if (is_same) {
                    parts_take(&parts, &slice.result.rows[k]);
                }
            }
            query_close(&slice);
        }
        parts_hold(&parts, &whole.result.rows[row]);
    }
    query_close(&whole);
}

static void slices_one_by_one_do_not_give_a_count_away(void **state)
{
    static const char *const months[] = {"2026-01", "2026-02", "2026-03", NULL}, *const years[] = {
                                                                                     "2025", "2026", NULL};
    static const char *const genders[] = {"female", "male", "other", NULL}, *const countries[] = {"EG", "KE",
                                                                                                  NULL};
    (void)state;

    for (uint64_t seed = 1; seed <= 12; seed++) {
        facts_draw(seed);
        slices_hold("", DIMENSION_PERIOD, months, "2026");
        slices_hold("gender", DIMENSION_PERIOD, months, "2026");
        slices_hold("", DIMENSION_PERIOD, years, NULL);
        slices_hold("course", DIMENSION_GENDER, genders, NULL);
        slices_hold("gender", DIMENSION_COUNTRY, countries, NULL);
    }
}

/* Tables of which one tells more than the other. `shared` of the dimensions stand first in both. */
static void finer_holds(const char *coarse_by, const char *fine_by, size_t shared,
                        const char *(*outer)(const char *))
{
    struct query coarse, fine;

    query_open(&coarse, coarse_by, DIMENSION_GENDER, NULL);
    query_open(&fine, fine_by, DIMENSION_GENDER, NULL);
    for (size_t row = 0; row < coarse.result.count; row++) {
        const struct stats_row *whole = &coarse.result.rows[row];
        struct parts parts = {0};
        for (size_t k = 0; k < fine.result.count; k++) {
            bool is_part = true;
            for (size_t d = 0; d < shared; d++) {
                is_part =
                    is_part && strcmp(outer ? outer(fine.result.rows[k].by[d]) : fine.result.rows[k].by[d],
                                      whole->by[d]) == 0;
            }
            if (is_part) {
                parts_take(&parts, &fine.result.rows[k]);
            }
        }
        parts_hold(&parts, whole);
    }
    query_close(&coarse);
    query_close(&fine);
}

static const char *country_of(const char *centre)
{
    return strstr(centre, "ke") ? "KE" : "EG";
}

static void a_finer_table_does_not_give_away_what_a_coarser_one_withholds(void **state)
{
    (void)state;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        facts_draw(seed);
        finer_holds("", "gender", 0, NULL);
        finer_holds("gender", "gender,course", 1, NULL);
        finer_holds("gender", "gender,course,country", 1, NULL);
        finer_holds("gender,course", "gender,course,country", 2, NULL);
        finer_holds("country", "centre", 1, country_of);
        finer_holds("country", "centre,gender", 1, country_of);
    }
}

static void what_is_asked_for_is_widened_by_filters_and_places(void **state)
{
    struct stats_request request = {.rows_max = 7}, wide;
    (void)state;

    assert_int_equal(stats_parse_by("course,centre", &request, NULL), S_OK);
    request.only[DIMENSION_PERIOD] = "2026";
    margins_request(&request, &wide);
    assert_int_equal(wide.by_count, 5);
    assert_int_equal(wide.by[0], DIMENSION_COURSE);
    assert_int_equal(wide.by[2], DIMENSION_PERIOD);
    assert_int_equal(wide.by[4], DIMENSION_REGION);
    assert_null(wide.only[DIMENSION_PERIOD]);
    assert_int_equal(wide.rows_max, 7 * MARGINS_WIDER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_one_by_one_do_not_give_a_count_away),
        cmocka_unit_test(a_finer_table_does_not_give_away_what_a_coarser_one_withholds),
        cmocka_unit_test(what_is_asked_for_is_widened_by_filters_and_places),
    };
    return KIT_RUN(tests);
}
