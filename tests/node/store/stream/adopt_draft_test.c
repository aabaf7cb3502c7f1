/* What an adoption will write is gathered first; what is in it twice comes out once, with all that it had adopted itself. */
#include "node/store/stream/adopt_draft.h"

#include "node/store/stream/own.h"
#include "replication/crdt/cell.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    struct id lives[3]; /* the first was adopted by the second, that by the third */
    uint64_t seqs[3];
};

static enum status number_put(struct db *db, const char *key, int64_t number)
{
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, number);
    enum status status = own_cell_put(db, TOPIC_RESULTS, bytes_text(key), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static int64_t number_get(struct db *db, const char *key)
{
    struct bytes value;
    int64_t number = -1;

    assert_int_equal(own_cell_get(db, TOPIC_RESULTS, bytes_text(key), &value), S_OK);
    assert_true(cell_value_get_number(value, &number));
    return number;
}

static struct stream_id life(const struct fixture *fixture, unsigned number)
{
    return (struct stream_id){fixture->desk->identity.node, fixture->lives[number], TOPIC_RESULTS};
}

struct turn {
    struct fixture *fixture;
    unsigned number;
};

static enum status begin_run(struct db *db, void *arg)
{
    struct turn *turn = arg;

    assert_int_equal(own_renew(db), S_OK);
    assert_int_equal(own_incarnation(db, &turn->fixture->lives[turn->number]), S_OK);
    return number_put(db, "a", 1 + (int64_t)turn->number);
}

/* The life before is taken into this one. */
static enum status take_run(struct db *db, void *arg)
{
    struct turn *turn = arg;
    struct stream_id living = life(turn->fixture, turn->number), before = life(turn->fixture, turn->number - 1);
    struct adopt_draft *draft = adopt_draft_new();
    struct head_row row;

    assert_int_equal(adopt_draft_begin(db, draft, &living), S_OK);
    assert_true(head_find(db, &before, &row));
    assert_int_equal(adopt_draft_take(db, draft, &row), S_OK);
    turn->fixture->seqs[turn->number - 1] = row.certificate.head.seq;
    enum status status = adopt_draft_put(db, draft);
    adopt_draft_free(draft);
    return status;
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    for (unsigned i = 0; i < 3; i++) {
        struct turn turn = {fixture, i};
        assert_int_equal(store_write_wait(fixture->desk->store, begin_run, &turn), S_OK);
        if (i > 0) {
            assert_int_equal(store_write_wait(fixture->desk->store, take_run, &turn), S_OK);
        }
    }
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

static enum status order_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct stream_id living = life(fixture, 2);
    struct adopt_draft *draft = adopt_draft_new();

    assert_int_equal(adopt_draft_begin(db, draft, &living), S_OK);
    adopt_draft_add(draft, bytes_text("b"), bytes_of(NULL, 0), bytes_text("\x01\x06"));
    adopt_draft_add(draft, bytes_text("a"), bytes_text("\x01\x02"), bytes_text("\x01\x08"));
    adopt_draft_add(draft, bytes_text("b"), bytes_text("\x01\x06"), bytes_text("\x01\x0a"));
    assert_int_equal(adopt_draft_count(draft), 3);
    assert_int_equal(adopt_draft_put(db, draft), S_OK);
    adopt_draft_free(draft);
    assert_int_equal(number_get(db, "a"), 6 + 3);
    assert_int_equal(number_get(db, "b"), 5);
    return S_OK;
}

static void changes_of_a_key_come_in_their_order(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_write_wait(fixture->desk->store, order_run, fixture), S_OK);
}

/* Another machine says the same of both lives; what is left are the living one's own. */
static enum status yield_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct stream_id living = life(fixture, 2);
    struct adoption entries[] = {{fixture->lives[0], 0, fixture->seqs[0]}, {fixture->lives[1], 0, fixture->seqs[1]}};
    struct adoption_list said = {entries, 2, 2}, left = {0};
    struct adopt_draft *draft = adopt_draft_new();
    struct head_row row;

    assert_int_equal(adopt_draft_begin(db, draft, &living), S_OK);
    assert_int_equal(adopt_draft_yield(draft, &(struct id){{255, 255, 255, 255, 255}}, &said, false), S_OK);
    assert_int_equal(adopt_draft_yielded(draft), 0); /* that one sorts behind: it gives up */
    assert_int_equal(adopt_draft_yield(draft, &(struct id){{0, 0, 0, 0, 1}}, &said, false), S_OK);
    assert_int_equal(adopt_draft_yield(draft, &(struct id){{0, 0, 0, 0, 2}}, &said, false), S_OK); /* a third machine */
    assert_int_equal(adopt_draft_yielded(draft), 2);
    assert_int_equal(adopt_draft_put(db, draft), S_OK);
    adopt_draft_free(draft);
    assert_int_equal(number_get(db, "a"), 3);
    assert_true(head_find(db, &living, &row));
    assert_int_equal(adopt_pages_read(db, row.number, &left), S_OK);
    assert_int_equal(left.count, 0);
    adoption_list_release(&left);
    return S_OK;
}

static void what_is_inside_another_is_taken_out_once(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_write_wait(fixture->desk->store, yield_run, fixture), S_OK);
}

/* It says so only of the later of the two lives: what that one had adopted cannot be told from it. */
static enum status part_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct stream_id living = life(fixture, 2);
    struct adoption entry = {fixture->lives[1], 0, fixture->seqs[1]};
    struct adoption_list said = {&entry, 1, 1};
    struct adopt_draft *draft = adopt_draft_new();

    assert_int_equal(adopt_draft_begin(db, draft, &living), S_OK);
    assert_int_equal(adopt_draft_yield(draft, &(struct id){{0, 0, 0, 0, 1}}, &said, false), S_OK);
    assert_int_equal(adopt_draft_yielded(draft), 1);
    assert_int_equal(adopt_draft_put(db, draft), S_EXISTS);
    adopt_draft_free(draft);
    assert_int_equal(number_get(db, "a"), 6);
    return S_OK;
}

static void what_cannot_be_told_apart_stays(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_write_wait(fixture->desk->store, part_run, fixture), S_OK);
}

KIT_TESTS()
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(changes_of_a_key_come_in_their_order),
        TEST(what_is_inside_another_is_taken_out_once),
        TEST(what_cannot_be_told_apart_stays),
    };
    return KIT_RUN(tests);
}
