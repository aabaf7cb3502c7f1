/* What a session sees of course content. */
#include "node/link/supply.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static const struct id peer = {{1}};

struct desk {
    struct kit_store kit;
    uv_loop_t loop;
    struct link_content content;
    struct session_context context;
    const struct hash *offered;
};

static bool is_offered(void *ctx, struct db *db, const struct roster *roster, const struct hash *object)
{
    const struct desk *desk = ctx;

    assert_non_null(db);
    assert_non_null(roster);
    return hash_equal(object, desk->offered);
}

static int setup(void **state)
{
    static struct desk desk;
    struct report report = {.status = S_OK};

    memset(&desk, 0, sizeof desk);
    kit_store_open(&desk.kit);
    assert_int_equal(uv_loop_init(&desk.loop), 0);
    desk.content = (struct link_content){.ctx = &desk, .is_offered = is_offered};
    desk.context = (struct session_context){
        .loop = &desk.loop,
        .store = desk.kit.store,
        .members = members_open(desk.kit.store, &desk.kit.federation, &report),
        .gate = gate_new(&desk.loop, desk.kit.store),
        .content = &desk.content,
    };
    assert_non_null(desk.context.members);
    *state = &desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    gate_stop(desk->context.gate);
    gate_free(desk->context.gate);
    uv_run(&desk->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&desk->loop), 0);
    members_close(desk->context.members);
    kit_store_close(&desk->kit);
    return 0;
}

static enum status add_run(struct db *db, void *text)
{
    struct window window;
    int64_t id;

    assert_int_equal(window_parse(text, &window, NULL), S_OK);
    return window_row_add(db, &peer, &window, &id);
}

static void courses_pass_when_the_window_lets_them(void **state)
{
    struct desk *desk = *state;
    char text[] = "00:00-24:00 for results";

    assert_ptr_equal(supply_objects(&desk->context, &peer), &desk->content.read);
    assert_int_equal(store_write_wait(desk->kit.store, add_run, text), S_OK);
    assert_true(gate_refresh(desk->context.gate));
    assert_null(supply_objects(&desk->context, &peer));
}

static void a_node_without_content_has_none(void **state)
{
    struct desk *desk = *state;
    struct hash object = {{1}};

    desk->offered = &object;
    assert_true(supply_is_offered(&desk->context, &object));
    desk->context.content = NULL;
    assert_null(supply_objects(&desk->context, &peer));
    assert_false(supply_is_offered(&desk->context, &object));
}

static void what_the_courses_do_not_offer_is_not_fetched_for_others(void **state)
{
    struct desk *desk = *state;
    struct hash mine = {{1}}, foreign = {{2}};

    desk->offered = &mine;
    assert_true(supply_is_offered(&desk->context, &mine));
    assert_false(supply_is_offered(&desk->context, &foreign));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(courses_pass_when_the_window_lets_them, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_without_content_has_none, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_courses_do_not_offer_is_not_fetched_for_others, setup,
                                        teardown),
    };
    return KIT_RUN(tests);
}
