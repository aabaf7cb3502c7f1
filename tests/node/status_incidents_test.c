#include "node/status_incidents.h"
#include "node/store/operation/incident_row.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static json_t *told(struct kit_store *kit)
{
    struct id federation = {.b = {1}};
    uint8_t authority[SIGN_PUBLIC_SIZE] = {0};
    struct roster *roster = roster_new(&federation, authority);
    struct db *db = store_read_begin(kit->store);
    json_t *list = status_incidents_of(db, roster);

    store_read_end(kit->store, db);
    roster_free(roster);
    return list;
}

static long long count_of(json_t *list, size_t at, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(json_array_get(list, at), "counts"), name));
}

static void members_are_named_most_first_before_and_after_it_is_kept(void **state)
{
    struct kit_store kit;
    struct id few = {.b = {0xaa}}, many = {.b = {0xbb}};
    (void)state;

    kit_store_open(&kit);
    json_t *list = told(&kit);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    for (int i = 0; i < 2; i++) { /* pending, then kept */
        if (i == 0) {
            incident_add_of(INCIDENT_FRAMES, &few, 1);
            incident_add_of(INCIDENT_SIGNATURES, &many, 2);
            incident_add_of(INCIDENT_FRAMES, &many, 3);
        } else {
            incident_flush_wait(kit.store);
        }
        list = told(&kit);
        assert_int_equal(json_array_size(list), 2);
        assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "node")), "bb000000000000000000000000000000");
        assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "total")), 5);
        assert_int_equal(count_of(list, 0, "frames"), 3);
        assert_int_equal(count_of(list, 0, "signatures"), 2);
        assert_int_equal(count_of(list, 1, "frames"), 1);
        assert_int_equal(json_is_string(json_object_get(json_array_get(list, 1), "last")), i);
        json_decref(list);
    }
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_named_most_first_before_and_after_it_is_kept),
    };
    return KIT_RUN(tests);
}
