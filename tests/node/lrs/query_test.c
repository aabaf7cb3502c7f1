#include <stdio.h>
#include <string.h>

#include "node/lrs/index.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static size_t run(struct kit_lrs *kit, struct query *query, int64_t *next_out)
{
    struct query_result result;
    struct db *db = store_read_begin(kit->kit.store);

    assert_int_equal(query_run(query, db, &result), S_OK);
    assert_int_equal(query_end(query, db, "", &result), S_OK);
    store_read_end(kit->kit.store, db);
    if (next_out) {
        *next_out = result.next;
    }
    buffer_append_u8(&result.body, 0);
    assert_memory_equal(result.body.data, "{\"statements\":[", 15);
    assert_string_equal((char *)result.body.data + result.body.size - 1 - strlen("],\"more\":\"\"}"),
                        "],\"more\":\"\"}");
    buffer_release(&result.body);
    return result.count;
}

static void pages_follow_each_other(void **state)
{
    struct kit_lrs *kit = *state;

    for (int i = 0; i < 7; i++) {
        assert_int_equal(kit_lrs_post(kit, KIT_PLAIN("")), S_OK);
    }
    for (int round = 0; round < 4; round++) {
        size_t seen = 0, pages = 0;
        int64_t next = 0;
        struct query query;
        query_init(&query, &kit->lrs, &kit->client);
        query.limit = 3;
        query.is_ascending = round & 1;
        query_filter(&query,
                     round & 2 ? index_term(&kit->lrs, INDEX_VERB, bytes_text("http://v.example.com/1")) : 0);
        do {
            *(query.is_ascending ? &query.above : &query.below) =
                next ? next : (query.is_ascending ? INT64_MIN : INT64_MAX);
            seen += run(kit, &query, &next);
            pages++;
        } while (next);
        assert_int_equal(seen, 7);
        assert_int_equal(pages, 3);
    }
}

static void since_excludes_and_until_includes_its_millisecond(void **state)
{
    struct kit_lrs *kit = *state;
    int64_t start = kit->now_ms;
    struct query query;

    for (int i = 0; i < 5; i++) {
        assert_int_equal(kit_lrs_post(kit, "[" KIT_PLAIN("") "," KIT_PLAIN("") "]"), S_OK);
    }
    query_init(&query, &kit->lrs, &kit->client);
    query_since(&query, start + 1);
    assert_int_equal(run(kit, &query, NULL), 6);
    query_init(&query, &kit->lrs, &kit->client);
    query_until(&query, start + 1);
    assert_int_equal(run(kit, &query, NULL), 4);
    query_since(&query, start);
    assert_int_equal(run(kit, &query, NULL), 2);
    query_init(&query, &kit->lrs, &kit->client);
    query_since(&query, INT64_MAX);
    assert_int_equal(run(kit, &query, NULL), 0);
    query_init(&query, &kit->lrs, &kit->client);
    query_until(&query, -5);
    assert_int_equal(run(kit, &query, NULL), 0);
    query_init(&query, &kit->lrs, &kit->client);
    query_since(&query, -5);
    query_until(&query, INT64_MAX);
    assert_int_equal(run(kit, &query, NULL), 10);
}

static void a_page_ends_at_its_limit(void **state)
{
    struct kit_lrs *kit = *state;
    char *json = test_malloc((QUERY_PAGE_MAX + 1) * (sizeof KIT_PLAIN("") + 1) + 3), *at = json;
    struct query query;
    int64_t next;

    for (int i = 0; i <= QUERY_PAGE_MAX; i++) {
        at += sprintf(at, "%c%s", i ? ',' : '[', KIT_PLAIN(""));
    }
    strcpy(at, "]");
    assert_int_equal(kit_lrs_post(kit, json), S_OK);
    query_init(&query, &kit->lrs, &kit->client);
    assert_int_equal(run(kit, &query, &next), QUERY_PAGE_MAX);
    query.below = next;
    assert_int_equal(run(kit, &query, &next), 1);
    assert_int_equal(next, 0);
    test_free(json);
}

static void launched_content_sees_its_own_learner(void **state)
{
    struct kit_lrs *kit = *state;
    struct lrs_session session = {.person = bytes_text("p1")};
    struct query query;
    char json[1024];

    for (int i = 1; i <= 2; i++) {
        snprintf(json, sizeof json,
                 KIT_STATEMENT("{\"account\":{\"homePage\":\"%s\",\"name\":\"p%d\"}}", "http://v/",
                               "{\"id\":\"http://a/\"}", ""),
                 kit->lrs.home, i);
        assert_int_equal(kit_lrs_post(kit, json), S_OK);
    }
    query_init(&query, &kit->lrs, &kit->client);
    assert_int_equal(run(kit, &query, NULL), 2);
    client_release(&kit->client);
    client_own(&kit->lrs, &session, &kit->client);
    query_init(&query, &kit->lrs, &kit->client);
    assert_int_equal(run(kit, &query, NULL), 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_follow_each_other, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(since_excludes_and_until_includes_its_millisecond, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_page_ends_at_its_limit, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(launched_content_sees_its_own_learner, kit_lrs_setup,
                                        kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
