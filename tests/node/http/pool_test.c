/* Who runs in the thread pool, and who waits. */
#include "node/http/pool.h"

#include <string.h>

#include "node/http/exchange.h"
#include "tests/kit/kit.h"

enum { SCHOOL = 200 };

static struct exchange exchanges[POOL_WAITING_MAX + POOL_RUNNING_MAX + 8];

static void a_school_that_signs_in_keeps_two_places_free(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    struct exchange *next;
    bool is_long;
    (void)state;

    for (int i = 0; i < SCHOOL; i++) {
        assert_int_equal(pool_enter(&pool, &exchanges[i], true), i < POOL_LONG_MAX ? POOL_STARTS : POOL_WAITS);
    }
    for (int round = 0; round < 3; round++) { /* who looks at a page does not wait behind them */
        assert_int_equal(pool_enter(&pool, &exchanges[SCHOOL], false), POOL_STARTS);
        assert_int_equal(pool_enter(&pool, &exchanges[SCHOOL + 1], false), POOL_STARTS);
        assert_int_equal(pool_enter(&pool, &exchanges[SCHOOL + 2], false), POOL_WAITS);
        assert_ptr_equal(pool_leave(&pool, false, &is_long), &exchanges[SCHOOL + 2]);
        assert_false(is_long);
        assert_null(pool_leave(&pool, false, &is_long)); /* not for another of them */
        assert_null(pool_leave(&pool, false, &is_long));
    }
    for (int i = POOL_LONG_MAX; i < SCHOOL; i++) { /* in the order of coming */
        next = pool_leave(&pool, true, &is_long);
        assert_ptr_equal(next, &exchanges[i]);
        assert_true(is_long);
    }
    for (int i = 0; i < POOL_LONG_MAX; i++) {
        assert_false(pool_is_idle(&pool));
        assert_null(pool_leave(&pool, true, &is_long));
    }
    assert_true(pool_is_idle(&pool));
}

static void a_long_one_comes_to_its_turn_among_many_short_ones(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    bool is_long;
    (void)state;

    for (int i = 0; i < POOL_RUNNING_MAX; i++) {
        assert_int_equal(pool_enter(&pool, &exchanges[i], false), POOL_STARTS);
    }
    assert_int_equal(pool_enter(&pool, &exchanges[10], false), POOL_WAITS);
    assert_int_equal(pool_enter(&pool, &exchanges[11], true), POOL_WAITS);
    assert_int_equal(pool_enter(&pool, &exchanges[12], true), POOL_WAITS);
    assert_ptr_equal(pool_leave(&pool, false, &is_long), &exchanges[11]);
    assert_true(is_long);
    assert_ptr_equal(pool_leave(&pool, false, &is_long), &exchanges[10]);
    assert_false(is_long);
    assert_ptr_equal(pool_leave(&pool, false, &is_long), &exchanges[12]); /* nobody else wants it */
    assert_true(is_long);
}

static void each_line_has_an_end(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    int at = 0;
    (void)state;

    for (; at < POOL_LONG_MAX + POOL_WAITING_MAX; at++) {
        assert_int_not_equal(pool_enter(&pool, &exchanges[at], true), POOL_IS_FULL);
    }
    assert_int_equal(pool_enter(&pool, &exchanges[at], true), POOL_IS_FULL);
    assert_int_equal(pool_enter(&pool, &exchanges[at + 1], false), POOL_STARTS);
}

/* The routes of which one request takes a processor for long. */
static void what_takes_long_is_known(void **state)
{
    static const struct {
        const char *prefix, *rest;
        enum method method;
        bool is_long;
    } cases[] = {
        {"/api/v1/session", "", METHOD_POST, true},
        {"/api/v1/session", "", METHOD_GET, false},
        {"/api/v1/registrations", "", METHOD_POST, true},
        {"/api/v1/me/password", "", METHOD_PUT, true},
        {"/api/v1/people/import", "", METHOD_POST, true},
        {"/api/v1/stats", "", METHOD_GET, true},
        {"/hub", "", METHOD_GET, true},
        {"/api/v1/admin/commands", "", METHOD_POST, true},
        {"/api/v1/admin/", "doctor", METHOD_GET, true},
        {"/api/v1/admin/", "status", METHOD_GET, false},
        {"/api/v1/me/courses", "", METHOD_GET, false},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange *exchange = &exchanges[0];
        const struct route *route = main_routes;
        while (route->prefix && strcmp(route->prefix, cases[i].prefix) != 0) {
            route++;
        }
        assert_non_null(route->prefix);
        memset(exchange, 0, sizeof *exchange);
        exchange->route = route;
        exchange->method = cases[i].method;
        strcpy(exchange->path, cases[i].rest);
        if (!exchange_is_slow(exchange) || exchange_is_long(exchange) != cases[i].is_long) {
            fail_msg("%s%s is %s", cases[i].prefix, cases[i].rest, cases[i].is_long ? "not long" : "long");
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_school_that_signs_in_keeps_two_places_free),
        cmocka_unit_test(a_long_one_comes_to_its_turn_among_many_short_ones),
        cmocka_unit_test(each_line_has_an_end),
        cmocka_unit_test(what_takes_long_is_known),
    };
    return KIT_RUN(tests);
}
