/* Who runs in the thread pool, and who waits. */
#include "node/http/pool.h"

#include <string.h>

#include "node/http/caller.h"
#include "node/http/exchange.h"
#include "tests/kit/kit.h"

enum { SCHOOL = 200 };

static struct exchange exchanges[POOL_WAITING_MAX + POOL_RUNNING_MAX + 8];

/* Nobody is ousted. */
static enum pool_place enter(struct pool *pool, struct exchange *exchange, enum pool_line line)
{
    struct exchange *ousted;
    enum pool_place place = pool_enter(pool, exchange, line, &ousted);

    assert_null(ousted);
    return place;
}

static void a_school_that_signs_in_keeps_two_places_free(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    enum pool_line line;
    (void)state;

    for (int i = 0; i < SCHOOL; i++) {
        assert_int_equal(enter(&pool, &exchanges[i], POOL_WORK), i < POOL_WORK_MAX ? POOL_STARTS : POOL_WAITS);
    }
    for (int round = 0; round < 3; round++) { /* who looks at a page does not wait behind them */
        assert_int_equal(enter(&pool, &exchanges[SCHOOL], POOL_SHORT), POOL_STARTS);
        assert_int_equal(enter(&pool, &exchanges[SCHOOL + 1], POOL_SHORT), POOL_STARTS);
        assert_int_equal(enter(&pool, &exchanges[SCHOOL + 2], POOL_SHORT), POOL_WAITS);
        assert_ptr_equal(pool_leave(&pool, POOL_SHORT, &line), &exchanges[SCHOOL + 2]);
        assert_int_equal(line, POOL_SHORT);
        assert_null(pool_leave(&pool, POOL_SHORT, &line)); /* not for another of them */
        assert_null(pool_leave(&pool, POOL_SHORT, &line));
    }
    for (int i = POOL_WORK_MAX; i < SCHOOL; i++) { /* in the order of coming */
        assert_ptr_equal(pool_leave(&pool, POOL_WORK, &line), &exchanges[i]);
        assert_int_equal(line, POOL_WORK);
    }
    for (int i = 0; i < POOL_WORK_MAX; i++) {
        assert_false(pool_is_idle(&pool));
        assert_null(pool_leave(&pool, POOL_WORK, &line));
    }
    assert_true(pool_is_idle(&pool));
}

static void nobody_signs_in_behind_a_crowd_that_looks_at_figures(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    enum pool_line line;
    (void)state;

    for (int i = 0; i < SCHOOL; i++) {
        assert_int_equal(enter(&pool, &exchanges[i], POOL_FIGURES), i < POOL_FIGURES_MAX ? POOL_STARTS : POOL_WAITS);
    }
    assert_int_equal(enter(&pool, &exchanges[SCHOOL], POOL_WORK), POOL_STARTS);
    assert_int_equal(enter(&pool, &exchanges[SCHOOL + 1], POOL_WORK), POOL_STARTS);
    assert_int_equal(enter(&pool, &exchanges[SCHOOL + 2], POOL_SHORT), POOL_STARTS);
    assert_ptr_equal(pool_leave(&pool, POOL_FIGURES, &line), &exchanges[POOL_FIGURES_MAX]);
    assert_null(pool_leave(&pool, POOL_WORK, &line));
}

static void a_long_one_comes_to_its_turn_among_many_short_ones(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    enum pool_line line;
    (void)state;

    for (int i = 0; i < POOL_RUNNING_MAX; i++) {
        assert_int_equal(enter(&pool, &exchanges[i], POOL_SHORT), POOL_STARTS);
    }
    assert_int_equal(enter(&pool, &exchanges[10], POOL_SHORT), POOL_WAITS);
    assert_int_equal(enter(&pool, &exchanges[11], POOL_WORK), POOL_WAITS);
    assert_int_equal(enter(&pool, &exchanges[12], POOL_WORK), POOL_WAITS);
    assert_int_equal(enter(&pool, &exchanges[13], POOL_FIGURES), POOL_WAITS);
    assert_ptr_equal(pool_leave(&pool, POOL_SHORT, &line), &exchanges[11]);
    assert_int_equal(line, POOL_WORK);
    assert_ptr_equal(pool_leave(&pool, POOL_SHORT, &line), &exchanges[13]);
    assert_int_equal(line, POOL_FIGURES);
    assert_ptr_equal(pool_leave(&pool, POOL_SHORT, &line), &exchanges[10]);
    assert_int_equal(line, POOL_SHORT);
    assert_ptr_equal(pool_leave(&pool, POOL_SHORT, &line), &exchanges[12]); /* nobody else wants it */
    assert_int_equal(line, POOL_WORK);
}

static void each_line_has_an_end(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    int at = 0;
    (void)state;

    for (; at < POOL_WORK_MAX + POOL_WAITING_MAX; at++) {
        assert_int_not_equal(enter(&pool, &exchanges[at], POOL_WORK), POOL_IS_FULL);
    }
    assert_int_equal(enter(&pool, &exchanges[at], POOL_WORK), POOL_IS_FULL);
    assert_int_equal(enter(&pool, &exchanges[at + 1], POOL_SHORT), POOL_STARTS);
}

/* One address fills the line: of another each request comes next, and of a full line the last of the crowd goes. */
static void a_crowd_of_one_address_keeps_nobody_else_waiting(void **state)
{
    struct pool pool = {.lines[0].running = 0};
    struct caller crowd = {.address = {1}}, other = {.address = {2}}, third = {.address = {3}};
    struct exchange *of_other = &exchanges[POOL_WAITING_MAX + 4], *of_third = of_other + 2, *ousted;
    enum pool_line line;
    (void)state;

    memset(exchanges, 0, sizeof exchanges);
    for (int i = 0; i < POOL_WORK_MAX + POOL_WAITING_MAX; i++) {
        exchanges[i].caller = &crowd;
        assert_int_not_equal(enter(&pool, &exchanges[i], POOL_WORK), POOL_IS_FULL);
    }
    for (int i = 0; i < 2; i++) {
        of_other[i].caller = &other;
        assert_int_equal(pool_enter(&pool, &of_other[i], POOL_WORK, &ousted), POOL_WAITS);
        assert_ptr_equal(ousted, &exchanges[POOL_WORK_MAX + POOL_WAITING_MAX - 1 - i]);
    }
    ousted->next = NULL;
    assert_int_equal(enter(&pool, ousted, POOL_WORK), POOL_IS_FULL);
    assert_ptr_equal(pool_leave(&pool, POOL_WORK, &line), &exchanges[POOL_WORK_MAX]); /* it was there before */
    of_third->caller = &third;
    assert_int_equal(enter(&pool, of_third, POOL_WORK), POOL_WAITS);
    struct exchange *next[] = {&of_other[0], &exchanges[POOL_WORK_MAX + 1], &of_other[1], of_third, &exchanges[POOL_WORK_MAX + 2]};
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        struct exchange *left = pool_leave(&pool, POOL_WORK, &line);
        for (size_t k = 0; k < sizeof next / sizeof *next && left; k++) {
            if (left == next[k]) {
                next[k] = NULL;
                left = NULL;
            }
        }
        assert_null(left); /* each of these within the next five, of over five hundred */
    }
}

/* The routes of which one request takes a processor for long. */
static void what_takes_long_is_known(void **state)
{
    static const struct {
        const char *prefix, *rest;
        enum method method;
        enum pool_line line;
    } cases[] = {
        {"/api/v1/session", "", METHOD_POST, POOL_WORK},
        {"/api/v1/session", "", METHOD_GET, POOL_SHORT},
        {"/api/v1/registrations", "", METHOD_POST, POOL_WORK},
        {"/api/v1/me/password", "", METHOD_PUT, POOL_WORK},
        {"/api/v1/people/import", "", METHOD_POST, POOL_WORK},
        {"/api/v1/stats", "", METHOD_GET, POOL_FIGURES},
        {"/hub", "", METHOD_GET, POOL_FIGURES},
        {"/api/v1/admin/commands", "", METHOD_POST, POOL_WORK},
        {"/api/v1/admin/", "doctor", METHOD_GET, POOL_FIGURES},
        {"/api/v1/admin/", "status", METHOD_GET, POOL_SHORT},
        {"/api/v1/me/courses", "", METHOD_GET, POOL_SHORT},
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
        if (!exchange_is_slow(exchange) || exchange_line(exchange) != cases[i].line) {
            fail_msg("%s%s waits in line %d", cases[i].prefix, cases[i].rest, (int)exchange_line(exchange));
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_school_that_signs_in_keeps_two_places_free),
        cmocka_unit_test(nobody_signs_in_behind_a_crowd_that_looks_at_figures),
        cmocka_unit_test(a_long_one_comes_to_its_turn_among_many_short_ones),
        cmocka_unit_test(each_line_has_an_end),
        cmocka_unit_test(a_crowd_of_one_address_keeps_nobody_else_waiting),
        cmocka_unit_test(what_takes_long_is_known),
    };
    return KIT_RUN(tests);
}
