#include "replication/trust/roster_room.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { AUTHORITY = FEDERATION_AUTHORITY, HUB = 0, EAST, WEST, KENYA, CAMPUS };

static struct federation fed;
static struct roster *roster;

/* hub - east - kenya - campus; hub - west, revoked */
static int setup(void **state)
{
    struct buffer out;
    (void)state;

    federation_make(&fed, 1);
    roster = roster_new(&fed.id, fed.authority.sign_public);
    federation_enter(&fed, roster, HUB, AUTHORITY, NODE_HUB);
    federation_enter(&fed, roster, EAST, HUB, NODE_REGIONAL);
    federation_enter(&fed, roster, WEST, HUB, NODE_REGIONAL);
    federation_enter(&fed, roster, KENYA, EAST, NODE_NATIONAL);
    federation_enter(&fed, roster, CAMPUS, KENYA, NODE_CAMPUS);
    buffer_init(&out);
    federation_revoke(&fed, WEST, 9000, HUB, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    buffer_release(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    roster_free(roster);
    return 0;
}

static const struct id *id_of(int who)
{
    return &fed.nodes[who].node;
}

static void a_full_federation_admits_nobody(void **state)
{
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(roster_count(roster), 5); /* who was revoked keeps its place */
    assert_int_equal(roster_room_check(roster, id_of(HUB), 0, &report), S_OK);
    assert_int_equal(roster_room_check(roster, id_of(HUB), NODES_MAX - 6, &report), S_OK); /* the last place */
    assert_int_equal(roster_room_check(roster, id_of(HUB), NODES_MAX - 5, &report), S_TOO_LARGE);
    assert_string_equal(report.text, "the federation has its 65536 nodes, revoked ones included: there is no room for one more");
    assert_int_equal(roster_room_check(roster, id_of(HUB), SIZE_MAX, &report), S_TOO_LARGE);
}

static void a_node_is_counted_for_the_one_directly_below_a_hub(void **state)
{
    const struct roster_node *top;
    (void)state;

    assert_null(roster_room_top(roster, id_of(HUB)));
    assert_null(roster_room_top(roster, &(struct id){{7}}));
    assert_ptr_equal(roster_room_top(roster, id_of(EAST)), roster_find(roster, id_of(EAST)));
    assert_ptr_equal(roster_room_top(roster, id_of(CAMPUS)), roster_find(roster, id_of(EAST)));
    assert_int_equal(roster_room_largest(roster, &top), 3);
    assert_ptr_equal(top, roster_find(roster, id_of(EAST)));
}

/* Nobody looks at signatures here: it would take seconds. */
static void a_centre_that_admits_without_end_leaves_room_for_others(void **state)
{
    const size_t more = ROSTER_ROOM_SHARE + 100;
    const struct roster_node *top;
    struct buffer out;
    (void)state;

    buffer_init(&out);
    struct roster_node node = federation_node(&fed, 5, EAST, NODE_CAMPUS);
    memset(node.consent, 0, sizeof node.consent);
    federation_admit(&fed, &node, EAST, &out);
    uint8_t *key = memmem(out.data, out.size, node.sign_public, sizeof node.sign_public);
    uint8_t *name = memmem(out.data, out.size, node.node.b, sizeof node.node.b);
    assert_true(key && name);
    for (uint32_t i = 0; i < more; i++) {
        memcpy(key, &i, sizeof i);
        struct id id = identity_node(key);
        memcpy(name, id.b, sizeof id.b);
        assert_int_equal(roster_add_proved(roster, buffer_bytes(&out), NULL), S_OK);
    }
    assert_int_equal(roster_count(roster), 5 + more);
    assert_int_equal(roster_room_largest(roster, &top), 3 + more);
    assert_int_equal(roster_room_check(roster, id_of(WEST), NODES_MAX - ROSTER_ROOM_SHARE - 3, NULL), S_OK);
    assert_int_equal(roster_room_check(roster, id_of(WEST), NODES_MAX - ROSTER_ROOM_SHARE - 2, NULL), S_TOO_LARGE);
    assert_int_equal(roster_room_check(roster, id_of(KENYA), NODES_MAX - 6 - more, NULL), S_OK); /* of its own it has what room there is */
    assert_int_equal(roster_room_check(roster, id_of(KENYA), NODES_MAX - 5 - more, NULL), S_TOO_LARGE);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_federation_admits_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_is_counted_for_the_one_directly_below_a_hub, setup, teardown),
        cmocka_unit_test_setup_teardown(a_centre_that_admits_without_end_leaves_room_for_others, setup, teardown),
    };
    return KIT_RUN(tests);
}
