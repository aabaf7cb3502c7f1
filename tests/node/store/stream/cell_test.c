#include "node/store/stream/cell.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static int setup(void **state)
{
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

static void run(void **state, store_job *job)
{
    assert_int_equal(store_write_wait(((struct desk *)*state)->store, job, NULL), S_OK);
}

static struct cell cell_of(uint64_t seq, const char *key, const char *value)
{
    return (struct cell){seq, bytes_text(key), bytes_text(value)};
}

static size_t scan(struct db *db, int64_t stream, struct arena *arena, struct cell *cells, size_t max)
{
    arena_clear(arena);
    return cell_rows_scan(db, stream, 0, max, arena, cells);
}

static enum status replace_run(struct db *db, void *arg)
{
    struct cell_rows rows;
    struct cell cell = cell_of(1, "k", "one"), old, cells[4];
    struct arena arena;
    bool is_found;

    (void)arg;
    arena_init(&arena, 1 << 16);
    cell_rows_init(&rows, db, 5, true);
    assert_int_equal(cell_row_find(&rows, bytes_text("k"), &old), S_NOT_FOUND);
    assert_int_equal(cell_row_put(&rows, &cell, &old, &is_found), S_OK);
    assert_false(is_found);
    cell = cell_of(9, "k", "nine");
    assert_int_equal(cell_row_put(&rows, &cell, &old, &is_found), S_OK);
    assert_true(is_found);
    assert_int_equal(old.seq, 1);
    assert_true(bytes_equal(old.value, bytes_text("one")) && bytes_equal(old.key, bytes_text("k")));
    assert_int_equal(scan(db, 5, &arena, cells, 4), 1);
    assert_int_equal(cells[0].seq, 9);
    assert_int_equal(cell_row_find(&rows, bytes_text("k"), &old), S_OK);
    assert_int_equal(old.seq, 9);
    cell_rows_release(&rows);
    arena_release(&arena);
    return S_OK;
}

static void a_changed_cell_moves_to_the_end_of_its_stream(void **state)
{
    run(state, replace_run);
}

static enum status neighbours_run(struct db *db, void *arg)
{
    struct cell edges[] = {cell_of(1, "a", "x"), cell_of(SEQ_MAX, "b", "y")}, old, cells[4];
    struct arena arena;
    bool is_found;

    (void)arg;
    arena_init(&arena, 1 << 16);
    for (int64_t stream = 1; stream <= 3; stream++) {
        struct cell_rows rows;
        cell_rows_init(&rows, db, stream, false);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(cell_row_put(&rows, &edges[i], &old, &is_found), S_OK);
            assert_false(is_found); /* another stream's cell with the same key is another cell */
        }
        cell_rows_release(&rows);
    }
    for (int64_t stream = 1; stream <= 3; stream++) {
        assert_int_equal(scan(db, stream, &arena, cells, 4), 2);
        assert_int_equal(cells[0].seq, 1);
        assert_int_equal(cells[1].seq, SEQ_MAX);
    }
    arena_release(&arena);
    return S_OK;
}

static void streams_do_not_run_into_each_other_at_the_edges_of_seq(void **state)
{
    run(state, neighbours_run);
}

static enum status stop_third(void *ctx, const struct cell *cell)
{
    (void)cell;
    return ++*(int *)ctx == 3 ? S_STALE : S_OK;
}

static enum status walk_run(struct db *db, void *arg)
{
    static const char *const keys[] = {"a", "b", "c", "d"};
    struct cell_rows rows;
    struct cell old;
    bool is_found;
    int visits = 0;

    (void)arg;
    cell_rows_init(&rows, db, 2, true);
    for (uint64_t i = 0; i < 4; i++) {
        struct cell cell = cell_of(i + 1, keys[i], "v");
        assert_int_equal(cell_row_put(&rows, &cell, &old, &is_found), S_OK);
    }
    cell_rows_release(&rows);
    assert_int_equal(cell_rows_walk(db, 2, stop_third, &visits), S_STALE);
    assert_int_equal(visits, 3);
    return S_OK;
}

static void a_walk_ends_when_the_visitor_says_so(void **state)
{
    run(state, walk_run);
}

KIT_TESTS()
{
#define CELL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CELL_TEST(a_changed_cell_moves_to_the_end_of_its_stream),
        CELL_TEST(streams_do_not_run_into_each_other_at_the_edges_of_seq),
        CELL_TEST(a_walk_ends_when_the_visitor_says_so),
    };
    return KIT_RUN(tests);
}
