#include "node/store/operation/peer_status.h"

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

static enum status put_run(struct db *db, void *arg)
{
    return peer_status_put(db, arg);
}

static struct peer_status status_of(uint8_t node)
{
    struct peer_status status;

    memset(&status, 0, sizeof status);
    memset(status.node.b, node, sizeof status.node.b);
    status.state = 3;
    strcpy(status.endpoint, "tcp://hub.example:7420");
    strcpy(status.error, "out of reach");
    status.last_attempt_ms = 1;
    status.last_success_ms = 2;
    status.we_lack_cells = 3;
    status.we_lack_bytes = 4;
    status.they_lack_cells = 5;
    status.they_lack_bytes = 6;
    status.sessions = 7;
    status.software = 256;
    status.bytes_in = 8;
    status.bytes_out = 9;
    status.refused = 10;
    return status;
}

static void a_status_comes_back_and_is_replaced(void **state)
{
    struct desk *desk = *state;
    struct peer_status status = status_of(4), found;

    assert_int_equal(store_write_wait(desk->store, put_run, &status), S_OK);
    status.sessions = 8;
    status.error[0] = 0;
    memset(status.error + 1, 0, sizeof status.error - 1);
    assert_int_equal(store_write_wait(desk->store, put_run, &status), S_OK);
    struct db *db = store_read_begin(desk->store);
    assert_true(peer_status_find(db, &status.node, &found));
    assert_memory_equal(&found, &status, sizeof status);
    status.node.b[0] ^= 1;
    assert_false(peer_status_find(db, &status.node, &found));
    store_read_end(desk->store, db);
}

static void peers_come_in_the_order_of_their_ids(void **state)
{
    static const uint8_t nodes[] = {9, 1, 255, 4};
    struct desk *desk = *state;
    struct peer_status found;
    uint8_t last = 0;
    int count = 0;

    for (size_t i = 0; i < sizeof nodes; i++) {
        struct peer_status status = status_of(nodes[i]);
        store_write_wait(desk->store, put_run, &status);
    }
    struct db *db = store_read_begin(desk->store);
    for (bool has = peer_status_next(db, NULL, &found); has;
         has = peer_status_next(db, &found.node, &found)) {
        assert_true(found.node.b[0] > last);
        last = found.node.b[0];
        count++;
    }
    store_read_end(desk->store, db);
    assert_int_equal(count, sizeof nodes);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_status_comes_back_and_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(peers_come_in_the_order_of_their_ids, setup, teardown),
    };
    return KIT_RUN(tests);
}
