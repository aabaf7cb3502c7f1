#include "node/store/stream/seal.h"

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static enum status put_run(struct db *db, void *arg)
{
    return seal_put(db, bytes_text("2026-10"), bytes_text(arg));
}

static void what_was_sealed_stays(void **state)
{
    struct kit_store kit;
    struct buffer text = {0};
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, put_run, "{1}"), S_OK);
    assert_int_equal(store_write_wait(kit.store, put_run, "{2}"), S_EXISTS);
    struct db *db = store_read_begin(kit.store);
    assert_true(seal_get(db, bytes_text("2026-10"), &text));
    assert_true(bytes_equal(buffer_bytes(&text), bytes_text("{1}")));
    assert_false(seal_get(db, bytes_text("2026-11"), &text));
    store_read_end(kit.store, db);
    buffer_release(&text);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_stays),
    };
    return KIT_RUN(tests);
}
