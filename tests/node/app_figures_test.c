/* A running node notes figures that can hardly be right. */
#include "node/app_figures.h"

#include "node/store/stream/doubt.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static size_t doubts_after_a_look(struct kit_store *kit, int people_max)
{
    struct config config = {.plausible_people = people_max, .late_after_h = 48};
    const struct app_options options = {
        .config = &config, .identity = &kit->identity, .federation = &kit->federation, .store = kit->store};
    struct doubt doubts[DOUBTS_MAX];
    struct app_figures figures;
    uv_loop_t loop;

    assert_int_equal(uv_loop_init(&loop), 0);
    app_figures_open(&figures, &loop, &options);
    while (figures.looks == 0) {
        uv_run(&loop, UV_RUN_ONCE);
    }
    app_figures_stop(&figures);
    assert_true(app_figures_is_idle(&figures));
    app_figures_close(&figures);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    struct db *db = store_read_begin(kit->store);
    size_t count = doubt_list(db, doubts);
    store_read_end(kit->store, db);
    return count;
}

static void what_can_hardly_be_right_is_noted_and_forgotten(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 4);
    assert_int_equal(doubts_after_a_look(&kit, 4), 0);
    assert_int_equal(doubts_after_a_look(&kit, 3), 1);
    assert_int_equal(doubts_after_a_look(&kit, 0), 0);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_can_hardly_be_right_is_noted_and_forgotten)};
    return KIT_RUN(tests);
}
