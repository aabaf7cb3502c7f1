#include "node/link/record.h"

#include "tests/kit/kit.h"

static struct record record;
static struct peer_status row;

static int begin(void **state)
{
    (void)state;
    record_begin(&record, 1000);
    return 0;
}

static bool report(const struct peer_progress *now, uint64_t now_ms)
{
    return record_report(&record, now, false, now_ms, &row);
}

static void the_first_row_counts_a_session_and_the_next_waits(void **state)
{
    struct peer_progress now = {.state = PEER_GREETING, .bytes_in = 100};
    (void)state;

    assert_true(report(&now, RECORD_EVERY_MS));
    assert_int_equal(row.sessions, 1);
    assert_int_equal(row.bytes_in, 100);
    assert_int_equal(row.last_attempt_ms, 1000);
    now.bytes_in += RECORD_MOVING_BYTES - 1;
    assert_false(report(&now, 2 * RECORD_EVERY_MS - 1));
    assert_true(report(&now, 2 * RECORD_EVERY_MS));
    assert_int_equal(row.sessions, 0);
    assert_int_equal(row.bytes_in, RECORD_MOVING_BYTES - 1);
}

static void what_moves_is_told_sooner_with_its_rate(void **state)
{
    struct peer_progress now = {.state = PEER_MOVING};
    (void)state;

    assert_true(report(&now, RECORD_EVERY_MS));
    now.bytes_in = RECORD_MOVING_BYTES;
    assert_false(report(&now, RECORD_EVERY_MS + RECORD_MOVING_MS - 1));
    assert_true(report(&now, RECORD_EVERY_MS + RECORD_MOVING_MS));
    assert_int_equal(row.rate_bits, RECORD_MOVING_BYTES * 8000 / RECORD_MOVING_MS);
}

static void coming_in_step_and_the_end_are_told_at_once_and_once(void **state)
{
    struct peer_progress now = {.state = PEER_MOVING};
    (void)state;

    assert_true(report(&now, RECORD_EVERY_MS));
    now.state = PEER_IN_STEP;
    assert_true(report(&now, RECORD_EVERY_MS + 1));
    assert_int_equal(row.state, PEER_IN_STEP);
    assert_false(report(&now, RECORD_EVERY_MS + 2));
    assert_true(record_report(&record, &now, true, RECORD_EVERY_MS + 3, &row));
    assert_int_equal(row.state, PEER_CLOSED);
    assert_int_equal(row.rate_bits, 0);
    assert_false(record_report(&record, &now, true, RECORD_EVERY_MS + 4, &row));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_row_counts_a_session_and_the_next_waits, begin),
        cmocka_unit_test_setup(what_moves_is_told_sooner_with_its_rate, begin),
        cmocka_unit_test_setup(coming_in_step_and_the_end_are_told_at_once_and_once, begin),
    };

    return KIT_RUN(tests);
}
