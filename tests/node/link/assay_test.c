#include "node/link/assay.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

enum { ITEMS = 40, SIZE = 100 * 1000 };

struct fixture {
    struct kit_store kit;
    uv_loop_t loop;
    struct assay *assay;
    uint8_t data[ITEMS][SIZE];
    struct assay_item items[ITEMS];
    size_t told[ITEMS];
    size_t order[ITEMS], count; /* of the writer thread, until it was waited for */
    enum status found[ITEMS];
};

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    memset(&fixture, 0, sizeof fixture);
    kit_store_open(&fixture.kit);
    uv_loop_init(&fixture.loop);
    fixture.assay = assay_new(fixture.kit.store, &fixture.loop);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assay_free(fixture.assay);
    uv_run(&fixture.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture.loop), 0);
    kit_store_close(&fixture.kit);
    return 0;
}

static enum status run(struct db *db, void *arg)
{
    const struct assay_item *item = arg;
    size_t number = (size_t)(item - fixture.items);
    (void)db;

    fixture.order[fixture.count++] = number;
    fixture.found[number] = item->found;
    return item->found;
}

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static size_t ran;

static enum status look(struct db *db, void *arg)
{
    (void)db, (void)arg;
    ran = fixture.count;
    return S_OK;
}

static void what_is_not_what_its_name_says_is_told_so_in_the_order_of_coming(void **state)
{
    (void)state;

    for (size_t i = 0; i < ITEMS; i++) {
        struct assay_item *item = &fixture.items[i];

        memset(fixture.data[i], (int)i, SIZE);
        *item = (struct assay_item){.data = bytes_of(fixture.data[i], SIZE), .run = run, .arg = item};
        item->object = hash_of(bytes_of(NULL, 0), item->data);
        fixture.data[i][SIZE - 1] ^= i % 3 == 0; /* of every third the last byte is another */
    }
    for (size_t i = 0; i < ITEMS; i++) {
        assay_put(fixture.assay, &fixture.items[i]);
    }
    for (ran = 0; ran < ITEMS;) {
        assert_int_equal(store_write_wait(fixture.kit.store, look, NULL), S_OK);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(fixture.order[i], i);
        assert_int_equal(fixture.found[i], i % 3 == 0 ? S_BAD_DIGEST : S_OK);
    }
}

static bool every_second_is_placed(void *arg)
{
    return ((const struct assay_item *)arg - fixture.items) % 2 == 0;
}

static void note_told(void *arg)
{
    fixture.told[(const struct assay_item *)arg - fixture.items]++;
}

/* By the loop, or by whoever asks before. */
static void what_was_placed_is_told_once(void **state)
{
    (void)state;

    for (size_t i = 0; i < ITEMS; i++) {
        struct assay_item *item = &fixture.items[i];

        *item = (struct assay_item){.data = bytes_of(fixture.data[i], SIZE),
                                    .place = every_second_is_placed,
                                    .placed = i % 4 == 0 ? note_told : NULL,
                                    .run = run,
                                    .arg = item};
        item->object = hash_of(bytes_of(NULL, 0), item->data);
        item->object.b[0] ^= i == 8; /* what is wrong is not placed */
        assay_put(fixture.assay, item);
    }
    for (ran = 0; ran < ITEMS;) {
        assert_int_equal(store_write_wait(fixture.kit.store, look, NULL), S_OK);
        if (ran < ITEMS / 2) {
            assay_tell(fixture.assay);
        }
    }
    uv_run(&fixture.loop, UV_RUN_NOWAIT);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(fixture.told[i], i % 4 == 0 && i != 8);
    }
    assay_tell(fixture.assay);
    assert_int_equal(fixture.told[0], 1);
    assay_end(NULL, &fixture.items[0]);
}

static void what_was_looked_at_already_is_only_placed(void **state)
{
    struct assay_item *item = &fixture.items[0];
    (void)state;

    ran = 0;
    *item = (struct assay_item){.data = bytes_of(fixture.data[0], 1), /* no hash of it */
                                .is_known = true,
                                .place = every_second_is_placed,
                                .placed = note_told,
                                .run = run,
                                .arg = item};
    assay_put(fixture.assay, item);
    while (ran == 0) {
        assert_int_equal(store_write_wait(fixture.kit.store, look, NULL), S_OK);
    }
    assay_end(fixture.assay, item);
    assert_int_equal(fixture.found[0], S_OK);
    assert_int_equal(fixture.told[0], 1);
}

static bool is_placed(void *arg)
{
    (void)arg;
    return true;
}

/* All at once; how many were told. */
static size_t told_of_all(size_t size, const uint8_t *data)
{
    size_t told = 0;

    memset(fixture.told, 0, sizeof fixture.told);
    fixture.count = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        struct assay_item *item = &fixture.items[i];

        *item = (struct assay_item){.data = bytes_of(data, size), .place = is_placed, .placed = note_told, .run = run, .arg = item};
        item->object = hash_of(bytes_of(NULL, 0), item->data);
        assay_put(fixture.assay, item);
    }
    for (ran = 0; ran < ITEMS;) {
        assert_int_equal(store_write_wait(fixture.kit.store, look, NULL), S_OK);
    }
    assay_tell(fixture.assay);
    for (size_t i = 0; i < ITEMS; i++) {
        told += fixture.told[i];
    }
    return told;
}

/* However many sessions they come from. */
static void no_more_is_told_than_the_memory_may_hold(void **state)
{
    static const uint8_t data[ASSAY_TOLD_MAX / 16];
    (void)state;

    assert_int_equal(told_of_all(sizeof data, data), 16);
    for (size_t i = 0; i < ITEMS; i++) { /* done, told or not */
        assay_end(fixture.assay, &fixture.items[i]);
    }
    assert_int_equal(told_of_all(sizeof data - 1, data), 16);
    for (size_t i = 0; i < ITEMS; i++) {
        assay_end(fixture.assay, &fixture.items[i]);
    }
    assert_int_equal(told_of_all(SIZE, data), ITEMS);
}

static void an_assay_that_had_nothing_to_do_ends(void **state)
{
    (void)state;
    assert_int_equal(store_write_wait(fixture.kit.store, nothing, NULL), S_OK);
    assay_free(NULL);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_what_its_name_says_is_told_so_in_the_order_of_coming,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_placed_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_looked_at_already_is_only_placed, setup, teardown),
        cmocka_unit_test_setup_teardown(no_more_is_told_than_the_memory_may_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(an_assay_that_had_nothing_to_do_ends, setup, teardown),
    };
    return KIT_RUN(tests);
}
