#include <string.h>

#include "node/store/people/launch.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static void seconds_add(void *ctx, const struct launch_row *row)
{
    *(int64_t *)ctx += row->seconds;
}

static void expect_state(struct db *db, int attempt, const char *wanted)
{
    struct buffer state;

    buffer_init(&state);
    assert_int_equal(launch_row_state(db, 1, "a", attempt, &state), *wanted != '\0');
    assert_true(bytes_equal(buffer_bytes(&state), bytes_text(wanted)));
    buffer_release(&state);
}

static enum status rows_run(struct db *db, void *arg)
{
    struct launch_row first = {.token = {{1}},
                               .registration = 1,
                               .person = 2,
                               .item = "a",
                               .attempt = 1,
                               .score = EVENT_NO_SCORE,
                               .seconds = 10},
                      second = first, read;
    int64_t seconds = 0;

    (void)arg;
    second.token.b[0] = 2;
    assert_int_equal(launch_row_attempt(db, 1, "a"), 0);
    assert_int_equal(launch_row_insert(db, &first), S_OK);
    assert_int_equal(launch_row_insert(db, &second), S_OK);
    assert_int_equal(launch_row_attempt(db, 1, "a"), 1);
    expect_state(db, 1, "");
    assert_int_equal(launch_row_put_state(db, &first, bytes_text("one")), S_OK);
    expect_state(db, 1, "one");
    assert_int_equal(launch_row_put_state(db, &second, bytes_text("two")), S_OK);
    expect_state(db, 1, "two");
    assert_int_equal(launch_row_state_holder(db, &first), second.id);
    assert_int_equal(launch_row_put_state(db, &first, bytes_text("one, late")), S_OK);
    expect_state(db, 1, "one, late");
    assert_int_equal(launch_row_state_holder(db, &second), first.id);
    expect_state(db, 2, "");
    second.score = 77;
    second.seconds = 5;
    assert_int_equal(launch_row_update(db, &second), S_OK);
    assert_true(launch_row_find_token(db, &second.token, &read));
    assert_true(launch_row_get(db, read.id, &read));
    assert_int_equal(read.score, 77);
    assert_int_equal(launch_row_sum(db, 1, seconds_add, &seconds), S_OK);
    assert_int_equal(seconds, 15);
    assert_int_equal(launch_row_delete_of(db, 2), S_OK);
    assert_false(launch_row_get(db, read.id, &read));
    return S_OK;
}

static void the_latest_launch_of_an_attempt_hands_its_state_on(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, rows_run, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_latest_launch_of_an_attempt_hands_its_state_on)};
    return KIT_RUN(tests);
}
