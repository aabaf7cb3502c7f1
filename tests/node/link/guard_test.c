#include "tests/kit/kit.h"

#include <string.h>

#include "node/link/guard.h"

static uint64_t received[GUARD_CONNECTIONS_MAX + 10];

static bool bytes_told(int fd, uint64_t *bytes_out)
{
    *bytes_out = received[fd];
    return true;
}

static bool bytes_unknown(int fd, uint64_t *bytes_out)
{
    (void)fd;
    (void)bytes_out;
    return false;
}

static void address_make(uint8_t out[GUARD_ADDRESS_SIZE], int number)
{
    memset(out, 0, GUARD_ADDRESS_SIZE);
    memcpy(out, &number, sizeof number);
}

static int guard_start(void **state)
{
    memset(received, 0, sizeof received);
    *state = guard_new(GUARD_PENDING_SHARE * GUARD_PENDING_MAX);
    return 0;
}

static int guard_end(void **state)
{
    guard_free(*state);
    return 0;
}

static void test_of_one_address_the_oldest_goes_when_there_are_too_many(void **state)
{
    struct guard *guard = *state;
    uint8_t here[GUARD_ADDRESS_SIZE], there[GUARD_ADDRESS_SIZE];

    address_make(here, 1);
    address_make(there, 2);
    assert_int_equal(guard_accept(guard, 9000, there, 10), -1); /* the oldest of all, and alone */
    for (int fd = 0; fd < GUARD_PENDING_MAX - 1; fd++) {
        assert_int_equal(guard_accept(guard, fd, here, (uint64_t)(1000 + fd)), -1);
    }
    assert_int_equal(guard_accept(guard, 9001, here, 5001), 0);
    assert_int_equal(guard_accept(guard, 9002, here, 5002), 1);
    assert_true(guard_address(guard, 9000, there));
    assert_int_equal(guard->cut, 2);
}

static void test_all_together_may_be_so_many_pending(void **state)
{
    struct guard *guard = *state;
    uint8_t address[GUARD_ADDRESS_SIZE];

    for (int fd = 0; fd < GUARD_PENDING_MAX; fd++) {
        address_make(address, fd);
        assert_int_equal(guard_accept(guard, fd, address, (uint64_t)fd), -1);
    }
    address_make(address, 9999);
    assert_int_equal(guard_accept(guard, 20000, address, 9000), 0);
}

static void test_few_descriptors_are_not_all_for_strangers(void **state)
{
    struct guard *guard = guard_new(40);
    uint8_t address[GUARD_ADDRESS_SIZE];
    (void)state;

    address_make(address, 1);
    for (int fd = 0; fd < 40 / GUARD_PENDING_SHARE; fd++) {
        assert_int_equal(guard_accept(guard, fd, address, (uint64_t)fd), -1);
    }
    assert_int_equal(guard_accept(guard, 100, address, 100), 0);
    guard_free(guard);
}

static void test_a_flood_from_many_addresses_pushes_out_its_own(void **state)
{
    struct guard *guard = *state;
    uint8_t slow[GUARD_ADDRESS_SIZE], flood[GUARD_ADDRESS_SIZE];
    unsigned garbled = 3;

    address_make(slow, 1);
    assert_int_equal(guard_accept(guard, 1, slow, 1), -1); /* over a satellite */
    for (int fd = 2; fd < 6000; fd++) {
        address_make(flood, 100 + fd % 250);
        assert_int_not_equal(guard_accept(guard, fd, flood, (uint64_t)fd), 1);
    }
    assert_true(guard_address(guard, 1, flood));
    assert_true(guard->crowded > 4000);
    guard_tell(guard, &garbled); /* in two lines */
    assert_int_equal(guard->crowded + garbled, 0);
}

static void test_who_has_spoken_does_not_count_as_pending(void **state)
{
    struct guard *guard = *state;
    uint8_t here[GUARD_ADDRESS_SIZE];

    address_make(here, 1);
    for (int fd = 0; fd < GUARD_CONNECTIONS_MAX; fd++) {
        assert_int_equal(guard_accept(guard, fd, here, 0), -1);
        guard_packet(guard, fd, 10);
    }
    /* Nobody is pending who could make room: the new one is cut itself. */
    assert_int_equal(guard_accept(guard, GUARD_CONNECTIONS_MAX, here, 0), GUARD_CONNECTIONS_MAX);
    assert_false(guard_gone(guard, 7, false));
    assert_int_equal(guard_accept(guard, GUARD_CONNECTIONS_MAX, here, 0), -1);
}

static void test_a_stranger_that_sends_much_or_waits_long_is_cut(void **state)
{
    struct guard *guard = *state;
    uint8_t here[GUARD_ADDRESS_SIZE];
    int cut[4];

    address_make(here, 1);
    guard_accept(guard, 1, here, 1000);
    guard_accept(guard, 2, here, 2000);
    received[1] = GUARD_STRANGER_BYTES;
    assert_int_equal(guard_look(guard, bytes_told, 3000, cut, 4), 0);
    received[1]++;
    assert_int_equal(guard_look(guard, bytes_told, 3000, cut, 4), 1);
    assert_int_equal(cut[0], 1);
    assert_int_equal(guard_look(guard, bytes_unknown, 2000 + GUARD_PENDING_MS, cut, 4), 0);
    assert_int_equal(guard_look(guard, bytes_unknown, 2001 + GUARD_PENDING_MS, cut, 4), 1);
    assert_int_equal(cut[0], 2);
}

static void test_a_peer_may_have_a_backlog_up_to_the_limit(void **state)
{
    struct guard *guard = *state;
    uint8_t here[GUARD_ADDRESS_SIZE];
    int cut[4];

    address_make(here, 1);
    guard_accept(guard, 1, here, 0);
    guard_packet(guard, 1, 100);
    received[1] = 50; /* an estimate too high is put right */
    assert_int_equal(guard_look(guard, bytes_told, 1000, cut, 4), 0);
    received[1] = 50 + GUARD_BACKLOG_BYTES;
    assert_int_equal(guard_look(guard, bytes_told, 2000, cut, 4), 0);
    received[1] += GUARD_FORGIVEN_BYTES + 1;
    assert_int_equal(guard_look(guard, bytes_told, 3000, cut, 4), 1);
    assert_int_equal(cut[0], 1);
}

static void test_heartbeats_of_years_are_forgiven(void **state)
{
    struct guard *guard = *state;
    uint8_t here[GUARD_ADDRESS_SIZE];
    int cut[4];

    address_make(here, 1);
    guard_accept(guard, 1, here, 0);
    guard_packet(guard, 1, 100);
    for (uint64_t second = 0; second < 100000; second++) {
        received[1] += GUARD_FORGIVEN_BYTES;
        assert_int_equal(guard_look(guard, bytes_told, second * 1000, cut, 4), 0);
    }
}

static void test_what_was_no_handshake_is_told_apart(void **state)
{
    struct guard *guard = *state;
    uint8_t here[GUARD_ADDRESS_SIZE];

    address_make(here, 1);
    for (int fd = 1; fd <= 6; fd++) {
        guard_accept(guard, fd, here, 0);
    }
    assert_true(guard_gone(guard, 1, false)); /* nothing ended, and it was closed here */
    assert_false(guard_gone(guard, 1, false));
    assert_false(guard_gone(guard, 2, true)); /* by the other */
    guard_settled(guard);
    assert_false(guard_gone(guard, 3, false)); /* it is taken for the one whose handshake ended */
    guard_settled(guard);
    guard_packet(guard, 4, 10); /* that one speaks */
    assert_false(guard_gone(guard, 4, false));
    assert_true(guard_gone(guard, 5, false));
    for (int i = 0; i < 3; i++) {
        guard_settled(guard);
    }
    assert_false(guard_gone(guard, 6, true));
    guard_accept(guard, 7, here, 0); /* of those that ended none is left */
    assert_true(guard_gone(guard, 7, false));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_of_one_address_the_oldest_goes_when_there_are_too_many,
                                        guard_start, guard_end),
        cmocka_unit_test_setup_teardown(test_all_together_may_be_so_many_pending, guard_start, guard_end),
        cmocka_unit_test(test_few_descriptors_are_not_all_for_strangers),
        cmocka_unit_test_setup_teardown(test_a_flood_from_many_addresses_pushes_out_its_own, guard_start, guard_end),
        cmocka_unit_test_setup_teardown(test_who_has_spoken_does_not_count_as_pending, guard_start,
                                        guard_end),
        cmocka_unit_test_setup_teardown(test_a_stranger_that_sends_much_or_waits_long_is_cut, guard_start,
                                        guard_end),
        cmocka_unit_test_setup_teardown(test_a_peer_may_have_a_backlog_up_to_the_limit, guard_start,
                                        guard_end),
        cmocka_unit_test_setup_teardown(test_heartbeats_of_years_are_forgiven, guard_start, guard_end),
        cmocka_unit_test_setup_teardown(test_what_was_no_handshake_is_told_apart, guard_start, guard_end),
    };

    return KIT_RUN(tests);
}
