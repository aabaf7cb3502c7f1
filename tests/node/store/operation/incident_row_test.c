#include "node/store/operation/incident_row.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static struct incident_row row_of(struct kit_store *kit, enum incident incident)
{
    struct incident_row rows[INCIDENT_COUNT];
    struct db *db = store_read_begin(kit->store);

    incident_load(db, rows);
    store_read_end(kit->store, db);
    return rows[incident];
}

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static void counts_are_seen_at_once_and_outlive_the_process(void **state)
{
    struct kit_store kit;
    uint64_t counts[INCIDENT_COUNT];
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(row_of(&kit, INCIDENT_DIGESTS).count, 0);
    incident_flush_wait(kit.store); /* nothing to do */
    incident_add(INCIDENT_DIGESTS, 2);
    assert_int_equal(row_of(&kit, INCIDENT_DIGESTS).count, 2);
    assert_int_equal(row_of(&kit, INCIDENT_DIGESTS).last_ms, 0);
    incident_flush(kit.store);
    incident_flush(kit.store); /* one at a time */
    incident_flush_wait(kit.store);
    store_write_wait(kit.store, nothing, NULL);
    store_drain(kit.store);
    assert_false(incident_pending(counts));
    assert_int_equal(row_of(&kit, INCIDENT_DIGESTS).count, 2);
    assert_true(row_of(&kit, INCIDENT_DIGESTS).last_ms > 0);
    incident_add(INCIDENT_DIGESTS, 1);
    incident_flush_wait(kit.store);
    assert_int_equal(row_of(&kit, INCIDENT_DIGESTS).count, 3);
    kit_store_close(&kit);
}

static void a_store_that_closes_keeps_what_was_counted(void **state)
{
    struct kit_store kit;
    uint64_t counts[INCIDENT_COUNT];
    (void)state;

    kit_store_open(&kit);
    incident_add(INCIDENT_JOINS, 5);
    kit_store_close(&kit);
    assert_false(incident_pending(counts));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_seen_at_once_and_outlive_the_process),
        cmocka_unit_test(a_store_that_closes_keeps_what_was_counted),
    };
    return KIT_RUN(tests);
}
