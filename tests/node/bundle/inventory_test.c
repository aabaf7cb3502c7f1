/* What a node says of its courses comes back as it went; anything else is refused. */
#include "node/bundle/inventory.h"

#include <stdio.h>
#include <string.h>

#include "node/store/course/blob.h"

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
    assert_int_equal(inventory_collect(db, NULL, &body), S_OK);
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

/* A version under way with a member that is here, one that is not, and one of two chunks, the second here. */
static enum status fill_partly(struct db *db, void *unused)
{
    struct course_row row = {.course = "e", .lang = "en", .version = "1", .state = COURSE_FETCHING, .manifest = {{3}}};
    const struct chunk chunks[] = {{.hash = {{0x51}}, .size = 10}, {.hash = {{0x52}}, .size = 10}};
    const char *const paths[] = {"a", "b", "c"};
    int64_t id;

    (void)unused;
    assert_int_equal(course_row_insert(db, &row), S_OK);
    assert_int_equal(blob_row_insert(db, &row.manifest, 5, true, &id), S_OK);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(blob_row_insert(db, &(struct hash){{(uint8_t)(0x40 + i)}}, 20, i == 0, &id), S_OK);
        assert_int_equal(course_member_insert(db, row.id, bytes_text(paths[i]), id, bytes_text("text/plain")), S_OK);
    }
    assert_int_equal(blob_row_insert_chunks(db, id, chunks, 2, false), S_OK);
    return blob_row_set_chunk_held(db, id, 1, true);
}

static void of_a_version_under_way_it_says_what_is_here(void **state)
{
    struct kit_store kit;
    struct buffer body;
    struct inventory inventory;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, fill_partly, NULL), S_OK);
    buffer_init(&body);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(inventory_collect(db, NULL, &body), S_OK);
    store_read_end(kit.store, db);
    assert_int_equal(inventory_decode(buffer_bytes(&body), &inventory), S_OK);
    assert_int_equal(inventory.held_count, 2);
    assert_true(inventory_holds(&inventory, &(struct hash){{0x40}}));
    assert_true(inventory_holds(&inventory, &(struct hash){{0x52}}));
    assert_false(inventory_holds(&inventory, &(struct hash){{3}})); /* its manifest would say: all of it */
    inventory_release(&inventory);
    buffer_release(&body);
    kit_store_close(&kit);
}

/* Versions that nodes below asked for: one on its way, one that is here, one withdrawn; and one that nobody asked for. */
static enum status fill_asked(struct db *db, void *subscriptions)
{
    const struct course_row rows[] = {
        {.course = "way", .lang = "en", .version = "1", .state = COURSE_FETCHING, .manifest = {{1}}, .is_asked = true},
        {.course = "way", .lang = "en", .version = "2", .state = COURSE_WAITING, .manifest = {{2}}, .is_asked = true},
        {.course = "here", .lang = "en", .version = "1", .state = COURSE_INSTALLED, .manifest = {{3}}, .is_asked = true},
        {.course = "gone", .lang = "en", .version = "1", .state = COURSE_FETCHING, .manifest = {{4}}, .is_asked = true, .is_withdrawn = true},
        {.course = "mine", .lang = "en", .version = "1", .state = COURSE_FETCHING, .manifest = {{5}}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct course_row row = rows[i];
        assert_int_equal(course_row_insert(db, &row), S_OK);
    }
    for (int i = 0; i < *(int *)subscriptions; i++) {
        struct subscription wish = {.lang = "ar"};
        snprintf(wish.course, sizeof wish.course, "c%d", i);
        assert_int_equal(subscription_put(db, &wish), S_OK);
    }
    return S_OK;
}

static void what_nodes_below_asked_for_is_wished_too(void **state)
{
    const struct course_row way = {.course = "way", .lang = "en", .version = "3"}, here = {.course = "here", .lang = "en", .version = "1"};
    int subscriptions[] = {1, SUBSCRIPTIONS_MAX};
    (void)state;

    for (size_t turn = 0; turn < sizeof subscriptions / sizeof *subscriptions; turn++) {
        struct inventory inventory;
        struct kit_store kit;
        struct buffer body;

        kit_store_open(&kit);
        assert_int_equal(store_write_wait(kit.store, fill_asked, &subscriptions[turn]), S_OK);
        buffer_init(&body);
        struct db *db = store_read_begin(kit.store);
        assert_int_equal(inventory_collect(db, NULL, &body), S_OK);
        store_read_end(kit.store, db);
        assert_int_equal(inventory_decode(buffer_bytes(&body), &inventory), S_OK);
        assert_int_equal(inventory.wish_count, turn == 0 ? 2 : SUBSCRIPTIONS_MAX); /* readers refuse more */
        assert_int_equal(inventory_wishes(&inventory, &way, "hub"), turn == 0);
        assert_false(inventory_wishes(&inventory, &here, "hub"));
        inventory_release(&inventory);
        buffer_release(&body);
        kit_store_close(&kit);
    }
}

static enum status put(struct db *db, void *said)
{
    return inventory_put(db, &(struct id){{9}}, said);
}

/* What is there when one thing was said, and then another, as held objects: `first` 1, `then` none. */
static size_t held_after(const struct inventory_said *first, const struct inventory_said *then)
{
    static uint8_t none[] = {INVENTORY_VERSION, 0, 0}, one[3 + 16] = {INVENTORY_VERSION, 0, 1, 5};
    struct inventory_said said[] = {*first, *then};
    struct inventory inventory;
    struct kit_store kit;

    said[0].body = bytes_of(one, sizeof one);
    said[1].body = bytes_of(none, sizeof none);
    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, put, &said[0]), S_OK);
    assert_int_equal(store_write_wait(kit.store, put, &said[1]), S_OK);
    struct db *db = store_read_begin(kit.store);
    assert_false(inventory_get(db, &(struct id){{8}}, &inventory));
    assert_true(inventory_get(db, &(struct id){{9}}, &inventory));
    store_read_end(kit.store, db);
    size_t count = inventory.held_count;
    inventory_release(&inventory);
    kit_store_close(&kit);
    return count;
}

static void the_newest_saying_holds(void **state)
{
    const uint64_t day = BUNDLE_CLOCK_MIN_MS, now = day + 1000;
    (void)state;

    assert_int_equal(held_after(&(struct inventory_said){day + 20, now, .is_newer = false}, &(struct inventory_said){day + 10, now, .is_newer = false}), 1);
    assert_int_equal(held_after(&(struct inventory_said){day + 20, now, .is_newer = false}, &(struct inventory_said){day + 20, now, .is_newer = false}), 0);
}

static void a_wrong_clock_does_not_silence_its_node(void **state)
{
    const uint64_t day = BUNDLE_CLOCK_MIN_MS, now = day + 1000;
    const struct inventory_said ahead = {now + 500, now, .is_newer = false}, later = {now + 1, now + 2, .is_newer = false}, set = {day, now, .is_newer = false};
    const struct inventory_said unset = {day - 1, now, .is_newer = false}, brings = {day, now, .is_newer = true}, good = {day + 20, now, .is_newer = false};
    (void)state;

    assert_int_equal(held_after(&ahead, &later), 0);  /* kept as of our clock, which the next one is not before */
    assert_int_equal(held_after(&ahead, &set), 1);    /* within it, order holds */
    assert_int_equal(held_after(&good, &unset), 0);   /* of a clock without a battery */
    assert_int_equal(held_after(&good, &brings), 0);  /* behind, and yet it brought what its maker wrote since */
    assert_int_equal(held_after(&good, &(struct inventory_said){day, day + 10, .is_newer = false}), 0); /* ours was ahead then */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_comes_back),
        cmocka_unit_test(of_a_version_under_way_it_says_what_is_here),
        cmocka_unit_test(what_nodes_below_asked_for_is_wished_too),
        cmocka_unit_test(the_newest_saying_holds),
        cmocka_unit_test(a_wrong_clock_does_not_silence_its_node),
    };
    return KIT_RUN(tests);
}
