/* What a node says of its courses comes back as it went; anything else is refused. */
#include "node/bundle/inventory.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static enum status fill(struct db *db, void *unused)
{
    struct subscription wish = {.course = "water", .lang = "ar", .has_all_versions = true};
    struct course_row held = {.course = "c", .lang = "en", .version = "1", .state = COURSE_INSTALLED},
                      known = {.course = "d", .lang = "en", .version = "1", .state = COURSE_CATALOGUED};

    (void)unused;
    held.manifest = (struct hash){{1}};
    known.manifest = (struct hash){{2}};
    assert_int_equal(subscription_put(db, &wish), S_OK);
    assert_int_equal(course_row_insert(db, &held), S_OK);
    return course_row_insert(db, &known);
}

static void what_went_comes_back(void **state)
{
    struct kit_store kit;
    struct buffer body;
    struct inventory inventory;
    struct course_row row = {.course = "water", .lang = "ar", .version = "3"};
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, fill, NULL), S_OK);
    buffer_init(&body);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(inventory_collect(db, &body), S_OK);
    store_read_end(kit.store, db);
    assert_int_equal(inventory_decode(buffer_bytes(&body), &inventory), S_OK);
    assert_true(inventory_holds(&inventory, &(struct hash){{1}}));
    assert_false(inventory_holds(&inventory, &(struct hash){{2}})); /* known is not held */
    assert_true(inventory_wishes(&inventory, &row, "hub"));
    row.lang[0] = 'e';
    assert_false(inventory_wishes(&inventory, &row, "hub"));
    inventory_release(&inventory);
    for (size_t size = 0; size < body.size; size++) {
        assert_int_equal(inventory_decode(bytes_of(body.data, size), &inventory), S_INVALID);
    }
    body.data[0]++;
    assert_int_equal(inventory_decode(buffer_bytes(&body), &inventory), S_INVALID); /* a newer version's */
    buffer_release(&body);
    kit_store_close(&kit);
}

struct saying {
    uint64_t at_ms;
    struct bytes body;
};

static enum status put(struct db *db, void *arg)
{
    const struct saying *saying = arg;

    return inventory_put(db, &(struct id){{9}}, saying->at_ms, saying->body);
}

static void the_newest_saying_holds(void **state)
{
    uint8_t none[] = {INVENTORY_VERSION, 0, 0}, one[3 + 16] = {INVENTORY_VERSION, 0, 1, 5};
    struct saying new = {20, bytes_of(one, sizeof one)}, old = {10, bytes_of(none, sizeof none)};
    struct inventory inventory;
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, put, &new), S_OK);
    assert_int_equal(store_write_wait(kit.store, put, &old), S_OK);
    struct db *db = store_read_begin(kit.store);
    assert_false(inventory_get(db, &(struct id){{8}}, &inventory));
    assert_true(inventory_get(db, &(struct id){{9}}, &inventory));
    store_read_end(kit.store, db);
    assert_int_equal(inventory.held_count, 1);
    inventory_release(&inventory);
    kit_store_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_comes_back),
        cmocka_unit_test(the_newest_saying_holds),
    };
    return KIT_RUN(tests);
}
