/* The keeper acts on what the store holds: it adopts what is safe, and leaves a living incarnation that was adopted. */
#include "node/link/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/local_time.h"
#include "node/store/stream/own.h"
#include "node/store/stream/past.h"
#include "node/store/stream/stream.h"
#include "replication/stream/adoption.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"
#include "tests/kit/stream_writer.h"

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

/* One each for so many other keys. */
static enum status many_run(struct db *db, void *arg)
{
    enum status status = S_OK;
    struct buffer value;
    char key[16];

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, 1);
    for (unsigned i = 0; i < *(unsigned *)arg && status == S_OK; i++) {
        snprintf(key, sizeof key, "many%u", i);
        status = own_cell_put(db, TOPIC_RESULTS, bytes_text(key), buffer_bytes(&value));
    }
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

static void who_is_about_to_leave_waits_for_no_pause(void **state)
{
    struct desk *desk = *state;

    assert_true(keeper_tend(desk->keeper)); /* looked just now, */
    put(desk, 3);
    assert_int_equal(store_write_wait(desk->kit.store, renew_run, NULL), S_OK);
    put(desk, 4);
    assert_false(keeper_tend(desk->keeper)); /* and again */
    assert_false(keeper_tend(desk->keeper)); /* what it found is on its way */
    while (!keeper_is_idle(desk->keeper)) {
        store_drain(desk->kit.store);
    }
    assert_true(keeper_tend(desk->keeper));
    assert_int_equal(streams_count(desk), 1);
    assert_false(keeper_is_unheard(desk->keeper));
}

/* A whole stream, on its way in. */
struct delivery {
    struct id federation;
    struct stream_id stream;
    struct buffer body;
};

static enum status apply_run(struct db *db, void *arg)
{
    struct delivery *delivery = arg;

    return stream_apply_body(db, &delivery->federation, &delivery->stream, buffer_bytes(&delivery->body));
}

/* Another machine with this node's key, in an incarnation that begins with `incarnation`, says in `topic` that it took over what was recorded
 * in `adopted`, and recorded 5 more. */
static void copy_says(struct desk *desk, uint8_t incarnation, enum topic topic, const struct id *adopted, hlc stamp)
{
    struct delivery delivery = {.federation = desk->kit.federation.id,
                                .stream = {desk->kit.identity.node, {{incarnation, incarnation, incarnation, 1}}, topic}};
    struct stream_writer writer;
    struct adoption entry = {*adopted, 0, 1};
    struct buffer value;

    stream_writer_init(&writer, &delivery.federation, 9, topic);
    writer.identity = desk->kit.identity;
    writer.head.stream = delivery.stream;
    writer.key = lthash_key(&delivery.federation, &delivery.stream);
    if (topic == TOPIC_RESULTS) {
        stream_writer_put_number(&writer, "a", 3 + 5);
    }
    buffer_init(&value), buffer_init(&delivery.body);
    adoption_encode(&entry, 1, &value);
    stream_writer_put(&writer, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    struct certificate certificate = stream_writer_certify(&writer);
    certificate.head.stamp = stamp;
    certificate = certificate_sign(&delivery.federation, &certificate.head, desk->kit.identity.sign_secret);
    stream_writer_body(&writer, 0, certificate.head.seq, &certificate, &delivery.body);
    assert_int_equal(store_write_wait(desk->kit.store, apply_run, &delivery), S_OK);
    buffer_release(&value), buffer_release(&delivery.body);
    stream_writer_release(&writer);
}

/* It adopted `adopted` too, and is to give that up. */
static void copy_comes(struct desk *desk, const struct id *adopted, hlc stamp)
{
    copy_says(desk, 255, TOPIC_RESULTS, adopted, stamp);
}

static enum status sum_visit(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    int64_t number;

    (void)head;
    *(int64_t *)ctx += cell_value_get_number(cell->value, &number) ? number : 0;
    return S_OK;
}

static int64_t sum(struct desk *desk)
{
    struct db *db = store_read_begin(desk->kit.store);
    int64_t total = 0;

    assert_int_equal(stream_cells_each(db, TOPIC_RESULTS, sum_visit, &total), S_OK);
    store_read_end(desk->kit.store, db);
    return total;
}

static struct id adopted_once(struct desk *desk)
{
    struct id first;

    put(desk, 3);
    assert_true(own_living(desk->kit.store, &first));
    assert_int_equal(store_write_wait(desk->kit.store, renew_run, NULL), S_OK);
    put(desk, 4);
    look(desk);
    assert_true(streams_count(desk) == 1 && sum(desk) == 7);
    return first;
}

static void what_a_lost_copy_adopted_too_is_counted_once_when_it_is_over(void **state)
{
    struct desk *desk = *state;
    struct id first = adopted_once(desk);

    copy_comes(desk, &first, 1000 << 16);
    assert_int_equal(sum(desk), 7 + 8);
    look(desk);
    assert_int_equal(sum(desk), 7 + 5);
    assert_int_equal(streams_count(desk), 1);
    look(desk);
    assert_int_equal(sum(desk), 7 + 5);
}

static void what_a_copy_that_may_live_adopted_too_is_left_to_it(void **state)
{
    struct desk *desk = *state;
    struct id first = adopted_once(desk);

    copy_comes(desk, &first, (hlc)local_time_now() << 16);
    look(desk);
    assert_int_equal(sum(desk), 7 + 8);
    assert_int_equal(streams_count(desk), 2);
}

static enum status move_run(struct db *db, void *arg)
{
    return past_move(db, *(uint64_t *)arg);
}

/* A later life of this node took over the same; then its machine was lost, and a backup of before restored here. */
static void what_a_life_after_the_backup_adopted_too_is_given_up_here(void **state)
{
    struct desk *desk = *state;
    uint64_t now_ms = (uint64_t)local_time_now();
    struct id first = adopted_once(desk);

    assert_int_equal(store_write_wait(desk->kit.store, move_run, &now_ms), S_OK);
    copy_comes(desk, &first, (now_ms + 1) << 16);
    look(desk);
    assert_int_equal(sum(desk), 7 + 8); /* it wrote after that: it is another machine, and lives */
    copy_says(desk, 254, TOPIC_RESULTS, &first, (now_ms - 1) << 16);
    look(desk);
    assert_int_equal(sum(desk), 4 + 8 + 8);
}

/* The copy took over this machine's catalogue, so this machine left that incarnation; then it is heard that this one is to give up what both
 * adopted, and nobody records anything here. */
static void who_left_its_incarnation_begins_another_to_give_up_what_is_its_to(void **state)
{
    struct desk *desk = *state;
    struct id first = adopted_once(desk), living, next;
    unsigned many = 2 * ADOPT_SPARE_CELLS; /* more than is adopted for its own sake */

    assert_int_equal(store_write_wait(desk->kit.store, many_run, &many), S_OK);
    assert_true(own_living(desk->kit.store, &living));
    copy_says(desk, 0, TOPIC_CATALOGUE, &living, (hlc)local_time_now() << 16);
    copy_says(desk, 0, TOPIC_RESULTS, &first, (hlc)local_time_now() << 16);
    assert_int_equal(sum(desk), 7 + 8 + many);
    for (int i = 0; i < 4; i++) { /* it leaves, begins, adopts what it left, and the rest is as it is */
        look(desk);
    }
    assert_int_equal(sum(desk), 7 + 5 + many);
    assert_int_equal(streams_count(desk), 2);
    assert_true(own_living(desk->kit.store, &next) && !id_equal(&living, &next));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_closed_incarnation_is_adopted, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_about_to_leave_waits_for_no_pause, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_lost_copy_adopted_too_is_counted_once_when_it_is_over, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_copy_that_may_live_adopted_too_is_left_to_it, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_life_after_the_backup_adopted_too_is_given_up_here, setup, teardown),
        cmocka_unit_test_setup_teardown(who_left_its_incarnation_begins_another_to_give_up_what_is_its_to, setup, teardown),
    };
    return KIT_RUN(tests);
}
