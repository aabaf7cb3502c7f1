/* The keeper acts on what the store holds: it adopts what is safe, and leaves a living incarnation that was adopted. */
#include "node/link/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/stream/adoption.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

struct desk {
    struct kit_store kit;
    struct members *members;
    struct keeper *keeper;
};

static int setup(void **state)
{
    static struct desk desk;
    struct report report = {0};

    kit_store_open(&desk.kit);
    desk.members = members_open(desk.kit.store, &desk.kit.federation, &report);
    assert_non_null(desk.members);
    desk.keeper = keeper_new(desk.kit.store, desk.members, &desk.kit.identity.node);
    *state = &desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    keeper_free(desk->keeper);
    members_close(desk->members);
    kit_store_close(&desk->kit);
    return 0;
}

static enum status put_run(struct db *db, void *arg)
{
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, *(int64_t *)arg);
    enum status status = own_cell_put(db, TOPIC_RESULTS, bytes_text("a"), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static enum status renew_run(struct db *db, void *arg)
{
    (void)arg;
    return own_renew(db);
}

static void put(struct desk *desk, int64_t number)
{
    assert_int_equal(store_write_wait(desk->kit.store, put_run, &number), S_OK);
}

/* Looks as the link does, once more than the pause, until its jobs are done. */
static void look(struct desk *desk)
{
    struct timespec pause = {KEEPER_PAUSE_MS / 1000, (KEEPER_PAUSE_MS % 1000) * 1000000L};

    nanosleep(&pause, NULL);
    keeper_look(desk->keeper);
    while (!keeper_is_idle(desk->keeper)) {
        store_drain(desk->kit.store);
    }
}

static unsigned streams_count(struct desk *desk)
{
    struct db *db = store_read_begin(desk->kit.store);
    struct stream_head head;
    struct stream_id after;
    unsigned count = 0;

    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &after, &head)) {
        after = head.stream;
        count += head.stream.topic == TOPIC_RESULTS;
    }
    store_read_end(desk->kit.store, db);
    return count;
}

static void a_closed_incarnation_is_adopted(void **state)
{
    struct desk *desk = *state;

    put(desk, 3);
    assert_int_equal(store_write_wait(desk->kit.store, renew_run, NULL), S_OK);
    look(desk);
    assert_int_equal(streams_count(desk), 1); /* nothing to adopt into yet */
    put(desk, 4);
    assert_int_equal(streams_count(desk), 2);
    look(desk);
    assert_int_equal(streams_count(desk), 1); /* nobody else may hold this node's results: there is nobody to hear */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_closed_incarnation_is_adopted, setup, teardown),
    };
    return KIT_RUN(tests);
}
