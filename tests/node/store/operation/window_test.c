#include "node/store/operation/window.h"

#include <stdio.h>
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

/* One call on the writer thread. */
struct call {
    const char *text;
    const struct id *peer;
    int64_t id;
    uint64_t start_ms, bytes;
    bool is_paused;
};

static enum status add_run(struct db *db, void *arg)
{
    struct call *call = arg;
    struct window window;

    assert_int_equal(window_parse(call->text, &window, NULL), S_OK);
    return window_row_add(db, call->peer, &window, &call->id);
}

static enum status remove_run(struct db *db, void *arg)
{
    return window_row_remove(db, ((struct call *)arg)->id);
}

static enum status used_run(struct db *db, void *arg)
{
    const struct call *call = arg;

    return window_used_add(db, call->id, call->start_ms, call->bytes);
}

static enum status pause_run(struct db *db, void *arg)
{
    return window_pause_put(db, ((struct call *)arg)->is_paused);
}

static uint64_t used(struct desk *desk, int64_t id, uint64_t start_ms)
{
    struct db *db = store_read_begin(desk->store);
    uint64_t bytes = window_used_get(db, id, start_ms);

    store_read_end(desk->store, db);
    return bytes;
}

static size_t list(struct desk *desk, struct window_row rows[WINDOWS_MAX], uint64_t *revision_out)
{
    struct db *db = store_read_begin(desk->store);
    size_t count = window_row_list(db, rows);

    *revision_out = window_revision(db);
    store_read_end(desk->store, db);
    return count;
}

static void windows_are_kept_for_all_and_for_one_peer(void **state)
{
    struct desk *desk = *state;
    struct id peer = {{7}};
    struct call all = {.text = "mon-fri 22:00-06:00 rate 2M"}, one = {.text = "always", .peer = &peer};
    struct window_row rows[WINDOWS_MAX];
    uint64_t before, after;

    assert_int_equal(list(desk, rows, &before), 0);
    assert_int_equal(store_write_wait(desk->store, add_run, &all), S_OK);
    assert_int_equal(store_write_wait(desk->store, add_run, &one), S_OK);
    assert_int_equal(store_write_wait(desk->store, add_run, &one), S_EXISTS);
    desk_shut(desk);
    desk_reopen(desk);
    assert_int_equal(list(desk, rows, &after), 2);
    assert_true(after > before);
    assert_true(rows[0].is_for_all && rows[0].id == all.id && rows[0].window.rate_bits == 2000000);
    assert_true(!rows[1].is_for_all && id_equal(&rows[1].peer, &peer));
    assert_int_equal(store_write_wait(desk->store, remove_run, &all), S_OK);
    assert_int_equal(store_write_wait(desk->store, remove_run, &all), S_NOT_FOUND);
    assert_int_equal(list(desk, rows, &before), 1);
    assert_int_equal(rows[0].id, one.id);
}

static void there_are_never_more_than_the_limit(void **state)
{
    struct desk *desk = *state;
    struct window_row rows[WINDOWS_MAX];
    char text[64];
    uint64_t revision;

    for (int i = 0; i <= WINDOWS_MAX; i++) {
        struct call call = {.text = text};
        snprintf(text, sizeof text, "10:%02d-12:00 rate %dk", i % 60, i + 1);
        assert_int_equal(store_write_wait(desk->store, add_run, &call), i < WINDOWS_MAX ? S_OK : S_TOO_LARGE);
    }
    assert_int_equal(list(desk, rows, &revision), WINDOWS_MAX);
}

static void what_was_spent_survives_and_belongs_to_its_period(void **state)
{
    struct desk *desk = *state;
    struct call window = {.text = "always quota 1G per day"};

    assert_int_equal(store_write_wait(desk->store, add_run, &window), S_OK);
    struct call spend = {.id = window.id, .start_ms = 1000, .bytes = 70};
    store_write_wait(desk->store, used_run, &spend);
    store_write_wait(desk->store, used_run, &spend);
    desk_shut(desk);
    desk_reopen(desk);
    assert_int_equal(used(desk, window.id, 1000), 140);
    assert_int_equal(used(desk, window.id, 2000), 0);
    struct call nobody = {.id = 99, .start_ms = 1000, .bytes = 1};
    assert_int_equal(store_write_wait(desk->store, used_run, &nobody), S_OK);
    assert_int_equal(used(desk, 99, 1000), 0);
    struct call wild = {.id = window.id, .start_ms = UINT64_MAX, .bytes = 1};
    assert_int_equal(store_write_wait(desk->store, used_run, &wild), S_INVALID);
}

static void a_clock_set_back_finds_what_was_counted(void **state)
{
    struct desk *desk = *state;
    struct call window = {.text = "always quota 1G per day"};

    assert_int_equal(store_write_wait(desk->store, add_run, &window), S_OK);
    struct call spend = {.id = window.id, .bytes = 5};
    for (spend.start_ms = 1; spend.start_ms <= 200; spend.start_ms++) {
        store_write_wait(desk->store, used_run, &spend);
    }
    spend.start_ms = 190;
    store_write_wait(desk->store, used_run, &spend);
    assert_int_equal(used(desk, window.id, 190), 10);
    assert_int_equal(used(desk, window.id, 1), 0); /* long past */
    spend.start_ms = 1;
    store_write_wait(desk->store, used_run, &spend);
    assert_int_equal(used(desk, window.id, 1), 5); /* never the one that counts now */
}

static void the_pause_survives(void **state)
{
    struct desk *desk = *state;
    struct call call = {.is_paused = true};

    assert_int_equal(store_write_wait(desk->store, pause_run, &call), S_OK);
    desk_shut(desk);
    desk_reopen(desk);
    struct db *db = store_read_begin(desk->store);
    assert_true(window_is_paused(db));
    store_read_end(desk->store, db);
    call.is_paused = false;
    store_write_wait(desk->store, pause_run, &call);
    db = store_read_begin(desk->store);
    assert_false(window_is_paused(db));
    store_read_end(desk->store, db);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(windows_are_kept_for_all_and_for_one_peer, setup, teardown),
        cmocka_unit_test_setup_teardown(there_are_never_more_than_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_spent_survives_and_belongs_to_its_period, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_set_back_finds_what_was_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(the_pause_survives, setup, teardown),
    };
    return KIT_RUN(tests);
}
