/* Who fetches what from afar. */
#include "replication/schedule/share.h"

#include <string.h>

#include "tests/kit/kit.h"

enum { OBJECTS = 3000 };

static struct id node_of(uint8_t number)
{
    struct id id;

    memset(id.b, number, sizeof id.b);
    return id;
}

static struct hash object_of(uint32_t number)
{
    return hash_of(bytes_of(NULL, 0), bytes_of((const uint8_t *)&number, sizeof number));
}

static struct share_sibling sibling(uint8_t number, enum share_state state, bool is_wanting)
{
    return (struct share_sibling){.node = node_of(number), .state = state, .is_awaited = true, .is_wanting = is_wanting};
}

static enum share_choice choose(uint8_t self, uint32_t object, const struct share_sibling *siblings, size_t count)
{
    const struct id id = node_of(self);
    const struct hash hash = object_of(object);

    return share_choose(&id, &hash, siblings, count);
}

/* `count` nodes that all lack everything: as each of them sees the others. */
static uint8_t takers(uint32_t object, uint8_t count, uint8_t *who_out)
{
    uint8_t taken = 0;

    for (uint8_t self = 1; self <= count; self++) {
        struct share_sibling siblings[SHARE_SIBLINGS_MAX];
        size_t others = 0;
        for (uint8_t other = count; other >= 1; other--) { /* the order in which they are known says nothing */
            if (other != self) {
                siblings[others++] = sibling(other, SHARE_LACKS, true);
            }
        }
        if (choose(self, object, siblings, others) == SHARE_TAKE) {
            taken++;
            *who_out = self;
        }
    }
    return taken;
}

static void of_all_that_lack_an_object_exactly_one_fetches_it_and_shares_are_even(void **state)
{
    (void)state;
    for (uint8_t count = 1; count <= 5; count++) {
        unsigned shares[6] = {0};
        for (uint32_t object = 0; object < OBJECTS; object++) {
            uint8_t who = 0;
            assert_int_equal(takers(object, count, &who), 1);
            shares[who]++;
        }
        for (uint8_t who = 1; who <= count; who++) {
            assert_in_range(shares[who], OBJECTS / count * 85 / 100, OBJECTS / count * 115 / 100);
        }
    }
}

static void when_one_leaves_only_its_part_changes_hands(void **state)
{
    (void)state;
    for (uint32_t object = 0; object < OBJECTS; object++) {
        uint8_t before = 0, after = 0;
        takers(object, 4, &before);
        takers(object, 3, &after);
        if (before != 4) {
            assert_int_equal(after, before);
        }
    }
}

static void what_a_sibling_may_have_or_awaits_is_left_to_it(void **state)
{
    struct share_sibling one[] = {sibling(2, SHARE_UNKNOWN, false)};
    (void)state;

    assert_int_equal(choose(1, 7, one, 1), SHARE_LEAVE); /* asked there first */
    one[0].is_awaited = false;
    assert_int_equal(choose(1, 7, one, 1), SHARE_TAKE); /* it does not answer */
    one[0].state = SHARE_COMING;
    assert_int_equal(choose(1, 7, one, 1), SHARE_LEAVE);
    one[0].state = SHARE_LATER;
    assert_int_equal(choose(1, 7, one, 1), SHARE_LEAVE);
    assert_int_equal(choose(1, 7, NULL, 0), SHARE_TAKE);
}

static void who_does_not_want_it_fetches_nothing_for_us(void **state)
{
    const struct share_sibling others[] = {sibling(2, SHARE_LACKS, false), sibling(3, SHARE_LACKS, false)};
    (void)state;

    for (uint32_t object = 0; object < 100; object++) {
        assert_int_equal(choose(1, object, others, 2), SHARE_TAKE);
    }
}

static void one_that_has_it_settles_what_others_lack(void **state)
{
    const struct share_sibling others[] = {sibling(2, SHARE_LACKS, true), sibling(3, SHARE_UNKNOWN, false)};
    (void)state;

    for (uint32_t object = 0; object < 100; object++) {
        assert_int_equal(choose(1, object, others, 2), SHARE_LEAVE);
    }
}

static void every_object_has_somebody_who_would_take_it_in_the_end(void **state)
{
    const struct share_sibling others[] = {sibling(2, SHARE_LACKS, true)};
    unsigned spare = 0;
    (void)state;

    for (uint32_t object = 0; object < 100; object++) {
        enum share_choice choice = choose(1, object, others, 1);
        assert_int_not_equal(choice, SHARE_LEAVE);
        spare += choice == SHARE_SPARE;
    }
    assert_in_range(spare, 30, 70);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_all_that_lack_an_object_exactly_one_fetches_it_and_shares_are_even),
        cmocka_unit_test(when_one_leaves_only_its_part_changes_hands),
        cmocka_unit_test(what_a_sibling_may_have_or_awaits_is_left_to_it),
        cmocka_unit_test(who_does_not_want_it_fetches_nothing_for_us),
        cmocka_unit_test(one_that_has_it_settles_what_others_lack),
        cmocka_unit_test(every_object_has_somebody_who_would_take_it_in_the_end),
    };
    return KIT_RUN(tests);
}
