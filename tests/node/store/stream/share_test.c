/* What a life counted of a fact is published sealed, comes back with its figures, and is read with the same key alone. */
#include "node/store/stream/share.h"

#include <stdio.h>
#include <string.h>

#include "node/store/people/event.h"
#include "node/store/stream/known.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    uint64_t fingerprint;
    const char *content;
    struct cell cell; /* the last one that was published */
    uint8_t key[64], value[256];
    size_t cells;
    /* of listing */
    size_t count, recovered, closed;
    char text[32];
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    fixture->fingerprint = 0x0000123456789abc;
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

static enum status put_run(struct db *db, void *arg)
{
    const struct fixture *fixture = arg;

    return share_put(db, fixture->fingerprint, bytes_text(fixture->content));
}

static enum status cell_keep(void *ctx, const struct cell *cell)
{
    struct fixture *fixture = ctx;

    assert_true(cell->key.size <= sizeof fixture->key && cell->value.size <= sizeof fixture->value);
    memcpy(fixture->key, cell->key.data, cell->key.size);
    memcpy(fixture->value, cell->value.data, cell->value.size);
    fixture->cell = (struct cell){.key = bytes_of(fixture->key, cell->key.size), .value = bytes_of(fixture->value, cell->value.size)};
    fixture->cells++;
    return S_OK;
}

static enum status cells_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    fixture->cells = 0;
    return share_cells_each(db, cell_keep, fixture);
}

static void put(struct fixture *fixture, const char *content)
{
    fixture->content = content;
    assert_int_equal(store_write_wait(fixture->desk->store, put_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, cells_run, fixture), S_OK);
}

static void row_take(void *ctx, const struct share_row *row)
{
    struct fixture *fixture = ctx;

    fixture->count++;
    fixture->recovered += row->is_recovered;
    fixture->closed += row->is_closed;
    snprintf(fixture->text, sizeof fixture->text, "%.*s", (int)row->content.size, (const char *)row->content.data);
}

static void expect(struct fixture *fixture, size_t count, size_t recovered, const char *text)
{
    fixture->count = fixture->recovered = fixture->closed = 0;
    struct db *db = store_read_begin(fixture->desk->store);
    assert_int_equal(share_list(db, fixture->fingerprint, row_take, fixture), S_OK);
    store_read_end(fixture->desk->store, db);
    assert_int_equal(fixture->count, count);
    assert_int_equal(fixture->recovered, recovered);
    assert_string_equal(fixture->text, text);
}

static void a_share_is_one_cell_and_sealed(void **state)
{
    struct fixture *fixture = *state;

    put(fixture, "first words");
    assert_int_equal(fixture->cells, 1);
    assert_null(memmem(fixture->cell.value.data, fixture->cell.value.size, "first", 5));
    expect(fixture, 1, 0, "first words");
    put(fixture, "second words");
    assert_int_equal(fixture->cells, 1);
    expect(fixture, 1, 0, "second words");
    assert_true(fixture->cell.value.size <= strlen("second words") + 4 + 9);
}

static enum status recover_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    bool is_new;
    enum status status = share_recover(db, &fixture->cell, &is_new);

    fixture->cells = is_new;
    return status;
}

static enum status forget_run(struct db *db, void *arg)
{
    const struct fixture *fixture = arg;

    return share_forget(db, fixture->fingerprint);
}

static bool due_take(struct fixture *fixture, uint64_t *fingerprint_out)
{
    struct db *db = store_read_begin(fixture->desk->store);
    bool is_due = share_due(db, fingerprint_out);

    store_read_end(fixture->desk->store, db);
    return is_due;
}

static enum status settle_run(struct db *db, void *arg)
{
    const struct fixture *fixture = arg;

    return share_settle(db, fixture->fingerprint);
}

static void what_comes_back_is_known_when_it_says_more(void **state)
{
    struct fixture *fixture = *state;
    uint64_t fingerprint;

    put(fixture, "one");
    assert_int_equal(store_write_wait(fixture->desk->store, recover_run, fixture), S_OK);
    assert_false(fixture->cells); /* the same: nothing new */
    assert_false(due_take(fixture, &fingerprint));
    assert_int_equal(store_write_wait(fixture->desk->store, forget_run, fixture), S_OK);
    fixture->text[0] = '\0';
    expect(fixture, 0, 0, "");
    assert_int_equal(store_write_wait(fixture->desk->store, recover_run, fixture), S_OK);
    assert_true(fixture->cells);
    expect(fixture, 1, 1, "one");
    assert_true(due_take(fixture, &fingerprint) && fingerprint == fixture->fingerprint);
    assert_int_equal(store_write_wait(fixture->desk->store, settle_run, fixture), S_OK);
    assert_false(due_take(fixture, &fingerprint));
}

static void what_was_altered_or_sealed_by_another_key_stays_closed(void **state)
{
    struct fixture *fixture = *state;

    put(fixture, "secret");
    assert_int_equal(store_write_wait(fixture->desk->store, forget_run, fixture), S_OK);
    fixture->value[fixture->cell.value.size - 1] ^= 1;
    assert_int_equal(store_write_wait(fixture->desk->store, recover_run, fixture), S_OK);
    expect(fixture, 1, 1, "");
    assert_int_equal(fixture->closed, 1);
}

/* The node gives up its key for another one: `kept` as those of before. */
static void keys_change(struct fixture *fixture, uint8_t number, bool is_kept)
{
    struct identity *identity = &fixture->desk->identity, before = *identity;
    const uint8_t seed[IDENTITY_SEED_SIZE] = {number};

    identity_derive(identity, seed);
    identity->node = before.node;
    if (is_kept) {
        identity->former_count = before.former_count < IDENTITY_FORMER_MAX ? before.former_count + 1 : IDENTITY_FORMER_MAX;
        memcpy(identity->former[0].seed, before.seed, sizeof before.seed);
        memcpy(identity->former + 1, before.former, (identity->former_count - 1) * sizeof *before.former);
    }
    store_set_identity(fixture->desk->store, identity, &fixture->desk->federation);
}

static void what_a_key_of_before_sealed_is_read_while_it_is_there(void **state)
{
    struct fixture *fixture = *state;

    put(fixture, "minutes");
    for (uint8_t turn = 1; turn <= IDENTITY_FORMER_MAX; turn++) {
        keys_change(fixture, turn, true);
        assert_int_equal(store_write_wait(fixture->desk->store, forget_run, fixture), S_OK);
        assert_int_equal(store_write_wait(fixture->desk->store, recover_run, fixture), S_OK);
        expect(fixture, 1, 1, "minutes");
        assert_int_equal(fixture->closed, 0);
    }
    keys_change(fixture, 100, true); /* one more than are kept */
    assert_int_equal(store_write_wait(fixture->desk->store, forget_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, recover_run, fixture), S_OK);
    expect(fixture, 1, 1, "");
    assert_int_equal(fixture->closed, 1);
}

static void without_the_keys_of_before_it_stays_closed(void **state)
{
    struct fixture *fixture = *state;

    put(fixture, "minutes");
    keys_change(fixture, 1, false);
    assert_int_equal(store_write_wait(fixture->desk->store, forget_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, recover_run, fixture), S_OK);
    expect(fixture, 1, 1, "");
    assert_int_equal(fixture->closed, 1);
}

static enum status erase_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    const struct event_group group = {.course = bytes_text("c"), .lang = bytes_text(""), .version = bytes_text(""), .cohort = bytes_text("")};
    struct event event = {.id = bytes_text("e"), .person = 7, .score = EVENT_NO_SCORE, .hash = fixture->fingerprint << 16 | 0xffff};
    enum event_outcome outcome;

    assert_int_equal(event_group_get(db, &group, &event.group), S_OK);
    assert_int_equal(event_put(db, &event, event_last(db) + 1, &outcome), S_OK);
    assert_int_equal(share_forget_of(db, 8), S_OK);
    assert_int_equal(share_list(db, fixture->fingerprint, row_take, fixture), S_OK);
    return share_forget_of(db, 7);
}

static void an_erased_person_leaves_no_share(void **state)
{
    struct fixture *fixture = *state;

    fixture->fingerprint = 0x0000f23456789abc; /* of a hash that is negative in the database */
    put(fixture, "x");
    fixture->count = 0;
    assert_int_equal(store_write_wait(fixture->desk->store, erase_run, fixture), S_OK);
    assert_int_equal(fixture->count, 1); /* after the erasure of somebody else */
    fixture->text[0] = '\0';
    expect(fixture, 0, 0, "");
}

static void other_cells_are_passed_over(void **state)
{
    static const char *const keys[] = {"ids\x1f" "00000001\x1f" "e1", "ids\x1f" "00000001\x1f" "f1", "r\x1f" "c",
                                       "ids\x1f" "00000001\x1f" "f0000000000000000000123456789abZ",
                                       "ids\x1f" "00000001\x1f" "fF000000000000000000123456789abc"};
    struct fixture *fixture = *state;

    put(fixture, "x");
    assert_int_equal(store_write_wait(fixture->desk->store, forget_run, fixture), S_OK);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        fixture->cell.key = bytes_text(keys[i]);
        assert_int_equal(store_write_wait(fixture->desk->store, recover_run, fixture), S_OK);
        assert_false(fixture->cells);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_share_is_one_cell_and_sealed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_back_is_known_when_it_says_more, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_altered_or_sealed_by_another_key_stays_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_key_of_before_sealed_is_read_while_it_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(without_the_keys_of_before_it_stays_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(an_erased_person_leaves_no_share, setup, teardown),
        cmocka_unit_test_setup_teardown(other_cells_are_passed_over, setup, teardown),
    };
    return KIT_RUN(tests);
}
