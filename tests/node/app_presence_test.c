#include "node/app_presence.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

/* How many results streams of the kit's own node there are, and their cells in all. */
static size_t own_results(struct kit_store *kit, uint64_t *cells_out)
{
    struct stream_id after = {.node = kit->identity.node, .topic = TOPIC_RESULTS};
    struct stream_head head;
    size_t streams = 0;

    *cells_out = 0;
    struct db *db = store_read_begin(kit->store);
    while (stream_next(db, &after, &head) && head.stream.topic == TOPIC_RESULTS) {
        after = head.stream;
        *cells_out += head.count;
        streams++;
    }
    store_read_end(kit->store, db);
    return streams;
}

static void a_new_node_says_once_that_it_is_there(void **state)
{
    struct kit_store kit;
    struct id living;
    uint64_t cells;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(own_results(&kit, &cells), 0);
    assert_int_equal(app_presence_say(kit.store, &kit.identity.node), S_OK);
    assert_int_equal(own_results(&kit, &cells), 1);
    assert_int_equal(cells, 1);
    assert_true(own_living(kit.store, &living));
    kit_store_reopen(&kit);
    assert_int_equal(app_presence_say(kit.store, &kit.identity.node), S_OK);
    assert_int_equal(own_results(&kit, &cells), 1);
    assert_int_equal(cells, 1);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_new_node_says_once_that_it_is_there)};
    return KIT_RUN(tests);
}
