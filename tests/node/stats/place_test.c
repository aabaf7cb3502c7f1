#include <string.h>

#include "node/stats/place.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_roster.h"

static const struct kit_member nodes[] = {
    {"hub", NODE_HUB, -1, "CN", "East Asia"}, {"nc-eg", NODE_NATIONAL, 0, "EG", ""},
    {"aswan", NODE_CAMPUS, 1, "", ""},        {"rc-arab", NODE_REGIONAL, 0, "", "Arab States"},
    {"luxor", NODE_CAMPUS, 1, "", ""},        {"beirut", NODE_CAMPUS, 3, "LB", ""},
    {"free", NODE_CAMPUS, 0, "", ""},
};

enum { NODES = sizeof nodes / sizeof *nodes };

static void a_campus_stands_where_its_centre_does(void **state)
{
    static const struct {
        const char *centre, *country, *region;
    } expected[NODES] = {
        {"hub", "CN", "East Asia"},     {"nc-eg", "EG", "North Africa"}, {"nc-eg", "EG", "North Africa"},
        {"rc-arab", "", "Arab States"}, {"nc-eg", "EG", "North Africa"}, {"rc-arab", "LB", "Arab States"},
        {"hub", "CN", "East Asia"},
    };
    struct id ids[NODES];
    struct roster *roster = kit_roster_new(nodes, NODES, ids);
    struct place place;
    (void)state;

    for (size_t i = 0; i < NODES; i++) {
        place_find(roster, &ids[i], &place);
        assert_string_equal(place.node, nodes[i].name);
        assert_string_equal(place.centre, expected[i].centre);
        assert_string_equal(place.country, expected[i].country);
        assert_string_equal(place.region, expected[i].region);
    }
    roster_free(roster);
}

static void an_unknown_node_is_named_by_its_id(void **state)
{
    struct id ids[NODES], unknown = {.b = {0xab, 0xcd}};
    struct roster *roster = kit_roster_new(nodes, NODES, ids);
    struct place place;
    (void)state;

    place_find(roster, &unknown, &place);
    assert_string_equal(place.node, "abcd00000000");
    assert_string_equal(place.centre, place.node);
    assert_string_equal(place.region, "");
    roster_free(roster);
}

static void the_countries_of_the_alliance_have_their_regions(void **state)
{
    static const char *const pairs[][2] = {
        {"PK", "South Asia"},
        {"ZM", "Southern Africa"},
        {"MN", "East Asia"},
        {"MY", "Southeast Asia"},
        {"NG", "West Africa"},
        {"KE", "East Africa"},
        {"EG", "North Africa"},
        {"UZ", "Central Asia"},
        {"SN", "West Africa"},
        {"MA", "North Africa"},
        {"ET", "East Africa"},
        {"RS", "Central and Eastern Europe"},
        {"KG", "Central Asia"},
        {"ML", "West Africa"},
        {"HK", "East Asia"},
        {"SG", "Southeast Asia"},
        {"XX", ""},
        {"", ""},
        {"K", ""},
    };
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_string_equal(region_of_country(pairs[i][0]), pairs[i][1]);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_campus_stands_where_its_centre_does),
        cmocka_unit_test(an_unknown_node_is_named_by_its_id),
        cmocka_unit_test(the_countries_of_the_alliance_have_their_regions),
    };
    return KIT_RUN(tests);
}
