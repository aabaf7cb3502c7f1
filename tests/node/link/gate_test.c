#include "node/link/gate.h"

#include "replication/base/limits.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static const struct id peer = {{1}}, other = {{2}};

struct desk {
    struct kit_store kit;
    uv_loop_t loop;
    struct gate *gate;
};

static int setup(void **state)
{
    static struct desk desk;

    kit_store_open(&desk.kit);
    assert_int_equal(uv_loop_init(&desk.loop), 0);
    desk.gate = gate_new(&desk.loop, desk.kit.store);
    *state = &desk;
    return 0;
}

/* Runs gate_refresh() while the database cannot be opened, nor an open connection had. */
static bool refresh_blind(struct desk *desk)
{
    enum { READERS = 5 };
    char path[300], away[310];
    struct db *readers[READERS];

    snprintf(path, sizeof path, "%s/qanat.db", desk->kit.dir);
    snprintf(away, sizeof away, "%s.away", path);
    for (int i = 0; i < READERS; i++) {
        readers[i] = store_read_begin(desk->kit.store);
    }
    assert_int_equal(rename(path, away), 0);
    bool is_new = gate_refresh(desk->gate);
    assert_int_equal(rename(away, path), 0);
    for (int i = 0; i < READERS; i++) {
        store_read_end(desk->kit.store, readers[i]);
    }
    return is_new;
}

/* Ends the gate: what it counted is in the store afterwards. */
static void gate_end(struct desk *desk)
{
    gate_stop(desk->gate);
    while (!gate_is_idle(desk->gate)) {
        store_drain(desk->kit.store);
    }
    gate_free(desk->gate);
    uv_run(&desk->loop, UV_RUN_DEFAULT);
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    gate_end(desk);
    assert_int_equal(uv_loop_close(&desk->loop), 0);
    kit_store_close(&desk->kit);
    return 0;
}

struct change {
    const char *text;
    int64_t id;
};

static enum status add_run(struct db *db, void *arg)
{
    struct change *change = arg;
    struct window window;

    assert_int_equal(window_parse(change->text, &window, NULL), S_OK);
    return window_row_add(db, &peer, &window, &change->id);
}

static enum status pause_run(struct db *db, void *arg)
{
    return window_pause_put(db, *(bool *)arg);
}

static int64_t window_put(struct desk *desk, const char *text)
{
    struct change change = {.text = text};

    assert_int_equal(store_write_wait(desk->kit.store, add_run, &change), S_OK);
    assert_true(gate_refresh(desk->gate));
    return change.id;
}

static void without_windows_nothing_is_limited(void **state)
{
    struct desk *desk = *state;

    assert_true(gate_is_open(desk->gate, &peer));
    assert_true(gate_lets_courses(desk->gate, &peer));
    gate_spend(desk->gate, &peer, WINDOW_RESULTS, FRAME_SIZE_MAX);
    assert_true(gate_may_move(desk->gate, &peer, WINDOW_RESULTS));
    assert_false(gate_refresh(desk->gate));
}

static void a_rate_holds_bulk_back_once_the_burst_is_spent(void **state)
{
    struct desk *desk = *state;

    window_put(desk, "always rate 8k for results");
    assert_int_equal(gate_rate(desk->gate, &peer), 8000);
    assert_false(gate_lets_courses(desk->gate, &peer));
    assert_true(gate_may_move(desk->gate, &peer, WINDOW_RESULTS));
    gate_spend(desk->gate, &peer, WINDOW_RESULTS, 2 * FRAME_SIZE_MAX);
    assert_false(gate_may_move(desk->gate, &peer, WINDOW_RESULTS));
    assert_true(gate_may_move(desk->gate, &other, WINDOW_RESULTS));
    gate_override(desk->gate, &peer, true);
    assert_true(gate_may_move(desk->gate, &peer, WINDOW_RESULTS));
    gate_override(desk->gate, &peer, false);
    assert_false(gate_may_move(desk->gate, &peer, WINDOW_RESULTS));
}

static void windows_that_cannot_be_read_hold_on(void **state)
{
    struct desk *desk = *state;
    bool is_paused = true;

    store_write_wait(desk->kit.store, pause_run, &is_paused);
    assert_true(gate_refresh(desk->gate));
    assert_false(refresh_blind(desk));
    assert_false(gate_is_open(desk->gate, &peer));
    is_paused = false;
    store_write_wait(desk->kit.store, pause_run, &is_paused);
    assert_false(refresh_blind(desk));
    assert_true(gate_refresh(desk->gate)); /* and are read when they can be */
    assert_true(gate_is_open(desk->gate, &peer));
}

static void a_pause_closes_and_an_override_opens_for_one_peer(void **state)
{
    struct desk *desk = *state;
    bool is_paused = true;

    store_write_wait(desk->kit.store, pause_run, &is_paused);
    assert_true(gate_refresh(desk->gate));
    assert_false(gate_is_open(desk->gate, &peer));
    assert_int_equal(gate_retry_ms(desk->gate, &peer), GATE_RETRY_PAUSED_MS);
    gate_override(desk->gate, &peer, true);
    gate_override(desk->gate, &peer, true);
    gate_override(desk->gate, &peer, false);
    assert_true(gate_is_open(desk->gate, &peer));
    assert_false(gate_is_open(desk->gate, &other));
    gate_override(desk->gate, &peer, false);
    assert_false(gate_is_open(desk->gate, &peer));
}

static void a_spent_quota_closes_at_once_and_survives_a_restart(void **state)
{
    struct desk *desk = *state;
    struct hours_answer answer;

    window_put(desk, "always quota 100k per month");
    gate_count(desk->gate, &peer, WINDOW_RESULTS, 90000);
    assert_true(gate_is_open(desk->gate, &peer));
    assert_false(gate_take_spent(desk->gate));
    gate_count(desk->gate, &peer, WINDOW_RESULTS, 20000);
    assert_false(gate_is_open(desk->gate, &peer));
    assert_true(gate_take_spent(desk->gate));
    assert_false(gate_take_spent(desk->gate));
    gate_end(desk);
    kit_store_reopen(&desk->kit);
    desk->gate = gate_new(&desk->loop, desk->kit.store);
    assert_false(gate_is_open(desk->gate, &peer));
    gate_ask(desk->gate, &peer, &answer);
    assert_int_equal(answer.state, HOURS_SPENT);
    assert_true(gate_retry_ms(desk->gate, &peer) >= GATE_RETRY_MIN_MS);
    assert_true(gate_retry_ms(desk->gate, &peer) <= GATE_RETRY_MAX_MS);
}

/* Bulk is not sent into what is left for the end of a session. */
static void what_does_not_fit_a_quota_is_not_sent(void **state)
{
    struct desk *desk = *state;
    const uint64_t reserve = GATE_RESERVE_MAX;
    struct hours_answer answer;

    assert_true(gate_left(desk->gate, &peer, WINDOW_RESULTS) == GATE_NO_QUOTA);
    window_put(desk, "always quota 1M per month");
    gate_count(desk->gate, &peer, WINDOW_RESULTS, 900 * 1000);
    uint64_t left = 1000 * 1000 - gate_cost(900 * 1000) - reserve;
    assert_int_equal(gate_left(desk->gate, &peer, WINDOW_RESULTS), left);
    assert_true(gate_left(desk->gate, &other, WINDOW_RESULTS) == GATE_NO_QUOTA);
    size_t size = left / 2;
    while (gate_cost(size) < left) {
        size++;
    }
    assert_true(gate_fits(desk->gate, &peer, WINDOW_RESULTS, size));
    assert_true(gate_is_open(desk->gate, &peer));
    assert_false(gate_fits(desk->gate, &peer, WINDOW_RESULTS, size + 2)); /* the rest counts as spent */
    assert_false(gate_is_open(desk->gate, &peer));
    assert_true(gate_take_spent(desk->gate));
    gate_override(desk->gate, &peer, true);
    assert_true(gate_fits(desk->gate, &peer, WINDOW_RESULTS, size + 2));
    assert_true(gate_left(desk->gate, &peer, WINDOW_RESULTS) == GATE_NO_QUOTA);
    gate_override(desk->gate, &peer, false);
    gate_ask(desk->gate, &peer, &answer);
    assert_int_equal(answer.state, HOURS_SPENT);
}

static void courses_that_do_not_fit_leave_the_window_to_results(void **state)
{
    struct desk *desk = *state;
    struct hours_answer answer;

    gate_refuse_courses(desk->gate, &peer); /* no quota: nothing */
    assert_true(gate_lets_courses(desk->gate, &peer));
    window_put(desk, "always quota 1M per month");
    gate_refuse_courses(desk->gate, &peer);
    assert_false(gate_lets_courses(desk->gate, &peer));
    assert_true(gate_is_open(desk->gate, &peer));
    gate_ask(desk->gate, &peer, &answer);
    assert_int_equal(answer.classes, WINDOW_RESULTS);
    gate_override(desk->gate, &peer, true);
    assert_true(gate_lets_courses(desk->gate, &peer));
    gate_override(desk->gate, &peer, false);
    window_put(desk, "always quota 2M per month"); /* looked at anew */
    assert_true(gate_lets_courses(desk->gate, &peer));
}

static void counts_not_yet_written_survive_a_change_of_windows(void **state)
{
    struct desk *desk = *state;

    window_put(desk, "always quota 100k per month");
    gate_count(desk->gate, &peer, WINDOW_RESULTS, 150000);
    window_put(desk, "always quota 50k per day");
    gate_count(desk->gate, &peer, WINDOW_RESULTS, 60000);
    assert_false(gate_is_open(desk->gate, &peer));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_windows_nothing_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rate_holds_bulk_back_once_the_burst_is_spent, setup, teardown),
        cmocka_unit_test_setup_teardown(windows_that_cannot_be_read_hold_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pause_closes_and_an_override_opens_for_one_peer, setup, teardown),
        cmocka_unit_test_setup_teardown(a_spent_quota_closes_at_once_and_survives_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_fit_a_quota_is_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(courses_that_do_not_fit_leave_the_window_to_results, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_not_yet_written_survive_a_change_of_windows, setup, teardown),
    };
    return KIT_RUN(tests);
}
