/* What several groups together give away is withheld by one more row. */
#include "node/stats/audit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

enum { K = 5, HIGH = 3, WIDE = 3, CELLS = HIGH * WIDE, TABLES = 3 };

/* A table of HIGH rows by WIDE columns, with its rows, its columns and its total. */
struct fixture {
    struct margin_row cells[CELLS], rows[HIGH], columns[WIDE], total;
    struct margin table, coarse[TABLES];
    uint32_t parents[TABLES][CELLS];
    struct margin_coarser coarser[TABLES];
};

static void fixture_make(struct fixture *f, const int64_t counts[CELLS])
{
    memset(f, 0, sizeof *f);
    f->table = (struct margin){.rows = f->cells, .count = CELLS};
    f->coarse[0] = (struct margin){.rows = &f->total, .count = 1};
    f->coarse[1] = (struct margin){.rows = f->rows, .count = HIGH};
    f->coarse[2] = (struct margin){.rows = f->columns, .count = WIDE};
    for (uint32_t i = 0; i < CELLS; i++) {
        f->parents[1][i] = i / WIDE;
        f->parents[2][i] = i % WIDE;
        f->cells[i].number[K] = counts[i];
        f->total.number[K] += counts[i];
        f->rows[i / WIDE].number[K] += counts[i];
        f->columns[i % WIDE].number[K] += counts[i];
    }
    for (int i = 0; i < TABLES; i++) {
        f->coarser[i] = (struct margin_coarser){&f->coarse[i], f->parents[i]};
    }
}

static void hide(struct margin_row *row, bool is_primary)
{
    row->is_hidden[K] = true;
    row->is_primary[K] = is_primary;
}

static size_t hidden_count(const struct fixture *f)
{
    size_t count = 0;

    for (int i = 0; i < CELLS; i++) {
        count += f->cells[i].is_hidden[K];
    }
    return count;
}

static void protect(struct fixture *f)
{
    struct audit *audit = audit_new(&f->table, f->coarser, TABLES);

    for (int rounds = 0; audit_protect(audit, K); rounds++) {
        assert_true(rounds < CELLS);
    }
    assert_false(audit_protect(audit, K));
    audit_free(audit);
}

static void a_block_that_a_chain_of_sums_opens_is_closed(void **state)
{
    /* Of the withheld, the first row has 3 and 12, the first column 3 and 12; 12 and 12 are in the last one
     * of each, with the published 40 nothing else: rows and columns alone look safe, and together they are
     * not. */
    static const int64_t counts[CELLS] = {3, 12, 30, 20, 12, 30, 60, 30, 40};
    struct fixture f;
    (void)state;

    fixture_make(&f, counts);
    hide(&f.cells[0], true);
    hide(&f.cells[1], false);
    hide(&f.cells[4], false);
    protect(&f);
    assert_int_equal(hidden_count(&f), 4);
    assert_true(f.cells[3].is_hidden[K]); /* shares a row or a column with all of them, and is small */
}

static void what_is_safe_is_left_as_it_is(void **state)
{
    static const int64_t counts[CELLS] = {3, 12, 30, 20, 12, 30, 60, 30, 40};
    struct fixture f;
    (void)state;

    fixture_make(&f, counts);
    hide(&f.cells[0], true);
    hide(&f.cells[1], false);
    hide(&f.cells[3], false);
    hide(&f.cells[4], false);
    protect(&f);
    assert_int_equal(hidden_count(&f), 4);
}

static void a_total_that_is_withheld_does_not_come_back(void **state)
{
    static const int64_t counts[CELLS] = {3, 4, 0, 20, 12, 30, 60, 30, 40};
    struct fixture f;
    (void)state;

    fixture_make(&f, counts);
    hide(&f.rows[0], true);
    hide(&f.rows[1], false);
    hide(&f.cells[0], true);
    hide(&f.cells[1], true); /* columns give away both, unless others are withheld there */
    protect(&f);
    assert_true(f.cells[3].is_hidden[K] || f.cells[6].is_hidden[K]);
    assert_true(f.cells[4].is_hidden[K] || f.cells[7].is_hidden[K]);
    assert_false(f.cells[2].is_hidden[K]); /* nobody */
}

static void what_the_coarser_tables_give_away_by_themselves_costs_nothing(void **state)
{
    /* One row has one count only: it is the row. */
    static const int64_t counts[CELLS] = {3, 0, 0, 20, 12, 30, 60, 30, 40};
    struct fixture f;
    (void)state;

    fixture_make(&f, counts);
    hide(&f.cells[0], true);
    hide(&f.cells[3], false);
    protect(&f);
    assert_int_equal(hidden_count(&f), 2);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_that_a_chain_of_sums_opens_is_closed),
        cmocka_unit_test(what_is_safe_is_left_as_it_is),
        cmocka_unit_test(a_total_that_is_withheld_does_not_come_back),
        cmocka_unit_test(what_the_coarser_tables_give_away_by_themselves_costs_nothing),
    };
    return KIT_RUN(tests);
}
