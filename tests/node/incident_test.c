#include "node/incident.h"
#include "tests/kit/kit.h"

#include <string.h>

static void what_is_counted_is_pending_until_it_is_kept(void **state)
{
    uint64_t counts[INCIDENT_COUNT];
    (void)state;

    assert_false(incident_pending(counts));
    incident_add(INCIDENT_STRANGERS, 2);
    incident_add(INCIDENT_STRANGERS, 1);
    incident_add(INCIDENT_REBUILDS, 0);
    assert_true(incident_pending(counts));
    assert_int_equal(counts[INCIDENT_STRANGERS], 3);
    assert_int_equal(counts[INCIDENT_REBUILDS], 0);
    incident_add(INCIDENT_STRANGERS, 4); /* while the first three are on their way to the disk */
    incident_subtract(counts);
    assert_true(incident_pending(counts));
    assert_int_equal(counts[INCIDENT_STRANGERS], 4);
    incident_subtract(counts);
    assert_false(incident_pending(counts));
}

static void members_are_counted_beside_the_sums_and_more_than_there_is_room_for_in_the_sums_alone(void **state)
{
    struct incident_of counts[INCIDENT_MEMBERS_MAX];
    uint64_t sums[INCIDENT_COUNT];
    struct id node = {.b = {0}};
    (void)state;

    incident_add_of(INCIDENT_FRAMES, &node, 0);
    assert_int_equal(incident_pending_of(counts), 0);
    for (unsigned i = 0; i < INCIDENT_MEMBERS_MAX + 1; i++) {
        node.b[0] = (uint8_t)i, node.b[1] = (uint8_t)(i >> 8);
        incident_add_of(INCIDENT_FRAMES, &node, 1);
    }
    assert_int_equal(incident_pending_of(counts), INCIDENT_MEMBERS_MAX);
    node = (struct id){.b = {7}};
    incident_add_of(INCIDENT_FRAMES, &node, 2); /* while they are on their way to the disk */
    assert_true(incident_pending(sums));
    assert_int_equal(sums[INCIDENT_FRAMES], INCIDENT_MEMBERS_MAX + 3);
    incident_subtract_of(counts, INCIDENT_MEMBERS_MAX);
    incident_subtract(sums);
    assert_int_equal(incident_pending_of(counts), 1);
    assert_true(id_equal(&counts[0].node, &node));
    assert_int_equal(counts[0].count, 2);
    incident_subtract_of(counts, 1);
    assert_int_equal(incident_pending_of(counts), 0);
}

static void every_name_is_its_own_and_says_what(void **state)
{
    (void)state;
    for (int i = 0; i < INCIDENT_COUNT; i++) {
        assert_true(strlen(incident_text((enum incident)i)) > 10);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(incident_name((enum incident)i), incident_name((enum incident)k));
        }
    }
    assert_int_equal(incident_group_of(INCIDENT_STRANGERS), INCIDENT_REFUSED);
    assert_int_equal(incident_group_of(INCIDENT_REBUILDS), INCIDENT_REPAIRED);
}

static void a_refused_message_is_counted_by_why(void **state)
{
    (void)state;
    assert_int_equal(incident_of_message(S_BAD_SIGNATURE), INCIDENT_SIGNATURES);
    assert_int_equal(incident_of_message(S_BAD_DIGEST), INCIDENT_DIGESTS);
    assert_int_equal(incident_of_message(S_FORKED), INCIDENT_FORKS);
    assert_int_equal(incident_of_message(S_INVALID), INCIDENT_FRAMES);
    assert_int_equal(incident_of_message(S_TOO_LARGE), INCIDENT_FRAMES);
    assert_int_equal(incident_of_message(S_DENIED), INCIDENT_MESSAGES);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_counted_is_pending_until_it_is_kept),
        cmocka_unit_test(members_are_counted_beside_the_sums_and_more_than_there_is_room_for_in_the_sums_alone),
        cmocka_unit_test(every_name_is_its_own_and_says_what),
        cmocka_unit_test(a_refused_message_is_counted_by_why),
    };
    return KIT_RUN(tests);
}
