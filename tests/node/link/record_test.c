#include "node/link/record.h"

#include "node/incident.h"
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
    now.we_lack_bytes = 356; /* a course that is wanted now, and comes between two looks */
    assert_true(report(&now, 2 * RECORD_EVERY_MS + 1));
    now.we_lack_bytes = 0;
    assert_true(report(&now, 2 * RECORD_EVERY_MS + 2));
    assert_int_equal(row.we_lack_bytes, 0);
    assert_false(report(&now, 2 * RECORD_EVERY_MS + 3));
    assert_true(record_report(&record, &now, true, 2 * RECORD_EVERY_MS + 4, &row));
    assert_int_equal(row.state, PEER_CLOSED);
    assert_int_equal(row.rate_bits, 0);
    assert_false(record_report(&record, &now, true, 2 * RECORD_EVERY_MS + 5, &row));
}

static void a_clock_that_was_put_right_is_told_at_once(void **state)
{
    struct peer_progress now = {.state = PEER_IN_STEP};
    (void)state;

    record.success_wall_ms = 61000000000; /* in 1971 */
    assert_true(report(&now, RECORD_EVERY_MS));
    record.success_wall_ms += RECORD_EVERY_MS;
    assert_false(report(&now, RECORD_EVERY_MS + 1));
    record.success_wall_ms = 1796083200000;
    assert_true(report(&now, RECORD_EVERY_MS + 2));
    assert_true(row.last_success_ms == 1796083200000);
    assert_false(report(&now, RECORD_EVERY_MS + 3));
    record.success_wall_ms -= 24ULL * 3600 * 1000;
    assert_true(report(&now, RECORD_EVERY_MS + 4));
}

/* What is counted of `node` under `incident`, and no more. */
static uint64_t taken_of(enum incident incident, const struct id *node)
{
    struct incident_of counts[INCIDENT_MEMBERS_MAX];
    uint64_t sums[INCIDENT_COUNT], count = 0;
    size_t members = incident_pending_of(counts);

    for (size_t i = 0; i < members; i++) {
        count += counts[i].incident == incident && id_equal(&counts[i].node, node) ? counts[i].count : 0;
    }
    (void)incident_pending(sums);
    incident_subtract_of(counts, members);
    incident_subtract(sums);
    return count;
}

static void who_brings_it_is_not_blamed_for_what_its_writer_did(void **state)
{
    const struct id remote = {.b = {1}}, writer = {.b = {2}};
    struct effect effect = {.kind = EFFECT_REFUSED, .status = S_BAD_DIGEST, .stream = {.node = writer}};
    (void)state;

    record_refused(&effect, &remote);
    assert_int_equal(taken_of(INCIDENT_DIGESTS, &remote), 1);
    effect.status = S_STALE;
    record_refused(&effect, &remote);
    assert_int_equal(taken_of(INCIDENT_FORMER_KEYS, &writer), 1);
    effect.stream.node = id_none; /* a sibling that is slow is no thief of a former key */
    record_refused(&effect, &remote);
    assert_int_equal(taken_of(INCIDENT_MESSAGES, &remote), 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_row_counts_a_session_and_the_next_waits, begin),
        cmocka_unit_test_setup(what_moves_is_told_sooner_with_its_rate, begin),
        cmocka_unit_test(who_brings_it_is_not_blamed_for_what_its_writer_did),
        cmocka_unit_test_setup(coming_in_step_and_the_end_are_told_at_once_and_once, begin),
        cmocka_unit_test_setup(a_clock_that_was_put_right_is_told_at_once, begin),
    };

    return KIT_RUN(tests);
}
