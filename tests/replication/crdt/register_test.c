#include "replication/crdt/register.h"
#include "tests/kit/kit.h"

enum { NOW_MS = 1000000, NODES = 6, WRITES = 40 };

static enum status fold_write(struct register_fold *fold, uint8_t node, hlc stamp, const char *content)
{
    struct id id = {{node}};
    struct buffer value;

    buffer_init(&value);
    cell_value_register(&value, stamp, bytes_text(content));
    enum status status = register_fold_add(fold, &id, buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static hlc stamp_at(uint64_t wall_ms)
{
    return wall_ms << 16;
}

static void winner_assert(const struct register_fold *fold, const char *content)
{
    assert_true(bytes_equal(register_fold_winner(fold)->content, bytes_text(content)));
}

static void the_latest_stamp_wins_and_the_loser_is_shown(void **state)
{
    const struct register_entry *rivals[2];
    struct register_fold fold;
    (void)state;

    register_fold_init(&fold, NOW_MS);
    assert_null(register_fold_winner(&fold));
    assert_int_equal(register_fold_rivals(&fold, rivals, 2), 0);
    fold_write(&fold, 1, stamp_at(500), "earlier");
    fold_write(&fold, 2, stamp_at(600), "later");
    fold_write(&fold, 3, stamp_at(400), "later"); /* agrees: no rival */
    winner_assert(&fold, "later");
    assert_int_equal(register_fold_winner(&fold)->node.b[0], 2);
    assert_int_equal(register_fold_rivals(&fold, rivals, 2), 1);
    assert_true(bytes_equal(rivals[0]->content, bytes_text("earlier")));
    assert_int_equal(rivals[0]->node.b[0], 1);
    assert_int_equal(register_fold_rivals(&fold, NULL, 0), 1);
    register_fold_release(&fold);
}

static void a_tie_goes_to_the_larger_node_id(void **state)
{
    struct register_fold fold;
    (void)state;

    register_fold_init(&fold, NOW_MS);
    fold_write(&fold, 7, stamp_at(500), "seven");
    fold_write(&fold, 6, stamp_at(500), "six");
    winner_assert(&fold, "seven");
    register_fold_release(&fold);
}

static void a_node_overwrites_itself_without_a_rival(void **state)
{
    struct register_fold fold;
    (void)state;

    register_fold_init(&fold, NOW_MS);
    fold_write(&fold, 1, stamp_at(500), "second");
    fold_write(&fold, 1, stamp_at(400), "first"); /* of an earlier incarnation */
    winner_assert(&fold, "second");
    assert_int_equal(register_fold_rivals(&fold, NULL, 0), 0);
    register_fold_release(&fold);
}

static void a_stamp_from_the_future_is_held_and_shown(void **state)
{
    const struct register_entry *rivals[1];
    struct register_fold fold;
    (void)state;

    register_fold_init(&fold, NOW_MS);
    fold_write(&fold, 1, stamp_at(NOW_MS + SKEW_MAX_MS + 1), "future");
    winner_assert(&fold, "future"); /* there is no other */
    assert_true(register_fold_winner(&fold)->is_held);
    fold_write(&fold, 1, stamp_at(10), "past");
    winner_assert(&fold, "past");
    assert_int_equal(register_fold_rivals(&fold, rivals, 1), 1);
    assert_true(bytes_equal(rivals[0]->content, bytes_text("future")));
    assert_true(rivals[0]->is_held);
    fold_write(&fold, 2, stamp_at(NOW_MS + SKEW_MAX_MS), "edge");
    winner_assert(&fold, "edge");
    register_fold_release(&fold);
}

static void merging_obeys_the_laws(void **state)
{
    struct kit_random random;
    struct register_fold parts[3], left, right;
    const struct register_entry *left_rivals[2 * NODES], *right_rivals[2 * NODES];
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 200; trial++) {
        register_fold_init(&left, NOW_MS);
        register_fold_init(&right, NOW_MS);
        for (size_t i = 0; i < 3; i++) {
            register_fold_init(&parts[i], NOW_MS);
        }
        for (unsigned i = 0; i < WRITES; i++) {
            uint8_t node = (uint8_t)kit_random_below(&random, NODES);
            char content[2] = {(char)('a' + (char)kit_random_below(&random, 4)), 0};
            hlc stamp = stamp_at(kit_random_below(&random, 8) * SKEW_MAX_MS / 4);
            fold_write(&left, node, stamp, content);
            fold_write(&parts[kit_random_below(&random, 3)], node, stamp, content);
            fold_write(&parts[kit_random_below(&random, 3)], node, stamp, content);
        }
        for (size_t i = 3; i > 0; i--) {
            register_fold_merge(&right, &parts[i - 1]);
            register_fold_merge(&right, &right);
        }
        assert_true(bytes_equal(register_fold_winner(&left)->content, register_fold_winner(&right)->content));
        size_t count = register_fold_rivals(&left, left_rivals, 2 * NODES);
        assert_int_equal(register_fold_rivals(&right, right_rivals, 2 * NODES), count);
        for (size_t i = 0; i < count; i++) {
            assert_true(id_equal(&left_rivals[i]->node, &right_rivals[i]->node));
            assert_int_equal(left_rivals[i]->stamp, right_rivals[i]->stamp);
            assert_true(bytes_equal(left_rivals[i]->content, right_rivals[i]->content));
        }
        for (size_t i = 0; i < 3; i++) {
            register_fold_release(&parts[i]);
        }
        register_fold_release(&left);
        register_fold_release(&right);
    }
}

static void malformed_values_are_refused(void **state)
{
    struct register_fold fold;
    struct id node = {{1}};
    (void)state;

    register_fold_init(&fold, UINT64_MAX);
    assert_int_equal(register_fold_add(&fold, &node, bytes_of("\x06stamp", 6)), S_INVALID);
    assert_int_equal(register_fold_add(&fold, &node, bytes_of(NULL, 0)), S_INVALID);
    assert_null(register_fold_winner(&fold));
    assert_int_equal(fold_write(&fold, 1, UINT64_MAX, ""), S_OK); /* no clock: nothing is held */
    assert_false(register_fold_winner(&fold)->is_held);
    register_fold_release(&fold);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_stamp_wins_and_the_loser_is_shown),
        cmocka_unit_test(a_tie_goes_to_the_larger_node_id),
        cmocka_unit_test(a_node_overwrites_itself_without_a_rival),
        cmocka_unit_test(a_stamp_from_the_future_is_held_and_shown),
        cmocka_unit_test(merging_obeys_the_laws),
        cmocka_unit_test(malformed_values_are_refused),
    };
    return KIT_RUN(tests);
}
