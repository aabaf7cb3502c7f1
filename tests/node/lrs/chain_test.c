#include <string.h>

#include "node/lrs/chain.h"
#include "node/lrs/index.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

#define REF(n, target)                                                                                       \
    KIT_STATEMENT(KIT_ACTOR, "http://refers.example.com/",                                                   \
                  "{\"objectType\":\"StatementRef\",\"id\":\"" KIT_ID(target) "\"}",                         \
                  ",\"id\":\"" KIT_ID(n) "\"")
#define WHO "{\"mbox\":\"mailto:who@example.com\"}"
#define TARGET(n)                                                                                            \
    KIT_STATEMENT(WHO, "http://did.example.com/", "{\"id\":\"http://a.example.com/t\"}",                     \
                  ",\"id\":\"" KIT_ID(n) "\"")
#define VOID(n, target)                                                                                      \
    KIT_STATEMENT(KIT_ACTOR, "http://adlnet.gov/expapi/verbs/voided",                                        \
                  "{\"objectType\":\"StatementRef\",\"id\":\"" KIT_ID(target) "\"}",                         \
                  ",\"id\":\"" KIT_ID(n) "\"")

static size_t found(struct kit_lrs *kit)
{
    return kit_lrs_count(kit, index_agent(&kit->lrs, INDEX_AGENT, kit_tree(WHO)));
}

static void who_leads_to_a_statement_is_found_with_it(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_post(kit, TARGET(1)), S_OK);
    assert_int_equal(kit_lrs_post(kit, REF(2, 1)), S_OK);
    assert_int_equal(kit_lrs_post(kit, REF(3, 2)), S_OK);
    assert_int_equal(found(kit), 3);
}

static void also_when_it_comes_last(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_post(kit, REF(3, 2)), S_OK);
    assert_int_equal(kit_lrs_post(kit, REF(2, 1)), S_OK);
    assert_int_equal(found(kit), 0);
    assert_int_equal(kit_lrs_post(kit, TARGET(1)), S_OK);
    assert_int_equal(found(kit), 3);
}

static void rings_end(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_post(kit, REF(1, 1)), S_OK);
    assert_int_equal(kit_lrs_post(kit, REF(2, 3)), S_OK);
    assert_int_equal(kit_lrs_post(kit, REF(3, 2)), S_OK);
    assert_int_equal(found(kit), 0);
}

static void filters_hold_for_one_statement_of_the_chain(void **state)
{
    struct kit_lrs *kit = *state;
    struct query_result result;
    struct query query;

    assert_int_equal(kit_lrs_post(kit, "[" TARGET(1) "," REF(2, 1) "]"), S_OK);
    query_init(&query, &kit->lrs, &kit->client);
    query_filter(&query, index_agent(&kit->lrs, INDEX_AGENT, kit_tree(WHO)));
    query_filter(&query, index_term(&kit->lrs, INDEX_VERB, bytes_text("http://refers.example.com/")));
    struct db *db = store_read_begin(kit->kit.store);
    assert_int_equal(query_run(&query, db, &result), S_OK);
    store_read_end(kit->kit.store, db);
    assert_int_equal(result.count, 0);
    buffer_release(&result.body);
}

static void voiding_works_in_any_order_but_not_on_voiders(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(kit_lrs_post(kit, TARGET(1)), S_OK);
    assert_int_equal(kit_lrs_post(kit, VOID(2, 1)), S_OK);
    assert_int_equal(kit_lrs_post(kit, VOID(3, 2)), S_OK);
    assert_string_equal(kit_lrs_get(kit, KIT_ID(1), RENDER_EXACT), "");
    assert_true(*kit_lrs_get(kit, KIT_ID(2), RENDER_EXACT));
    assert_int_equal(kit_lrs_post(kit, VOID(4, 5)), S_OK);
    assert_int_equal(kit_lrs_post(kit, TARGET(5)), S_OK);
    assert_string_equal(kit_lrs_get(kit, KIT_ID(5), RENDER_EXACT), "");
    assert_int_equal(kit_lrs_post(kit, VOID(6, 7)), S_OK);
    assert_int_equal(kit_lrs_post(kit, VOID(7, 1)), S_OK);
    assert_true(*kit_lrs_get(kit, KIT_ID(7), RENDER_EXACT));
    assert_int_equal(found(kit), 5);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_leads_to_a_statement_is_found_with_it, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(also_when_it_comes_last, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(rings_end, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(filters_hold_for_one_statement_of_the_chain, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(voiding_works_in_any_order_but_not_on_voiders, kit_lrs_setup,
                                        kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
