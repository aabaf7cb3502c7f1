/* Who may read results on the way: the target, and those above who may hold all of them. */
#include "node/bundle/recipients.h"

#include "tests/kit/kit.h"
#include "tests/kit/kit_roster.h"

enum { HUB, CENTRE, CAMPUS, SIBLING, OTHER, NODES };

static const struct kit_member members[] = {{"hub", NODE_HUB, -1, "CN", ""},
                                            {"centre", NODE_NATIONAL, HUB, "EG", ""},
                                            {"campus", NODE_CAMPUS, CENTRE, "EG", ""},
                                            {"sibling", NODE_CAMPUS, CENTRE, "EG", ""},
                                            {"other", NODE_NATIONAL, HUB, "KZ", ""}};

static size_t find(struct roster *roster, const struct id *ids, int from, int target, int writer,
                   const struct roster_node *nodes_out[ENVELOPE_RECIPIENTS_MAX])
{
    struct selected_stream streams[2] = {{.stream = {.topic = TOPIC_RESULTS}},
                                         {.stream = {.topic = TOPIC_CATALOGUE}}};
    struct buffer list;

    streams[0].stream.node = ids[writer];
    streams[1].stream.node = ids[OTHER]; /* a catalogue is for everybody */
    buffer_init(&list);
    buffer_append(&list, streams, sizeof streams);
    size_t count = recipients_find(roster, &ids[from], &ids[target], &list, nodes_out);
    buffer_release(&list);
    return count;
}

static void the_target_and_those_above_read(void **state)
{
    const struct roster_node *nodes[ENVELOPE_RECIPIENTS_MAX];
    struct id ids[NODES];
    struct roster *roster = kit_roster_new(members, NODES, ids);
    (void)state;

    assert_int_equal(find(roster, ids, CAMPUS, HUB, CAMPUS, nodes), 2); /* the centre is on its way */
    assert_true(id_equal(&nodes[0]->node, &ids[HUB]));
    assert_true(id_equal(&nodes[1]->node, &ids[CENTRE]));
    assert_int_equal(find(roster, ids, CENTRE, HUB, SIBLING, nodes), 1);
    assert_int_equal(find(roster, ids, OTHER, HUB, OTHER, nodes), 1);
    roster_free(roster);
}

static void a_node_gets_its_own_back(void **state)
{
    const struct roster_node *nodes[ENVELOPE_RECIPIENTS_MAX];
    struct id ids[NODES];
    struct roster *roster = kit_roster_new(members, NODES, ids);
    (void)state;

    assert_int_equal(find(roster, ids, CENTRE, CAMPUS, CAMPUS, nodes), 3);
    assert_true(id_equal(&nodes[0]->node, &ids[CAMPUS]));
    roster_free(roster);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_and_those_above_read),
        cmocka_unit_test(a_node_gets_its_own_back),
    };
    return KIT_RUN(tests);
}
