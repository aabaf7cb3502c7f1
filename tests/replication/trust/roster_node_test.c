#include <stdio.h>
#include <string.h>

#include "replication/trust/roster.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

static struct federation fed;

static enum status name_check(const char *name)
{
    return node_name_check(bytes_text(name));
}

static void names_may_be_in_any_script_and_hold_blanks(void **state)
{
    char name[NODE_NAME_MAX + 2];
    (void)state;

    assert_int_equal(name_check("a"), S_OK);
    assert_int_equal(name_check("Centre de Kigali"), S_OK);
    assert_int_equal(name_check("مركز تونس"), S_OK);
    assert_int_equal(name_check(""), S_INVALID);
    assert_int_equal(name_check(" a"), S_INVALID);
    assert_int_equal(name_check("a "), S_INVALID);
    assert_int_equal(name_check("a~b"), S_INVALID);
    assert_int_equal(name_check("a\nb"), S_INVALID);
    assert_int_equal(name_check("a\x1f"), S_INVALID);
    assert_int_equal(name_check("\xff"), S_INVALID);
    assert_int_equal(node_name_check(bytes_of("a\0b", 3)), S_INVALID);
    memset(name, 'x', sizeof name);
    assert_int_equal(node_name_check(bytes_of(name, NODE_NAME_MAX)), S_OK);
    assert_int_equal(node_name_check(bytes_of(name, NODE_NAME_MAX + 1)), S_TOO_LARGE);
}

static void a_country_is_two_letters_which_become_capitals(void **state)
{
    static const struct {
        const char *said, *kept; /* kept NULL: refused */
    } cases[] = {{"", ""}, {"EG", "EG"}, {"eg", "EG"}, {"kE", "KE"}, {"e", NULL}, {"e1", NULL}, {"e ", NULL}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char country[COUNTRY_SIZE] = {0};
        memcpy(country, cases[i].said, strlen(cases[i].said));
        assert_int_equal(country_take(country), cases[i].kept != NULL);
        if (cases[i].kept) {
            assert_string_equal(country, cases[i].kept);
        }
    }
}

static void kinds_have_names(void **state)
{
    char all[sizeof NODE_KINDS + 32] = "";
    enum node_kind kind;
    (void)state;

    for (enum node_kind each = NODE_HUB; each <= NODE_CAMPUS; each++) {
        assert_true(node_kind_parse(node_kind_name(each), &kind));
        assert_int_equal(kind, each);
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", *all ? "|" : "", node_kind_name(each));
    }
    assert_string_equal(all, NODE_KINDS);
    assert_false(node_kind_parse("Hub", &kind));
    assert_false(node_kind_parse("", &kind));
    assert_string_equal(node_kind_name((enum node_kind)0), "?");
    assert_string_equal(node_kind_name((enum node_kind)6), "?");
}

static enum status with(const char *country, const char *endpoint, const char *region)
{
    struct roster_node node = federation_node(&fed, 0, FEDERATION_AUTHORITY, NODE_HUB);

    strcpy(node.country, country);
    strcpy(node.endpoint, endpoint);
    strcpy(node.region, region);
    return roster_node_check(&node, NULL);
}

static void country_endpoint_and_region_have_their_forms(void **state)
{
    (void)state;
    assert_int_equal(with("", "", ""), S_OK);
    assert_int_equal(with("KE", "tcp://h:1", "Afrique de l'Est"), S_OK);
    assert_int_equal(with("ke", "", ""), S_INVALID);
    assert_int_equal(with("K", "", ""), S_INVALID);
    assert_int_equal(with("", "tcp://", ""), S_INVALID);
    assert_int_equal(with("", "ipc:///tmp/x", ""), S_INVALID);
    assert_int_equal(with("", "tcp://a b:1", ""), S_INVALID);
    assert_int_equal(with("", "", "a\tb"), S_INVALID);
}

static void a_node_needs_a_kind_and_keys_and_ended_texts(void **state)
{
    struct roster_node node = federation_node(&fed, 0, FEDERATION_AUTHORITY, NODE_HUB), bad = node;
    struct report report;
    (void)state;

    report_clear(&report);
    bad.kind = (enum node_kind)0;
    assert_int_equal(roster_node_check(&bad, &report), S_INVALID);
    assert_non_null(strstr(report.text, "node-0"));
    bad = node;
    memset(bad.curve_public, 0, sizeof bad.curve_public);
    assert_int_equal(roster_node_check(&bad, NULL), S_INVALID);
    bad = node;
    memset(bad.name, 'x', sizeof bad.name);
    assert_int_equal(roster_node_check(&bad, NULL), S_TOO_LARGE);
}

static int setup(void **state)
{
    (void)state;
    federation_make(&fed, 5);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_be_in_any_script_and_hold_blanks),
        cmocka_unit_test(a_country_is_two_letters_which_become_capitals),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(country_endpoint_and_region_have_their_forms),
        cmocka_unit_test(a_node_needs_a_kind_and_keys_and_ended_texts),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, NULL);
}
