#include "node/stats/margins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "node/stats/audit.h"
#include "node/stats/margin.h"
#include "replication/base/check.h"

enum { COLUMN_YEAR = MARGIN_YEAR, COLUMNS = MARGIN_COLUMNS, NO_ROW = MARGIN_NO_ROW, PLACES = 4 };

#define BIT(column) (1u << (column))

/* From fine to coarse: each determines those behind it. */
static const enum dimension places[PLACES] = {DIMENSION_NODE, DIMENSION_CENTRE, DIMENSION_COUNTRY,
                                              DIMENSION_REGION};

struct margins {
    const struct group *const *groups;
    size_t group_count;
    const char **texts[DIMENSION_COUNT]; /* sorted, each once */
    size_t text_count[DIMENSION_COUNT];
    struct margin
        tables[MARGINS_TABLES_MAX + 1]; /* from coarse to fine; the last one is what was asked for */
    size_t table_count;
    int min;
};

/* --- what is asked
 * ---------------------------------------------------------------------------------------------- */

static void dimension_add(struct stats_request *request, enum dimension dimension)
{
    for (size_t i = 0; i < request->by_count; i++) {
        if (request->by[i] == dimension) {
            return;
        }
    }
    request->by[request->by_count++] = dimension;
}

void margins_request(const struct stats_request *request, struct stats_request *wide_out)
{
    bool is_placed = false;

    *wide_out = *request;
    memset(wide_out->only, 0, sizeof wide_out->only);
    wide_out->rows_max *= MARGINS_WIDER;
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        if (request->only[i]) {
            dimension_add(wide_out, (enum dimension)i);
        }
    }
    for (size_t i = 0; i < PLACES; i++) {
        for (size_t k = 0; k < wide_out->by_count; k++) {
            is_placed = is_placed || wide_out->by[k] == places[i];
        }
        if (is_placed) {
            dimension_add(wide_out, places[i]);
        }
    }
}

/* The columns of the table of which the asked rows are a part. */
static unsigned columns_asked(const struct stats_request *request)
{
    const char *period = request->only[DIMENSION_PERIOD];
    unsigned columns = 0;

    for (int i = 0; i < DIMENSION_COUNT; i++) {
        columns |= request->only[i] ? BIT(i) : 0;
    }
    if (period &&
        strlen(period) == 4) { /* a year: its months are not told apart, unless they are asked for */
        columns = (columns & ~BIT(DIMENSION_PERIOD)) | BIT(COLUMN_YEAR);
    }
    for (size_t i = 0; i < request->by_count; i++) {
        columns |= BIT(request->by[i]);
    }
    return columns & BIT(DIMENSION_PERIOD) ? columns & ~BIT(COLUMN_YEAR) : columns;
}

/* What is known of a row when `columns` are. */
static unsigned columns_determined(unsigned columns)
{
    bool is_placed = false;

    for (size_t i = 0; i < PLACES; i++) {
        is_placed = is_placed || (columns & BIT(places[i]));
        columns |= is_placed ? BIT(places[i]) : 0;
    }
    return columns & BIT(DIMENSION_PERIOD) ? columns | BIT(COLUMN_YEAR) : columns;
}

static bool is_coarser(unsigned coarse, unsigned fine)
{
    return coarse != fine && (coarse & ~columns_determined(fine)) == 0;
}

static int fineness(unsigned columns)
{
    int rank = 0;

    for (int i = 0; i < COLUMNS; i++) {
        rank += columns & BIT(i) ? 1 : 0;
    }
    for (int i = 0; i < PLACES; i++) {
        rank += columns & BIT(places[i]) ? PLACES - 1 - i : 0;
    }
    return rank + (columns & BIT(DIMENSION_PERIOD) ? 1 : 0);
}

/* One place and one step of time at most: what they determine adds nothing. */
static bool is_plain(unsigned columns)
{
    int place_count = 0;

    for (int i = 0; i < PLACES; i++) {
        place_count += columns & BIT(places[i]) ? 1 : 0;
    }
    return place_count <= 1 && !(columns & BIT(DIMENSION_PERIOD) && columns & BIT(COLUMN_YEAR));
}

static void tables_choose(struct margins *margins, unsigned asked)
{
    unsigned determined = columns_determined(asked);
    size_t all = 0;

    for (unsigned columns = determined;; columns = (columns - 1) & determined) { /* every subset */
        all += is_plain(columns) && columns != asked;
        if (columns == 0) {
            break;
        }
    }
    for (int rank = 0; rank <= fineness(determined); rank++) {
        for (unsigned columns = determined;; columns = (columns - 1) & determined) {
            bool is_taken = is_plain(columns) && columns != asked && fineness(columns) == rank &&
                            (all <= MARGINS_TABLES_MAX || __builtin_popcount(columns) <= 2);
            if (is_taken) {
                CHECK(margins->table_count < MARGINS_TABLES_MAX);
                margins->tables[margins->table_count++].columns = columns;
            }
            if (columns == 0) {
                break;
            }
        }
    }
    margins->tables[margins->table_count++].columns = asked;
}

/* --- texts become numbers
 * ----------------------------------------------------------------------------------------- */

static int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t code_find(const struct margins *margins, enum dimension column, const char *text)
{
    const char **found =
        bsearch(&text, margins->texts[column], margins->text_count[column], sizeof *found, text_compare);

    return found ? (uint32_t)(found - margins->texts[column]) : NO_ROW;
}

static void column_fill(struct margins *margins, enum dimension column, size_t place)
{
    const char **texts = malloc((margins->group_count + 1) * sizeof *texts);
    size_t count = 0;

    CHECK(texts);
    for (size_t i = 0; i < margins->group_count; i++) {
        texts[i] = margins->groups[i]->by[place];
    }
    qsort(texts, margins->group_count, sizeof *texts, text_compare);
    for (size_t i = 0; i < margins->group_count; i++) {
        if (count == 0 || strcmp(texts[count - 1], texts[i]) != 0) {
            texts[count++] = texts[i];
        }
    }
    margins->texts[column] = texts;
    margins->text_count[column] = count;
}

/* A year goes by the code of its first month. */
static uint32_t year_find(const struct margins *margins, const char *year)
{
    const char **months = margins->texts[DIMENSION_PERIOD];

    for (size_t i = 0; i < margins->text_count[DIMENSION_PERIOD]; i++) {
        if (strncmp(months[i], year, 4) == 0) {
            return (uint32_t)i;
        }
    }
    return NO_ROW;
}

/* --- tables
 * ---------------------------------------------------------------------------------------------------------
 */

static int row_compare(const void *a, const void *b, void *arg)
{
    const struct margin_row *left = *(const struct margin_row *const *)a,
                            *right = *(const struct margin_row *const *)b;
    const unsigned *columns = arg;

    for (int i = 0; i < COLUMNS; i++) {
        if (*columns & BIT(i) && left->code[i] != right->code[i]) {
            return left->code[i] < right->code[i] ? -1 : 1;
        }
    }
    return 0;
}

/* The rows in the order of `columns`; the caller frees the list. */
static struct margin_row **rows_sorted(const struct margin *table, unsigned columns)
{
    struct margin_row **rows = malloc((table->count + 1) * sizeof *rows);

    CHECK(rows);
    for (size_t i = 0; i < table->count; i++) {
        rows[i] = &table->rows[i];
    }
    qsort_r(rows, table->count, sizeof *rows, row_compare, &columns);
    return rows;
}

static void row_take(const struct margins *margins, const struct stats_request *request,
                     const struct group *group, struct margin_row *row)
{
    memset(row, 0, sizeof *row);
    people_init(&row->people);
    people_merge(&row->people, &group->people);
    for (size_t i = 0; i < request->by_count; i++) {
        row->code[request->by[i]] = code_find(margins, request->by[i], group->by[i]);
        if (request->by[i] == DIMENSION_PERIOD) {
            row->code[COLUMN_YEAR] = year_find(margins, group->by[i]);
        }
    }
    for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
        enum metric metric = disclosure_counts[k];
        row->number[k] = metric == METRIC_SCORE ? (group->scores ? (int64_t)group->scores->n : 0)
                                                : group_number(group, metric);
        row->is_hidden[k] = group->is_withheld[metric];
    }
}

static void row_add(struct margin_row *row, const struct margin_row *other)
{
    people_merge(&row->people, &other->people);
    for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
        row->number[k] = disclosure_sum(row->number[k], other->number[k]);
        row->is_hidden[k] = row->is_hidden[k] || other->is_hidden[k];
    }
}

/* Folds the rows of `from` that `columns` do not tell apart. */
static void table_fold(const struct margin *from, struct margin *table)
{
    struct margin_row **rows = rows_sorted(from, table->columns);

    table->rows = calloc(from->count + 1, sizeof *table->rows);
    CHECK(table->rows);
    for (size_t i = 0; i < from->count; i++) {
        if (i == 0 || row_compare(&rows[i - 1], &rows[i], &table->columns) != 0) {
            struct margin_row *row = &table->rows[table->count++];
            *row = *rows[i];
            people_init(&row->people);
            people_merge(&row->people, &rows[i]->people);
        } else {
            row_add(&table->rows[table->count - 1], rows[i]);
        }
    }
    free(rows);
}

static void table_release(struct margin *table)
{
    for (size_t i = 0; i < table->count; i++) {
        people_release(&table->rows[i].people);
    }
    free(table->rows);
}

/* Each table from the smallest one that tells more; the finest first. */
static void tables_fold(struct margins *margins, const struct margin *base)
{
    for (size_t i = margins->table_count; i-- > 0;) {
        struct margin *table = &margins->tables[i];
        const struct margin *from = base;
        for (size_t k = i + 1; k < margins->table_count; k++) {
            if (is_coarser(table->columns, margins->tables[k].columns) &&
                margins->tables[k].count < from->count) {
                from = &margins->tables[k];
            }
        }
        table_fold(from, table);
    }
}

/* --- deciding
 * ------------------------------------------------------------------------------------------------------- */

static void primary_decide(struct margin *table, int min)
{
    for (size_t i = 0; i < table->count; i++) {
        struct margin_row *row = &table->rows[i];
        int64_t population = 0;
        double error;
        for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
            if (disclosure_counts[k] == METRIC_PEOPLE) {
                row->number[k] = llround(people_estimate(&row->people, &error));
            }
            if (disclosure_counts[k] == METRIC_PEOPLE || disclosure_counts[k] == METRIC_REGISTERED) {
                population = row->number[k] > population ? row->number[k] : population;
            }
        }
        row->is_whole = population > 0 && population < min;
        for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
            row->is_hidden[k] =
                row->is_hidden[k] || row->is_whole || (row->number[k] != 0 && row->number[k] < min);
            row->is_primary[k] = row->is_hidden[k];
        }
    }
}

/* Which row of `coarse` each row of `table` is a part of. */
static uint32_t *parents_find(const struct margin *table, const struct margin *coarse)
{
    uint32_t *parents = malloc((table->count + 1) * sizeof *parents);
    struct margin_row **rows = rows_sorted(table, coarse->columns);
    unsigned columns = coarse->columns;
    size_t at = 0;

    CHECK(parents);
    for (size_t i = 0; i < table->count; i++) {
        const struct margin_row *row;
        while (at < coarse->count && (row = &coarse->rows[at], row_compare(&row, &rows[i], &columns) < 0)) {
            at++;
        }
        row = at < coarse->count ? &coarse->rows[at] : NULL;
        parents[rows[i] - table->rows] =
            row && row_compare(&row, &rows[i], &columns) == 0 ? (uint32_t)at : NO_ROW;
    }
    free(rows);
    return parents;
}

/* What the rows of one group come to, in one count. */
struct margin_sum {
    size_t hidden;
    int64_t hidden_sum;
    struct margin_row *smallest; /* not zero, of those that are shown */
};

struct margin_group {
    struct margin_sum own,
        all; /* without and with what a coarser table publishes as it is: hiding that hides nothing */
    size_t nonzero;
    struct margin_row *last; /* not zero */
};

static void sum_take(struct margin_sum *sum, struct margin_row *row, int k)
{
    if (row->is_hidden[k]) {
        sum->hidden++;
        sum->hidden_sum = disclosure_sum(sum->hidden_sum, row->number[k]);
    } else if (!sum->smallest || row->number[k] < sum->smallest->number[k]) {
        sum->smallest = row;
    }
}

static void groups_make(const struct margin *table, const uint32_t *parents, int k,
                        struct margin_group *groups)
{
    for (size_t i = 0; i < table->count; i++) {
        struct margin_row *row = &table->rows[i];
        struct margin_group *group = parents[i] == NO_ROW ? NULL : &groups[parents[i]];
        if (!group || row->number[k] == 0) {
            continue;
        }
        group->nonzero++;
        group->last = row;
        sum_take(&group->all, row, k);
        if (!row->is_exposed[k]) {
            sum_take(&group->own, row, k);
        }
    }
}

/* The row to hide in a group that does not protect itself, or NULL. A table that is looked at alone has to be
 * protected, too: there what is exposed counts like everything else. */
static struct margin_row *group_opens(const struct margin_group *group, bool is_hidden, int min)
{
    const struct margin_sum *own = &group->own, *all = &group->all;
    bool is_safe = own->hidden == 0 ? !is_hidden : own->hidden > 1 && own->hidden_sum >= min;

    if (!is_safe && own->smallest) {
        return own->smallest;
    }
    return all->hidden == 0 || (all->hidden > 1 && all->hidden_sum >= min) ? NULL : all->smallest;
}

/* One round over the groups of one coarser table; true when anything was hidden. */
static bool groups_decide(const struct margin *table, const struct margin *coarse, const uint32_t *parents,
                          int min, bool is_first)
{
    struct margin_group *groups = malloc((coarse->count + 1) * sizeof *groups);
    bool has_changed = false;

    CHECK(groups);
    for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
        memset(groups, 0, (coarse->count + 1) * sizeof *groups);
        groups_make(table, parents, k, groups);
        for (size_t i = 0; i < coarse->count; i++) {
            bool is_hidden = coarse->rows[i].is_hidden[k];
            struct margin_row *open = is_first ? NULL : group_opens(&groups[i], is_hidden, min);
            if (is_first && !is_hidden && groups[i].nonzero == 1) {
                groups[i].last->is_exposed[k] = true;
            }
            if (open) {
                open->is_hidden[k] = has_changed = true;
            }
        }
    }
    free(groups);
    return has_changed;
}

/* Until every group of every coarser table holds; each round hides at least one more count: it ends. */
static void table_settle(const struct margin *table, const struct margin_coarser *coarser, size_t count,
                         int min)
{
    bool has_changed = true;

    while (has_changed) {
        has_changed = false;
        for (size_t i = 0; i < count; i++) {
            has_changed =
                groups_decide(table, coarser[i].table, coarser[i].parents, min, false) || has_changed;
        }
    }
}

/* The tables before this one are decided. */
static void table_decide(struct margins *margins, size_t at)
{
    struct margin *table = &margins->tables[at];
    struct margin_coarser coarser[MARGINS_TABLES_MAX];
    size_t count = 0;
    bool has_changed = true;

    primary_decide(table, margins->min);
    for (size_t i = 0; i < at; i++) {
        const struct margin *coarse = &margins->tables[i];
        if (is_coarser(coarse->columns, table->columns)) {
            coarser[count++] = (struct margin_coarser){coarse, parents_find(table, coarse)};
            groups_decide(table, coarse, coarser[count - 1].parents, margins->min, true);
        }
    }
    struct audit *audit = audit_new(table, coarser, count);
    while (has_changed) {
        table_settle(table, coarser, count, margins->min);
        has_changed = false;
        for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
            has_changed = audit_protect(audit, k) || has_changed;
        }
    }
    audit_free(audit);
    for (size_t i = 0; i < count; i++) {
        free(coarser[i].parents);
    }
}

/* --- the rows that were asked for
 * ------------------------------------------------------------------------------------- */

static void result_mark(const struct margins *margins, struct stats_result *result)
{
    const struct stats_request *request = &result->request;
    struct margin *table = (struct margin *)&margins->tables[margins->table_count - 1];
    unsigned columns = table->columns;

    for (size_t i = 0; i < result->count; i++) {
        struct stats_row *row = &result->rows[i];
        struct margin_row wanted = {.is_whole = false}, *key = &wanted;
        for (int k = 0; k < DIMENSION_COUNT; k++) {
            bool is_year = k == DIMENSION_PERIOD && columns & BIT(COLUMN_YEAR);
            if (request->only[k]) {
                wanted.code[is_year ? COLUMN_YEAR : k] =
                    is_year ? year_find(margins, request->only[k])
                            : code_find(margins, (enum dimension)k, request->only[k]);
            }
        }
        for (size_t k = 0; k < request->by_count; k++) {
            wanted.code[request->by[k]] = code_find(margins, request->by[k], row->by[k]);
        }
        size_t low = 0, high = table->count; /* rows stand in the order of their codes */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            const struct margin_row *there = &table->rows[middle];
            int order = row_compare(&there, &key, &columns);
            low = order < 0 ? middle + 1 : low;
            high = order < 0 ? high : middle;
        }
        const struct margin_row *found = &table->rows[low];
        if (low < table->count && row_compare(&found, &key, &columns) == 0) {
            disclosure_withhold(row, found->is_hidden, found->is_whole);
        }
    }
}

void margins_apply(struct stats_result *result, const struct stats_request *wide_request,
                   struct group_table *wide, int min)
{
    struct margins *margins = calloc(1, sizeof *margins);
    struct margin base = {.columns = 0};

    CHECK(margins);
    margins->min = min;
    margins->groups = group_table_sorted(wide);
    margins->group_count = group_table_count(wide);
    for (size_t i = 0; i < wide_request->by_count; i++) {
        column_fill(margins, wide_request->by[i], i);
        base.columns |= BIT(wide_request->by[i]);
    }
    tables_choose(margins, columns_asked(&result->request));
    base.rows = calloc(margins->group_count + 1, sizeof *base.rows);
    CHECK(base.rows);
    for (; base.count < margins->group_count; base.count++) {
        row_take(margins, wide_request, margins->groups[base.count], &base.rows[base.count]);
    }
    tables_fold(margins, &base);
    for (size_t i = 0; i < margins->table_count; i++) {
        table_decide(margins, i);
    }
    result_mark(margins, result);
    for (size_t i = 0; i < margins->table_count; i++) {
        table_release(&margins->tables[i]);
    }
    table_release(&base);
    for (size_t i = 0; i < DIMENSION_COUNT; i++) {
        free(margins->texts[i]);
    }
    free(margins);
}
