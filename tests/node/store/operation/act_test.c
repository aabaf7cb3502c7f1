#include "node/store/operation/act.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static int setup(void **state)
{
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

static enum status add_run(struct db *db, void *arg)
{
    return act_add(db, arg);
}

static enum status fill_run(struct db *db, void *arg)
{
    enum status status = S_OK;

    for (int i = 0; i < ACTS_MAX + 5 && status == S_OK; i++) {
        status = act_add(db, arg);
    }
    return status;
}

static int acts_count(struct desk *desk, int64_t *oldest_out)
{
    struct act act = {.number = 0};
    int count = 0;

    struct db *db = store_read_begin(desk->store);
    while (act_find_before(db, act.number, &act)) {
        *oldest_out = act.number;
        count++;
    }
    store_read_end(desk->store, db);
    return count;
}

static void acts_come_back_newest_first(void **state)
{
    struct desk *desk = *state;
    struct act act = {.at_ms = 1795000000000,
                      .who = "amina",
                      .words = "[\"seal\",\"2026-10\"]",
                      .exit_code = 1},
               found;

    assert_int_equal(store_write_wait(desk->store, add_run, &act), S_OK);
    snprintf(act.who, sizeof act.who, "%s", "");
    assert_int_equal(store_write_wait(desk->store, add_run, &act), S_OK);
    struct db *db = store_read_begin(desk->store);
    assert_true(act_find_before(db, 0, &found));
    assert_string_equal(found.who, "");
    assert_true(act_find_before(db, found.number, &found));
    assert_string_equal(found.who, "amina");
    assert_string_equal(found.words, "[\"seal\",\"2026-10\"]");
    assert_int_equal(found.at_ms, 1795000000000);
    assert_int_equal(found.exit_code, 1);
    assert_false(act_find_before(db, found.number, &found));
    store_read_end(desk->store, db);
}

static void only_the_newest_are_kept(void **state)
{
    struct desk *desk = *state;
    struct act act = {.words = "[]"};
    int64_t oldest = 0;

    assert_int_equal(store_write_wait(desk->store, fill_run, &act), S_OK);
    assert_int_equal(acts_count(desk, &oldest), ACTS_MAX);
    assert_int_equal(oldest, 6);
}

static enum status decide_run(struct db *db, void *arg)
{
    return act_decided(db, "refused to admit", arg, "why \"not\"");
}

static void a_decision_of_the_node_is_noted_and_cut(void **state)
{
    struct desk *desk = *state;
    char name[2 * ACT_WORDS_MAX];
    struct act found;

    assert_int_equal(store_write_wait(desk->store, decide_run, "Cairo\nforged"), S_OK);
    struct db *db = store_read_begin(desk->store);
    assert_true(act_find_before(db, 0, &found));
    store_read_end(desk->store, db);
    assert_string_equal(found.who, ACT_NODE);
    assert_string_equal(found.words, "[\"refused to admit\",\"Cairo\",\"why \\\"not\\\"\"]");
    memset(name, '"', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(store_write_wait(desk->store, decide_run, name), S_OK);
    for (size_t i = 0; i + 2 < sizeof name; i += 2) {
        memcpy(name + 1 + i, "\xd9\x85", 2); /* an Arabic letter; the cut falls within one */
    }
    assert_int_equal(store_write_wait(desk->store, decide_run, name), S_OK);
    db = store_read_begin(desk->store);
    assert_true(act_find_before(db, 0, &found));
    store_read_end(desk->store, db);
    assert_true(utf8_is_valid(bytes_text(found.words)));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_decision_of_the_node_is_noted_and_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(acts_come_back_newest_first, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_newest_are_kept, setup, teardown),
    };
    return KIT_RUN(tests);
}
