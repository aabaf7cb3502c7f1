/* Mirrors named by nodes: node 2 below node 1 below the hub; the store is node 2's. */
#include "node/store/course/mirror.h"

#include <stdio.h>
#include <string.h>

#include "node/local_time.h"
#include "node/store/stream/own.h"
#include "replication/crdt/cell.h"
#include "replication/trust/mirror.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    struct federation federation;
    struct roster *roster;
    int self;
    const char *url;
    bool is_named;
    struct mirror_record record;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    federation_make(&fixture->federation, 4);
    fixture->roster = roster_new(&fixture->federation.id, fixture->federation.authority.sign_public);
    federation_enter(&fixture->federation, fixture->roster, 0, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fixture->federation, fixture->roster, 1, 0, NODE_NATIONAL);
    federation_enter(&fixture->federation, fixture->roster, 2, 1, NODE_CAMPUS);
    federation_enter(&fixture->federation, fixture->roster, 3, 1, NODE_CAMPUS);
    fixture->desk->federation = fixture->federation.id;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    roster_free(fixture->roster);
    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

static enum status put_run(struct db *db, void *arg)
{
    const struct fixture *fixture = arg;

    return mirror_put(db, fixture->roster, &fixture->federation.nodes[fixture->self].node, fixture->url,
                      fixture->is_named);
}

/* As node `who`, on this one database: so its streams hold the sentences of several nodes. */
static enum status put(struct fixture *fixture, int who, const char *url, bool is_named)
{
    if (who != fixture->self ||
        fixture->desk->identity.node.b[0] != fixture->federation.nodes[who].node.b[0]) {
        fixture->self = who;
        fixture->desk->identity = fixture->federation.nodes[who];
        desk_reopen(fixture->desk);
    }
    fixture->url = url;
    fixture->is_named = is_named;
    return store_write_wait(fixture->desk->store, put_run, fixture);
}

static size_t list(struct fixture *fixture, int who, struct mirror *mirrors_out)
{
    struct db *db = store_read_begin(fixture->desk->store);
    size_t count = mirror_list(db, fixture->roster, &fixture->federation.nodes[who].node, mirrors_out);

    store_read_end(fixture->desk->store, db);
    return count;
}

static void a_node_hears_itself_those_above_and_hubs(void **state)
{
    struct fixture *fixture = *state;
    struct mirror mirrors[MIRRORS_MAX];

    assert_int_equal(put(fixture, 0, "http://hub/", true), S_OK);
    assert_int_equal(put(fixture, 1, "http://above/", true), S_OK);
    assert_int_equal(put(fixture, 3, "http://beside/", true), S_OK);
    assert_int_equal(put(fixture, 2, "http://own/", true), S_OK);
    assert_int_equal(list(fixture, 2, mirrors), 3);
    assert_string_equal(mirrors[0].url, "http://own/");
    assert_string_equal(mirrors[1].url, "http://above/");
    assert_string_equal(mirrors[2].url, "http://hub/");
    assert_true(id_equal(&mirrors[1].by, &fixture->federation.nodes[1].node));
    assert_int_equal(list(fixture, 0, mirrors), 1);
    assert_string_equal(mirrors[0].url, "http://hub/");
}

static void one_that_two_name_is_listed_once_until_both_take_it_back(void **state)
{
    struct fixture *fixture = *state;
    struct mirror mirrors[MIRRORS_MAX];

    assert_int_equal(put(fixture, 0, "http://m/", true), S_OK);
    assert_int_equal(put(fixture, 1, "http://m/", true), S_OK);
    assert_int_equal(list(fixture, 2, mirrors), 1);
    assert_int_equal(put(fixture, 1, "http://m/", false), S_OK);
    assert_int_equal(list(fixture, 2, mirrors), 1);
    assert_int_equal(put(fixture, 0, "http://m/", false), S_OK);
    assert_int_equal(list(fixture, 2, mirrors), 0);
    assert_int_equal(put(fixture, 0, "http://m/", false), S_NOT_FOUND);
    assert_int_equal(put(fixture, 0, "http://m/", true), S_OK); /* and named again */
    assert_int_equal(put(fixture, 0, "http://m/", true), S_EXISTS);
    assert_int_equal(list(fixture, 2, mirrors), 1);
}

/* Named when the clock was wrong by weeks. */
static enum status ahead_run(struct db *db, void *url)
{
    struct buffer key, value;

    buffer_init(&key), buffer_init(&value);
    mirror_key(url, &key);
    cell_value_register(&value, hlc_tick(0, local_time_now() + 21ULL * 24 * 3600 * 1000), bytes_text(url));
    enum status status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
    buffer_release(&key), buffer_release(&value);
    return status;
}

static enum status renew_run(struct db *db, void *unused)
{
    (void)unused;
    return own_renew(db);
}

static void what_was_named_by_a_wrong_clock_is_taken_back_in_another_life(void **state)
{
    struct fixture *fixture = *state;
    struct mirror mirrors[MIRRORS_MAX];

    assert_int_equal(put(fixture, 0, "http://m/", true), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, ahead_run, (char[]){"http://m/"}), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, renew_run, NULL), S_OK);
    assert_int_equal(put(fixture, 0, "http://m/", false), S_OK);
    assert_int_equal(list(fixture, 2, mirrors), 0);
}

static void a_node_names_so_many_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct mirror mirrors[MIRRORS_MAX];
    char url[64];

    for (int i = 0; i < MIRRORS_MAX; i++) {
        snprintf(url, sizeof url, "http://m%d/", i);
        assert_int_equal(put(fixture, 0, url, true), S_OK);
    }
    assert_int_equal(put(fixture, 0, "http://more/", true), S_TOO_LARGE);
    assert_int_equal(put(fixture, 0, "http://m0/", false), S_OK);
    assert_int_equal(put(fixture, 0, "http://more/", true), S_OK);
    assert_int_equal(put(fixture, 1, "http://other/", true), S_OK);
    assert_int_equal(list(fixture, 2, mirrors), MIRRORS_MAX);
}

static enum status record_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return mirror_record_put(db, "http://m/", &fixture->record);
}

static void how_it_went_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct mirror_record record;

    assert_int_equal(put(fixture, 0, "http://m/", true), S_OK);
    fixture->record = (struct mirror_record){.bytes = 5, .objects = 1, .error = "it is too slow"};
    assert_int_equal(store_write_wait(fixture->desk->store, record_run, fixture), S_OK);
    struct db *db = store_read_begin(fixture->desk->store);
    mirror_record_get(db, "http://m/", &record);
    assert_int_equal(record.bytes, 5);
    assert_string_equal(record.error, "it is too slow");
    mirror_record_get(db, "http://n/", &record);
    assert_int_equal(record.bytes, 0);
    store_read_end(fixture->desk->store, db);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_node_hears_itself_those_above_and_hubs, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_two_name_is_listed_once_until_both_take_it_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_was_named_by_a_wrong_clock_is_taken_back_in_another_life, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_names_so_many_and_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(how_it_went_is_kept, setup, teardown),
    };
    return KIT_RUN(tests);
}
