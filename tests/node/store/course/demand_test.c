#include "node/store/course/demand.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static int setup(void **state)
{
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

static struct hash object_of(uint8_t number)
{
    struct hash object;

    memset(object.b, number, sizeof object.b);
    return object;
}

static enum status fill_run(struct db *db, void *arg)
{
    (void)arg;
    for (uint8_t i = 5; i > 0; i--) {
        struct hash object = object_of(i);
        assert_int_equal(demand_put(db, &object, 100U * i), S_OK);
        assert_int_equal(demand_put(db, &object, 1), S_OK); /* a shorter wish changes nothing */
    }
    return S_OK;
}

static enum status drop_run(struct db *db, void *arg)
{
    struct hash object = object_of(4);

    (void)arg;
    assert_int_equal(demand_expire(db, 200), S_OK);
    return demand_drop(db, &object);
}

static int count(struct desk *desk, uint64_t now_ms)
{
    struct hash object;
    struct db *db = store_read_begin(desk->store);
    int found = 0, last = 0;

    for (bool has = demand_next(db, NULL, now_ms, &object); has;
         has = demand_next(db, &object, now_ms, &object)) {
        assert_true(object.b[0] > last);
        last = object.b[0];
        found++;
    }
    store_read_end(desk->store, db);
    return found;
}

static void objects_are_wanted_until_their_time_or_until_they_come(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(store_write_wait(desk->store, fill_run, NULL), S_OK);
    assert_int_equal(count(desk, 0), 5);
    assert_int_equal(count(desk, 100), 4);
    assert_int_equal(count(desk, 499), 1);
    assert_int_equal(count(desk, 500), 0);
    assert_int_equal(store_write_wait(desk->store, drop_run, NULL), S_OK);
    assert_int_equal(count(desk, 0), 2);
}

/* DEMANDS_MAX different objects (past the count, which is a scan), one of them again, and one more. */
static enum status flood_run(struct db *db, void *arg)
{
    struct hash object = object_of(0);

    (void)arg;
    for (uint32_t i = 0; i < DEMANDS_MAX; i++) {
        struct statement *put = db_statement(db, STATEMENT_demand_put);
        memcpy(object.b, &i, sizeof i);
        statement_bind_blob(put, 1, bytes_of(object.b, sizeof object.b));
        statement_bind_int(put, 2, 100);
        assert_int_equal(statement_run(put), S_OK);
    }
    assert_int_equal(demand_put(db, &object, 200), S_OK);
    memset(object.b, 0xff, sizeof object.b);
    assert_int_equal(demand_put(db, &object, 200), S_BUSY);
    assert_int_equal(demand_expire(db, 100), S_OK);
    return demand_put(db, &object, 200);
}

static void a_flood_of_demands_ends_at_the_limit(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(store_write_wait(desk->store, flood_run, NULL), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(objects_are_wanted_until_their_time_or_until_they_come, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_flood_of_demands_ends_at_the_limit, setup, teardown),
    };
    return KIT_RUN(tests);
}
