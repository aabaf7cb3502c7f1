#include "node/store/stream/proved.h"

#include "node/store/engine.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static const struct id federation = {{1}}, other = {{2}};

static enum proved find(const char *text)
{
    return proved_find(&federation, bytes_text(text));
}

static void a_judgement_is_that_of_these_bytes_in_this_federation(void **state)
{
    (void)state;
    assert_int_equal(find("a statement"), PROVED_UNKNOWN);
    proved_put(&federation, bytes_text("a statement"), true);
    proved_put(&federation, bytes_text("a lie"), false);
    assert_int_equal(find("a statement"), PROVED_SOUND);
    assert_int_equal(find("a lie"), PROVED_FALSE);
    assert_int_equal(find("a statemenu"), PROVED_UNKNOWN);
    assert_int_equal(find("a statemen"), PROVED_UNKNOWN);
    assert_int_equal(proved_find(&other, bytes_text("a statement")), PROVED_UNKNOWN);
    proved_put(&federation, bytes_text("a lie"), true); /* what is said last */
    assert_int_equal(find("a lie"), PROVED_SOUND);
}

static void numbers_put(uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        proved_put(&federation, bytes_of((const uint8_t *)&i, sizeof i), i % 2);
    }
}

static enum proved number_find(uint32_t i)
{
    return proved_find(&federation, bytes_of((const uint8_t *)&i, sizeof i));
}

static void what_is_asked_for_stays_and_what_is_not_goes(void **state)
{
    (void)state;
    proved_put(&federation, bytes_text("kept"), true);
    numbers_put(0, PROVED_MAX - 100);
    for (uint32_t i = 0; i < PROVED_MAX - 100; i++) {
        assert_int_equal(number_find(i), i % 2 ? PROVED_SOUND : PROVED_FALSE);
    }
    for (int round = 1; round < 4; round++) {
        numbers_put((uint32_t)round * PROVED_MAX, PROVED_MAX - 100);
        assert_int_equal(find("kept"), PROVED_SOUND);
    }
    assert_int_equal(number_find(7), PROVED_UNKNOWN);
    assert_int_equal(number_find(3 * PROVED_MAX + 7), PROVED_SOUND);
    assert_int_equal(number_find(3 * PROVED_MAX + 8), PROVED_FALSE);
}

static void a_process_begins_with_what_the_one_before_judged(void **state)
{
    struct kit_store kit;
    (void)state;

    proved_forget();
    kit_store_open(&kit);
    numbers_put(0, PROVED_WORTH - 1);
    proved_remember(kit.store); /* not worth a write */
    proved_forget();
    proved_recall(kit.store);
    assert_int_equal(number_find(1), PROVED_UNKNOWN);

    numbers_put(0, 3 * PROVED_WORTH);
    proved_remember(kit.store);
    proved_forget();
    kit_store_reopen(&kit);
    proved_recall(kit.store);
    for (uint32_t i = 0; i < 3 * PROVED_WORTH; i++) {
        assert_int_equal(number_find(i), i % 2 ? PROVED_SOUND : PROVED_FALSE);
        assert_int_equal(proved_find(&other, bytes_of((const uint8_t *)&i, sizeof i)), PROVED_UNKNOWN);
    }
    assert_int_equal(number_find(3 * PROVED_WORTH), PROVED_UNKNOWN);
    kit_store_close(&kit);
    proved_forget();
}

static enum status version_change(struct db *db, void *arg)
{
    uint8_t kept[40 + 3 * PROVED_WORTH * 16];
    (void)arg;

    assert_true(property_get(db, "proved", kept, sizeof kept));
    kept[0] ^= 1;
    return property_put(db, "proved", bytes_of(kept, sizeof kept));
}

static void what_another_version_judged_is_judged_again(void **state)
{
    struct kit_store kit;
    (void)state;

    proved_forget();
    kit_store_open(&kit);
    numbers_put(0, 3 * PROVED_WORTH);
    proved_remember(kit.store);
    assert_int_equal(store_write_wait(kit.store, version_change, NULL), S_OK);
    proved_forget();
    proved_recall(kit.store);
    assert_int_equal(number_find(1), PROVED_UNKNOWN);
    kit_store_close(&kit);
    proved_forget();
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_judgement_is_that_of_these_bytes_in_this_federation),
        cmocka_unit_test(what_is_asked_for_stays_and_what_is_not_goes),
        cmocka_unit_test(a_process_begins_with_what_the_one_before_judged),
        cmocka_unit_test(what_another_version_judged_is_judged_again),
    };

    return KIT_RUN(tests);
}
