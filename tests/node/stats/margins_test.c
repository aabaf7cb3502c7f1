/* What one published table withholds does not come back from others. */
#include "node/stats/margins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/stats/disclosure.h"
#include "tests/kit/kit.h"

enum { MIN = 10, FACTS = 70 };

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

static int64_t facts_size(struct kit_random *random, size_t i, int rarity)
{
    bool is_small = rarity < 0 ? i % (size_t)-rarity == 0 : i % (size_t)rarity != 0;

    return (int64_t)(is_small     ? kit_random_below(random, 6)
                     : rarity < 0 ? 10 + kit_random_below(random, 50)
                                  : kit_random_below(random, 40));
}

/* Of `rarity` facts one is of many people; less than 0: of as many facts one is of few. */
static void facts_draw(uint64_t seed, int rarity)
{
    static const char *const courses[] = {"a", "b", "c"}, *const genders[] = {"female", "male", "other"};
    static const char *const periods[] = {"2025-11", "2025-12", "2026-01", "2026-02", "2026-03"};
    struct kit_random random;

    kit_random_seed(&random, seed);
    for (size_t i = 0; i < FACTS; i++) {
        facts[i] = (struct fact){&stands[kit_random_below(&random, 4)], courses[kit_random_below(&random, 3)],
                                 genders[kit_random_below(&random, 3)], periods[kit_random_below(&random, 5)],
                                 facts_size(&random, i, rarity)};
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
        assert_true(parts->hidden == 0 || parts->nonzero == 1 /* the same count under two names */ ||
                    (parts->hidden > 1 && parts->sum >= MIN));
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
        facts_draw(seed, 3);
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
        facts_draw(seed, 3);
        finer_holds("", "gender", 0, NULL);
        finer_holds("gender", "gender,course", 1, NULL);
        finer_holds("gender", "gender,course,country", 1, NULL);
        finer_holds("gender,course", "gender,course,country", 2, NULL);
        finer_holds("country", "centre", 1, country_of);
        finer_holds("country", "centre,gender", 1, country_of);
    }
}

/* --- everything that is published, solved at once
 * ----------------------------------------------------------------------- */

/* A cube: every table that is coarser than `centre,course,gender,period` without some of them. */
enum { CUBE_CELLS = 192, CUBE_ROWS = 2000, CUBE_TABLES = 48, PLACE_LEVELS = 4, TIME_LEVELS = 3 };

struct cube_table {
    int place, course, gender, time; /* levels: 0 for not at all */
    struct query query[2];           /* two for years: they can only be filtered */
    size_t query_count;
};

struct cube {
    struct cube_table tables[CUBE_TABLES];
    size_t table_count;
    struct query *finest;
    struct knowledge {
        uint64_t rows[CUBE_CELLS][CUBE_CELLS]; /* by the column in which they begin; that is 1 */
        bool is_there[CUBE_CELLS];
    } known;
};

static const char *const place_levels[PLACE_LEVELS] = {"", "region", "country", "centre"};
static const uint64_t cube_prime = ((uint64_t)1 << 61) - 1; /* another one than the program's */

static uint64_t cube_times(uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)a * b % cube_prime);
}

static uint64_t cube_inverse(uint64_t a)
{
    uint64_t result = 1;

    for (uint64_t exponent = cube_prime - 2; exponent; exponent >>= 1) {
        result = exponent & 1 ? cube_times(result, a) : result;
        a = cube_times(a, a);
    }
    return result;
}

/* Takes away from `sum` what is known; the column of what is left, or CUBE_CELLS. */
static size_t knowledge_reduce(const struct knowledge *known, uint64_t *sum)
{
    size_t left = CUBE_CELLS;

    for (size_t column = 0; column < CUBE_CELLS; column++) {
        if (sum[column] && known->is_there[column]) {
            uint64_t by = cube_prime - sum[column];
            for (size_t i = column; i < CUBE_CELLS; i++) {
                sum[i] = (sum[i] + cube_times(by, known->rows[column][i])) % cube_prime;
            }
        } else if (sum[column] && left == CUBE_CELLS) {
            left = column;
        }
    }
    return left;
}

static void knowledge_add(struct knowledge *known, uint64_t *sum)
{
    size_t column = knowledge_reduce(known, sum);

    if (column < CUBE_CELLS) {
        uint64_t by = cube_inverse(sum[column]);
        for (size_t i = 0; i < CUBE_CELLS; i++) {
            known->rows[column][i] = cube_times(sum[i], by);
        }
        known->is_there[column] = true;
    }
}

static const char *country_region(const char *country)
{
    return strcmp(country, "KE") == 0 ? "East Africa" : "North Africa";
}

/* Whether a row of the finest table (by the dimensions of the cube, in their order) is a part of a row of
 * another. */
static bool cube_is_part(const struct cube *cube, const struct cube_table *table, const struct query *query,
                         const struct stats_row *row, const struct stats_row *cell)
{
    const char *texts[4], *const *mine = cell->by;
    const struct cube_table *finest = &cube->tables[cube->table_count - 1];
    size_t count = 0, course = finest->place > 0, gender = course + (finest->course > 0),
           time = gender + (finest->gender > 0);

    if (table->place) {
        const char *country = finest->place == 3 ? country_of(mine[0]) : mine[0];
        texts[count++] = table->place == 3 ? mine[0] : table->place == 2 ? country : country_region(country);
    }
    if (table->course) {
        texts[count++] = mine[course];
    }
    if (table->gender) {
        texts[count++] = mine[gender];
    }
    if (table->time == 2) {
        texts[count++] = mine[time];
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], row->by[i]) != 0) {
            return false;
        }
    }
    return table->time != 1 || strncmp(mine[time], query->request.only[DIMENSION_PERIOD], 4) == 0;
}

/* The cells of a row that are not zero. */
static void cube_sum(const struct cube *cube, const struct cube_table *table, const struct query *query,
                     const struct stats_row *row, uint64_t *sum)
{
    memset(sum, 0, CUBE_CELLS * sizeof *sum);
    for (size_t i = 0; i < cube->finest->result.count; i++) {
        const struct stats_row *cell = &cube->finest->result.rows[i];
        sum[i] = cell->number[METRIC_ENROLLED] != 0 && cube_is_part(cube, table, query, row, cell);
    }
}

static void cube_table_open(struct cube *cube, int place, int course, int gender, int time)
{
    struct cube_table *table = &cube->tables[cube->table_count++];
    char by[64];

    *table = (struct cube_table){.place = place, .course = course, .gender = gender, .time = time};
    snprintf(by, sizeof by, "%s,%s%s%s", place_levels[place], course ? "course," : "",
             gender ? "gender," : "", time == 2 ? "period," : "");
    char *text = by + (*by == ',');
    size_t size = strlen(text);
    text[size ? size - 1 : 0] = '\0';
    table->query_count = time == 1 ? 2 : 1;
    for (size_t i = 0; i < table->query_count; i++) {
        query_open(&table->query[i], text, DIMENSION_PERIOD, time == 1 ? (i ? "2026" : "2025") : NULL);
    }
}

/* All tables up to these levels, the finest last. */
static void cube_open(struct cube *cube, int place, int course, int gender, int time)
{
    memset(cube, 0, sizeof *cube);
    for (int p = 0; p <= place; p++) {
        for (int c = 0; c <= course; c++) {
            for (int g = 0; g <= gender; g++) {
                for (int t = 0; t <= time; t++) {
                    cube_table_open(cube, p, c, g, t);
                }
            }
        }
    }
    cube->finest = &cube->tables[cube->table_count - 1].query[0];
    assert_true(cube->finest->result.count <= CUBE_CELLS);
}

static void cube_close(struct cube *cube)
{
    for (size_t i = 0; i < cube->table_count; i++) {
        for (size_t k = 0; k < cube->tables[i].query_count; k++) {
            query_close(&cube->tables[i].query[k]);
        }
    }
}

static bool cube_is_below(const struct cube_table *coarse, const struct cube_table *fine)
{
    return coarse->place <= fine->place && coarse->course <= fine->course && coarse->gender <= fine->gender &&
           coarse->time <= fine->time;
}

/* Learns what is published of all tables coarser than `limit`, and of it, too, when `is_whole`. */
static void cube_learn(struct cube *cube, const struct cube_table *limit, bool is_whole)
{
    uint64_t sum[CUBE_CELLS];

    memset(&cube->known, 0, sizeof cube->known);
    for (size_t i = 0; i < cube->table_count; i++) {
        const struct cube_table *table = &cube->tables[i];
        if (!cube_is_below(table, limit) || (table == limit && !is_whole)) {
            continue;
        }
        for (size_t q = 0; q < table->query_count; q++) {
            const struct stats_result *result = &table->query[q].result;
            for (size_t row = 0; row < result->count; row++) {
                if (!result->rows[row].is_withheld[METRIC_ENROLLED]) {
                    cube_sum(cube, table, &table->query[q], &result->rows[row], sum);
                    knowledge_add(&cube->known, sum);
                }
            }
        }
    }
}

struct cube_row {
    const struct cube_table *table;
    const struct query *query;
    const struct stats_row *row;
};

/* Small counts of the tables up to `limit` that follow from what was learnt. */
static size_t cube_follow(struct cube *cube, const struct cube_table *limit, struct cube_row *out,
                          size_t *small_out)
{
    uint64_t sum[CUBE_CELLS];
    size_t count = 0;

    for (size_t i = 0; i < cube->table_count; i++) {
        const struct cube_table *table = &cube->tables[i];
        for (size_t q = 0; q < table->query_count && cube_is_below(table, limit); q++) {
            const struct stats_result *result = &table->query[q].result;
            for (size_t row = 0; row < result->count; row++) {
                int64_t number = result->rows[row].number[METRIC_ENROLLED];
                cube_sum(cube, table, &table->query[q], &result->rows[row], sum);
                if (number > 0 && number < MIN) {
                    *small_out += 1;
                    if (knowledge_reduce(&cube->known, sum) == CUBE_CELLS) {
                        assert_true(count < CUBE_ROWS);
                        out[count++] = (struct cube_row){table, &table->query[q], &result->rows[row]};
                    }
                }
            }
        }
    }
    return count;
}

/* Each table with all coarser ones: no small count follows that would not follow without it. */
static void cube_holds(int place, int course, int gender, int time)
{
    static struct cube cube;
    static struct cube_row rows[CUBE_ROWS];
    uint64_t sum[CUBE_CELLS];

    cube_open(&cube, place, course, gender, time);
    for (size_t i = 0; i < cube.table_count; i++) {
        const struct cube_table *limit = &cube.tables[i];
        size_t small = 0;
        cube_learn(&cube, limit, true);
        size_t count = cube_follow(&cube, limit, rows, &small);
        if (count > 0) {
            cube_learn(&cube, limit, false);
        }
        for (size_t k = 0; k < count; k++) {
            cube_sum(&cube, rows[k].table, rows[k].query, rows[k].row, sum);
            bool bare = knowledge_reduce(&cube.known, sum) == CUBE_CELLS;
            assert_true(bare);
        }
    }
    cube_close(&cube);
}

static void nothing_small_follows_from_all_that_is_published(void **state)
{
    /* The rules for single groups gave something away in each of these. */
    static const uint64_t seeds[] = {96,  145, 195, 206, 216, 268, 321, 341, 343, 375,
                                     386, 415, 424, 440, 469, 552, 589, 596, 785, 787};
    enum { OPENED = sizeof seeds / sizeof *seeds };
    (void)state;

    for (uint64_t i = 0; i < OPENED + 20; i++) {
        uint64_t seed = i < OPENED ? seeds[i] : i;
        facts_draw(seed, seed % 2 ? 3 : -(int)(3 + seed % 12));
        cube_holds(0, 1, 1, 0);
        cube_holds(2, 1, 1, 0);
        cube_holds(3, 0, 1, 0);
        cube_holds(3, 1, 1, 0);
        cube_holds(0, 1, 1, 2);
        cube_holds(2, 1, 0, 2);
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

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_one_by_one_do_not_give_a_count_away),
        cmocka_unit_test(a_finer_table_does_not_give_away_what_a_coarser_one_withholds),
        cmocka_unit_test(nothing_small_follows_from_all_that_is_published),
        cmocka_unit_test(what_is_asked_for_is_widened_by_filters_and_places),
    };
    return KIT_RUN(tests);
}
