#include "node/store/operation/incident_row.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

#include <unistd.h>

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

static void of_the_members_the_latest_are_kept(void **state)
{
    struct incident_of_row rows[INCIDENT_OF_ROWS_MAX];
    struct kit_store kit;
    struct id node = {.b = {0}};
    (void)state;

    kit_store_open(&kit);
    for (unsigned i = 0; i < INCIDENT_MEMBERS_MAX; i++) {
        node.b[0] = (uint8_t)i;
        incident_add_of(INCIDENT_FRAMES, &node, 1);
    }
    incident_flush_wait(kit.store);
    usleep(2000); /* another millisecond */
    incident_add_of(INCIDENT_SIGNATURES, &node, 4);
    incident_flush_wait(kit.store);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(incident_load_of(db, rows), INCIDENT_MEMBERS_MAX);
    uint64_t signatures = 0, frames = 0;
    for (size_t i = 0; i < INCIDENT_MEMBERS_MAX; i++) {
        assert_true(rows[i].last_ms > 0);
        signatures += rows[i].incident == INCIDENT_SIGNATURES && id_equal(&rows[i].node, &node) ? rows[i].count : 0;
        frames += rows[i].incident == INCIDENT_FRAMES ? rows[i].count : 0;
    }
    store_read_end(kit.store, db);
    assert_int_equal(signatures, 4);
    assert_int_equal(frames, INCIDENT_MEMBERS_MAX - 1);
    assert_int_equal(row_of(&kit, INCIDENT_FRAMES).count, INCIDENT_MEMBERS_MAX); /* the sum is never less for it */
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_seen_at_once_and_outlive_the_process),
        cmocka_unit_test(of_the_members_the_latest_are_kept),
        cmocka_unit_test(a_store_that_closes_keeps_what_was_counted),
    };
    return KIT_RUN(tests);
}
