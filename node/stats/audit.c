#include "node/stats/audit.h"

#include <stdlib.h>
#include <string.h>

#include "node/stats/solve.h"
#include "replication/base/check.h"

enum {
    TARGETS_MAX = 64, /* looked at in one round */
    ROUNDS_ALONE = 8  /* so often one row is withheld for each of them, then two, four and so on */
};

/* What can be known of one count: a number for each row, 0 where it follows from what is published. */
struct sight {
    uint32_t *rows;   /* of the table */
    uint32_t **sums;  /* of the rows of each coarser table */
    bool is_possible; /* within bounds */
};

struct audit {
    struct margin *table;
    const struct margin_coarser *coarser;
    size_t coarser_count;
    struct sight *bare[DISCLOSURE_COUNTS]; /* when nothing of the table is published; NULL: not needed yet */
    unsigned rounds[DISCLOSURE_COUNTS];
};

/* A count that follows from the others: a row of the table, or of the coarser table `coarser`. */
struct target {
    size_t coarser, row;
};

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    CHECK(memory);
    return memory;
}

struct audit *audit_new(struct margin *table, const struct margin_coarser *coarser, size_t coarser_count)
{
    struct audit *audit = room(1, sizeof *audit);

    audit->table = table;
    audit->coarser = coarser;
    audit->coarser_count = coarser_count;
    return audit;
}

static void sight_free(const struct audit *audit, struct sight *sight)
{
    if (!sight) {
        return;
    }
    for (size_t i = 0; i < audit->coarser_count; i++) {
        free(sight->sums[i]);
    }
    free(sight->sums);
    free(sight->rows);
    free(sight);
}

void audit_free(struct audit *audit)
{
    for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
        sight_free(audit, audit->bare[k]);
    }
    free(audit);
}

/* --- what is published, as equations
 * -------------------------------------------------------------------------------- */

/* Numbers the published rows of all coarser tables. */
static size_t equations_number(const struct audit *audit, int k, uint32_t **number)
{
    size_t count = 0;

    for (size_t i = 0; i < audit->coarser_count; i++) {
        const struct margin *coarse = audit->coarser[i].table;
        number[i] = room(coarse->count, sizeof *number[i]);
        for (size_t row = 0; row < coarse->count; row++) {
            number[i][row] = coarse->rows[row].is_hidden[k] ? MARGIN_NO_ROW : (uint32_t)count++;
        }
    }
    return count;
}

static void sums_make(const struct audit *audit, struct sight *sight)
{
    for (size_t i = 0; i < audit->coarser_count; i++) {
        const struct margin_coarser *coarser = &audit->coarser[i];
        for (size_t row = 0; row < audit->table->count; row++) {
            uint32_t parent = coarser->parents[row];
            if (parent != MARGIN_NO_ROW) {
                sight->sums[i][parent] = solve_sum(sight->sums[i][parent], sight->rows[row]);
            }
        }
    }
}

/* Solves for the rows that `unknown` lists. */
static bool rows_solve(const struct audit *audit, int k, const uint32_t *unknown, size_t count,
                       uint32_t *vector)
{
    uint32_t **number = room(audit->coarser_count, sizeof *number);
    struct equations equations = {.unknown_count = count,
                                  .equation_count = equations_number(audit, k, number)};
    uint32_t *equation = room(count * audit->coarser_count, sizeof *equation),
             *first = room(count + 1, sizeof *first);
    uint32_t at = 0;

    for (size_t u = 0; u < count; u++) {
        first[u] = at;
        for (size_t i = 0; i < audit->coarser_count; i++) {
            uint32_t parent = audit->coarser[i].parents[unknown[u]];
            if (parent != MARGIN_NO_ROW && number[i][parent] != MARGIN_NO_ROW) {
                equation[at++] = number[i][parent];
            }
        }
    }
    first[count] = at;
    equations.equation = equation;
    equations.first = first;
    bool is_solved = solve(&equations, vector);
    for (size_t i = 0; i < audit->coarser_count; i++) {
        free(number[i]);
    }
    free(number);
    free(equation);
    free(first);
    return is_solved;
}

/* With what is published of the table now, or with nothing of it. */
static struct sight *sight_new(const struct audit *audit, int k, bool is_bare)
{
    const struct margin *table = audit->table;
    struct sight *sight = room(1, sizeof *sight);
    uint32_t *unknown = room(table->count, sizeof *unknown), *vector = room(table->count, sizeof *vector);
    size_t count = 0;

    sight->rows = room(table->count, sizeof *sight->rows);
    sight->sums = room(audit->coarser_count, sizeof *sight->sums);
    for (size_t i = 0; i < audit->coarser_count; i++) {
        sight->sums[i] = room(audit->coarser[i].table->count, sizeof *sight->sums[i]);
    }
    for (size_t row = 0; row < table->count; row++) {
        if (table->rows[row].number[k] != 0 && (is_bare || table->rows[row].is_hidden[k])) {
            unknown[count++] = (uint32_t)row;
        }
    }
    sight->is_possible = count <= AUDIT_ROWS_MAX && rows_solve(audit, k, unknown, count, vector);
    if (sight->is_possible) {
        for (size_t u = 0; u < count; u++) {
            sight->rows[unknown[u]] = vector[u];
        }
        sums_make(audit, sight);
    }
    free(vector);
    free(unknown);
    return sight;
}

/* --- what follows
 * --------------------------------------------------------------------------------------------------- */

static bool row_matters(const struct margin_row *row, int k)
{
    return row->is_primary[k] && row->is_hidden[k] && row->number[k] != 0;
}

static bool anything_matters(const struct audit *audit, int k)
{
    for (size_t i = 0; i <= audit->coarser_count; i++) {
        const struct margin *table = i < audit->coarser_count ? audit->coarser[i].table : audit->table;
        for (size_t row = 0; row < table->count; row++) {
            if (row_matters(&table->rows[row], k)) {
                return true;
            }
        }
    }
    return false;
}

/* Counts that matter and follow now, but not from `bare`, where that is given. */
static size_t targets_find(const struct audit *audit, int k, const struct sight *now,
                           const struct sight *bare, struct target targets[TARGETS_MAX])
{
    size_t count = 0;

    for (size_t i = audit->coarser_count + 1; i-- > 0;) {
        bool is_own = i == audit->coarser_count;
        const struct margin *table = is_own ? audit->table : audit->coarser[i].table;
        const uint32_t *known = is_own ? now->rows : now->sums[i];
        const uint32_t *known_bare = !bare ? NULL : is_own ? bare->rows : bare->sums[i];
        for (size_t row = 0; row < table->count && count < TARGETS_MAX; row++) {
            if (row_matters(&table->rows[row], k) && known[row] == 0 &&
                (!known_bare || known_bare[row] != 0)) {
                targets[count++] = (struct target){i, row};
            }
        }
    }
    return count;
}

/* --- what is withheld beside it
 * ------------------------------------------------------------------------------------- */

/* How near a row is to the target: the coarser rows that both are in. */
static unsigned nearness(const struct audit *audit, const struct target *target, size_t model, size_t row)
{
    unsigned shared = 0;

    for (size_t i = 0; i < audit->coarser_count; i++) {
        uint32_t parent = audit->coarser[i].parents[row];
        bool is_shared = parent != MARGIN_NO_ROW && parent == audit->coarser[i].parents[model];
        shared += is_shared;
        if (i == target->coarser && parent == target->row) { /* a part of what is to be protected */
            shared += (unsigned)audit->coarser_count + 1;
        }
    }
    return shared;
}

/* A row of the table that stands for the target: itself, or its first part. */
static size_t model_of(const struct audit *audit, const struct target *target)
{
    size_t row = 0;

    if (target->coarser == audit->coarser_count) {
        return target->row;
    }
    while (row + 1 < audit->table->count && audit->coarser[target->coarser].parents[row] != target->row) {
        row++;
    }
    return row;
}

/* False when there is nothing left to withhold. */
static bool beside_withhold(const struct audit *audit, int k, const struct target *target,
                            const struct sight *bare)
{
    struct margin_row *rows = audit->table->rows, *best = NULL;
    size_t model = model_of(audit, target);
    unsigned best_nearness = 0;

    for (size_t row = 0; row < audit->table->count; row++) {
        if (rows[row].is_hidden[k] || rows[row].number[k] == 0 || bare->rows[row] == 0) {
            continue; /* hiding what is known all the same hides nothing */
        }
        unsigned near = nearness(audit, target, model, row);
        if (!best || near > best_nearness ||
            (near == best_nearness && rows[row].number[k] < best->number[k])) {
            best = &rows[row];
            best_nearness = near;
        }
    }
    if (best) {
        best->is_hidden[k] = true;
    }
    return best != NULL;
}

static unsigned rows_at_once(unsigned round)
{
    unsigned doublings = round < ROUNDS_ALONE ? 0 : round - ROUNDS_ALONE + 1;

    return 1u << (doublings < 16 ? doublings : 16);
}

bool audit_protect(struct audit *audit, int k)
{
    struct target targets[TARGETS_MAX];
    bool has_changed = false;

    if (!anything_matters(audit, k)) {
        return false;
    }
    struct sight *now = sight_new(audit, k, false);
    if (now->is_possible && targets_find(audit, k, now, NULL, targets) > 0) {
        audit->bare[k] = audit->bare[k] ? audit->bare[k] : sight_new(audit, k, true);
        const struct sight *bare = audit->bare[k];
        size_t count = bare->is_possible ? targets_find(audit, k, now, bare, targets) : 0;
        unsigned at_once = rows_at_once(audit->rounds[k]++);
        for (size_t i = 0; i < count; i++) {
            for (unsigned n = 0; n < at_once && beside_withhold(audit, k, &targets[i], bare); n++) {
                has_changed = true;
            }
        }
    }
    sight_free(audit, now);
    return has_changed;
}
