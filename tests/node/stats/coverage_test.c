#include "node/stats/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_roster.h"
#include "tests/kit/kit_store.h"

static const struct kit_member nodes[] = {
    {"hub", NODE_HUB, -1, "CN", ""},
    {"nc-ke", NODE_NATIONAL, 0, "KE", ""},
    {"nairobi", NODE_CAMPUS, 1, "", ""},
    {"nc-eg", NODE_NATIONAL, 0, "EG", ""},
};

static enum status cell_put(struct db *db, void *arg)
{
    (void)arg;
    return own_cell_put(db, TOPIC_RESULTS, bytes_text("k"), bytes_of("\x01\x02", 2));
}

static const struct quarantine_list none;

static void silent_nodes_are_late_and_hubs_are_not_expected(void **state)
{
    struct kit_store kit;
    struct id ids[4];
    struct roster *roster = kit_roster_new(nodes, 4, ids);
    struct coverage coverage;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, cell_put, NULL), S_OK);
    struct db *db = store_read_begin(kit.store);
    struct coverage_request request = {roster, &ids[0], 1000, 24, 0, &none};
    coverage_read(db, &request, &coverage); /* as the hub */
    assert_int_equal(coverage.expected, 3);
    assert_int_equal(coverage.reporting, 0);
    assert_int_equal(coverage.late_count, 3);
    assert_string_equal(coverage.late[0].node, "nairobi");
    assert_int_equal(coverage.late[0].last_heard_ms, 0);
    coverage_release(&coverage);
    request.self = &ids[1];
    coverage_read(db, &request, &coverage); /* as a centre: itself and its campus */
    assert_int_equal(coverage.expected, 2);
    assert_int_equal(coverage.late_count, 1);
    coverage_release(&coverage);
    store_read_end(kit.store, db);
    kit_store_close(&kit);
    roster_free(roster);
}

static bool is_named(const struct coverage_late *list, size_t count, const char *node)
{
    bool is_there = false;

    for (size_t i = 0; i < count; i++) {
        is_there = is_there || strcmp(list[i].node, node) == 0;
    }
    return is_there;
}

/* What a period is sealed with right after its end: nobody has been silent for long, and who was last heard before it may lack its last hours. */
static void who_was_not_heard_since_a_moment_need_not_be_late(void **state)
{
    struct kit_store kit;
    struct id ids[4];
    struct roster *roster = kit_roster_new(nodes, 4, ids);
    struct stream_head head;
    struct coverage coverage;
    (void)state;

    kit_store_open(&kit);
    kit.identity.node = ids[3];
    store_set_identity(kit.store, &kit.identity, &kit.federation.id);
    assert_int_equal(store_write_wait(kit.store, cell_put, NULL), S_OK);
    struct db *db = store_read_begin(kit.store);
    assert_true(stream_next(db, NULL, &head));
    const int64_t heard_ms = (int64_t)hlc_wall_ms(head.stamp);
    struct coverage_request request = {roster, &ids[0], heard_ms + 3600 * 1000, 24, heard_ms + 1, &none};
    coverage_read(db, &request, &coverage);
    assert_false(is_named(coverage.late, coverage.late_count, "nc-eg"));
    assert_true(is_named(coverage.unheard, coverage.unheard_count, "nc-eg"));
    assert_int_equal(coverage.unheard_count, 3);
    coverage_release(&coverage);
    request.heard_since_ms = heard_ms;
    coverage_read(db, &request, &coverage);
    assert_int_equal(coverage.unheard_count, 2);
    coverage_release(&coverage);
    request.heard_since_ms = 0;
    coverage_read(db, &request, &coverage);
    assert_int_equal(coverage.unheard_count, 0);
    coverage_release(&coverage);
    store_read_end(kit.store, db);
    kit_store_close(&kit);
    roster_free(roster);
}

static void who_is_set_aside_is_named_and_does_not_report(void **state)
{
    struct kit_store kit;
    struct id ids[4];
    struct roster *roster = kit_roster_new(nodes, 4, ids);
    struct coverage coverage;
    struct quarantine item = {.node = ids[3], .by = ids[0], .since_ms = 7};
    const struct quarantine_list aside = {&item, 1};
    struct coverage_request request = {roster, &ids[0], 1000, 24, 0, &none};
    (void)state;

    kit_store_open(&kit);
    kit.identity.node = ids[3];
    store_set_identity(kit.store, &kit.identity, &kit.federation.id);
    assert_int_equal(store_write_wait(kit.store, cell_put, NULL), S_OK);
    struct db *db = store_read_begin(kit.store);
    coverage_read(db, &request, &coverage);
    assert_int_equal(coverage.reporting, 1);
    assert_int_equal(coverage.aside_count, 0);
    coverage_release(&coverage);
    request.aside = &aside;
    coverage_read(db, &request, &coverage);
    assert_int_equal(coverage.expected, 3);
    assert_int_equal(coverage.reporting, 0);
    assert_int_equal(coverage.aside_count, 1);
    assert_string_equal(coverage.aside[0].node, "nc-eg");
    assert_string_equal(coverage.aside[0].by, "hub");
    coverage_release(&coverage);
    request.self = &ids[1]; /* a centre that may not hold those results does not speak of them */
    coverage_read(db, &request, &coverage);
    assert_int_equal(coverage.aside_count, 0);
    coverage_release(&coverage);
    store_read_end(kit.store, db);
    kit_store_close(&kit);
    roster_free(roster);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silent_nodes_are_late_and_hubs_are_not_expected),
        cmocka_unit_test(who_was_not_heard_since_a_moment_need_not_be_late),
        cmocka_unit_test(who_is_set_aside_is_named_and_does_not_report),
    };
    return KIT_RUN(tests);
}
