/* Doubts are what the last look found; what was found before keeps its time. */
#include "node/store/stream/doubt.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct doubt doubts[DOUBTS_MAX];
    size_t count;
};

static enum status replace_run(struct db *db, void *arg)
{
    const struct fixture *fixture = arg;

    return doubt_replace(db, fixture->doubts, fixture->count);
}

static size_t replace(struct desk *desk, const struct fixture *fixture, struct doubt out[DOUBTS_MAX])
{
    struct fixture copy = *fixture;

    assert_int_equal(store_write_wait(desk->store, replace_run, &copy), S_OK);
    struct db *db = store_read_begin(desk->store);
    size_t count = doubt_list(db, out);
    store_read_end(desk->store, db);
    return count;
}

static void the_last_look_counts(void **state)
{
    struct desk *desk = desk_open();
    struct fixture fixture = {.count = 2,
                              .doubts = {{"a", 1, "", 5, 4, 1000}, {"b", 2, "2026-10", 9, 8, 1000}}};
    struct doubt out[DOUBTS_MAX];
    (void)state;

    assert_int_equal(replace(desk, &fixture, out), 2);
    fixture.doubts[0] = (struct doubt){"b", 2, "2026-10", 10, 8, 2000};
    fixture.doubts[1] = (struct doubt){"b", 2, "2026-11", 1, 0, 2000};
    assert_int_equal(replace(desk, &fixture, out), 2);
    assert_true(doubt_is_same(&out[0], &fixture.doubts[0]) && out[0].figure == 10 && out[0].since_ms == 1000);
    assert_true(doubt_is_same(&out[1], &fixture.doubts[1]) && out[1].since_ms == 2000);
    fixture.count = DOUBTS_MAX;
    for (size_t i = 0; i < DOUBTS_MAX; i++) {
        snprintf(fixture.doubts[i].node, sizeof fixture.doubts[i].node, "node %zu", i);
    }
    assert_int_equal(replace(desk, &fixture, out), DOUBTS_MAX);
    fixture.count = 0;
    assert_int_equal(replace(desk, &fixture, out), 0);
    desk_close(desk);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_last_look_counts)};
    return KIT_RUN(tests);
}
