#include <stdio.h>

#include "node/link/members.h"
#include "node/store/stream/own.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

enum { MANY = 16 * 1024 }; /* cells that are no statements: a reading of more than 31 ms (node/rest.h) */

static enum status put(struct db *db, void *arg)
{
    const int *numbers = arg;
    struct buffer value;
    enum status status = S_OK;

    buffer_init(&value);
    cell_value_register(&value, 1, bytes_text("x"));
    for (int i = numbers[0]; i < numbers[1] && status == S_OK; i++) {
        char key[16];
        snprintf(key, sizeof key, "x%06d", i);
        status = own_cell_put(db, TOPIC_ROSTER, bytes_text(key), buffer_bytes(&value));
    }
    buffer_release(&value);
    return status;
}

static void what_this_node_says_is_read_at_once_however_much_there_is_to_read(void **state)
{
    struct kit_store kit;
    struct report report = {.status = S_OK};
    int many[2] = {0, MANY}, one[2] = {MANY, MANY + 1};
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, put, many), S_OK);
    struct members *members = members_open(kit.store, &kit.federation, &report);
    assert_non_null(members);
    assert_int_equal(store_write_wait(kit.store, put, one), S_OK); /* as who admits a node, or puts one out */
    assert_true(members_refresh(members));
    assert_int_equal(members_left_ms(members), UINT64_MAX); /* so nothing is put off */
    assert_false(members_refresh(members));
    members_close(members);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_this_node_says_is_read_at_once_however_much_there_is_to_read),
    };
    return KIT_RUN(tests);
}
