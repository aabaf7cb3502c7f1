#include "replication/crdt/set.h"
#include "tests/kit/kit.h"

#include <string.h>

static struct stream_id stream_of(uint8_t node)
{
    struct stream_id stream = {.node = {{node}}, .incarnation = {{1}}, .topic = TOPIC_RESULTS};
    return stream;
}

/* Adds to `fold` what stream `node` says: its own dot, and one removed dot of another stream unless
 * `removed_node` is 0. */
static void fold_say(struct set_fold *fold, uint8_t node, const char *text, uint64_t added,
                     struct set_dot *removed)
{
    struct stream_id stream = stream_of(node);
    struct set_element element = {bytes_text(text), added, removed, removed ? 1 : 0};
    struct buffer value;

    buffer_init(&value);
    assert_int_equal(set_element_encode(&element, &value), S_OK);
    assert_int_equal(set_fold_add(fold, &stream, buffer_bytes(&value)), S_OK);
    buffer_release(&value);
}

static void what_was_seen_is_removed_and_a_concurrent_addition_survives(void **state)
{
    struct set_dot seen = {stream_of(1), 5}, dots[2];
    struct set_fold fold;
    (void)state;

    set_fold_init(&fold);
    fold_say(&fold, 1, "course", 5, NULL);
    assert_true(set_fold_has(&fold, bytes_text("course")));
    fold_say(&fold, 2, "course", 0, &seen);
    assert_false(set_fold_has(&fold, bytes_text("course")));
    fold_say(&fold, 3, "course", 2, NULL); /* unseen by the remover */
    assert_true(set_fold_has(&fold, bytes_text("course")));
    assert_int_equal(set_fold_dots(&fold, bytes_text("course"), dots, 2), 1);
    assert_int_equal(dots[0].stream.node.b[0], 3);
    assert_int_equal(dots[0].number, 2);
    fold_say(&fold, 1, "course", 6, NULL); /* added again */
    assert_int_equal(set_fold_dots(&fold, bytes_text("course"), dots, 1), 2);
    set_fold_release(&fold);
}

static void elements_come_in_byte_order(void **state)
{
    static const char *const expected[] = {"", "a", "ab", "b"};
    struct set_dot seen = {stream_of(1), 9};
    struct bytes element = {NULL, 0};
    struct set_fold fold;
    size_t count = 0;
    (void)state;

    set_fold_init(&fold);
    fold_say(&fold, 1, "b", 1, NULL);
    fold_say(&fold, 2, "a", 1, NULL);
    fold_say(&fold, 1, "a", 1, NULL);
    fold_say(&fold, 1, "aa", 9, NULL);
    fold_say(&fold, 2, "aa", 0, &seen);
    fold_say(&fold, 3, "ab", 1, NULL);
    fold_say(&fold, 3, "", 1, NULL);
    while (set_fold_next(&fold, element, &element)) {
        assert_true(count < 4 && bytes_equal(element, bytes_text(expected[count])));
        count++;
    }
    assert_int_equal(count, 4);
    set_fold_release(&fold);
}

static void a_value_comes_back(void **state)
{
    struct set_dot removed[2] = {{stream_of(1), 1}, {stream_of(2), UINT64_MAX}}, back[ELEMENT_REMOVES_MAX];
    struct set_element element = {bytes_text("element"), 77, removed, 2}, out;
    struct buffer value;
    (void)state;

    buffer_init(&value);
    assert_int_equal(set_element_encode(&element, &value), S_OK);
    assert_int_equal(set_element_decode(buffer_bytes(&value), back, &out), S_OK);
    assert_true(bytes_equal(out.element, element.element));
    assert_int_equal(out.added, 77);
    assert_int_equal(out.removed_count, 2);
    assert_int_equal(stream_id_compare(&out.removed[1].stream, &removed[1].stream), 0);
    assert_true(out.removed[1].number == UINT64_MAX);
    for (size_t size = 0; size < value.size; size++) { /* cut anywhere */
        assert_int_equal(set_element_decode(bytes_of(value.data, size), back, &out), S_INVALID);
    }
    buffer_append_u8(&value, 0);
    assert_int_equal(set_element_decode(buffer_bytes(&value), back, &out), S_INVALID);
    buffer_release(&value);
}

static void sizes_and_order_hold_at_their_edges(void **state)
{
    static uint8_t room[ELEMENT_SIZE_MAX + 1];
    static struct set_dot removed[ELEMENT_REMOVES_MAX + 1], back[ELEMENT_REMOVES_MAX];
    struct set_element out, element = {bytes_of(room, ELEMENT_SIZE_MAX), 1, removed, ELEMENT_REMOVES_MAX};
    struct buffer value;
    (void)state;

    for (size_t i = 0; i <= ELEMENT_REMOVES_MAX; i++) {
        removed[i] = (struct set_dot){stream_of((uint8_t)(i >> 8)), UINT64_MAX};
        removed[i].stream.node.b[1] = (uint8_t)i;
    }
    buffer_init(&value);
    assert_int_equal(set_element_encode(&element, &value), S_OK);
    assert_true(value.size <= CELL_VALUE_MAX);
    assert_int_equal(set_element_decode(buffer_bytes(&value), back, &out), S_OK);
    element.removed_count++;
    assert_int_equal(set_element_encode(&element, &value), S_TOO_LARGE);
    element.removed_count = 2;
    element.element.size++;
    assert_int_equal(set_element_encode(&element, &value), S_TOO_LARGE);
    element.element.size = 1;
    removed[1] = removed[0];
    assert_int_equal(set_element_encode(&element, &value), S_INVALID);
    element.removed_count = 1;
    removed[0].number = 0;
    assert_int_equal(set_element_encode(&element, &value), S_INVALID);
    buffer_release(&value);
}

static void hostile_values_are_refused(void **state)
{
    static struct set_dot back[ELEMENT_REMOVES_MAX];
    uint8_t raw[80] = {CELL_ELEMENT, 1, 'x', 0, 1, TOPIC_RELAYED_LAST + 1};
    struct set_element out;
    struct set_fold fold;
    struct stream_id stream = stream_of(1);
    (void)state;

    raw[5 + STREAM_ID_SIZE] = 1;
    assert_int_equal(set_element_decode(bytes_of(raw, 6 + STREAM_ID_SIZE), back, &out),
                     S_INVALID); /* topic */
    raw[5] = TOPIC_LAST;
    assert_int_equal(set_element_decode(bytes_of(raw, 6 + STREAM_ID_SIZE), back, &out), S_OK);
    raw[5 + STREAM_ID_SIZE] = 0;
    assert_int_equal(set_element_decode(bytes_of(raw, 6 + STREAM_ID_SIZE), back, &out),
                     S_INVALID); /* dot 0 */
    assert_int_equal(set_element_decode(bytes_of("\x07\x81\x08", 3), back, &out), S_TOO_LARGE);
    assert_int_equal(set_element_decode(bytes_of("\x07\x00\x00\x81\x02", 5), back, &out), S_TOO_LARGE);
    set_fold_init(&fold);
    assert_int_equal(set_fold_add(&fold, &stream, bytes_of("\x07\x01", 2)), S_INVALID);
    assert_int_equal(fold.count, 0);
    set_fold_release(&fold);
}

/* --- the set against its definition: in is what some addition put in and no removal saw --- */

enum { NODES = 4, ELEMENTS = 3, STEPS = 60, OPS = NODES * STEPS };

/* What one node holds of each stream: the last value of each element's cell. */
struct site {
    struct {
        uint64_t version, added;
        struct set_dot removed[NODES];
        size_t removed_count;
    } cells[NODES][ELEMENTS];
};

struct addition {
    size_t node, element;
    uint64_t number;
    bool is_removed;
};

static struct site sites[NODES];
static struct addition additions[OPS];
static size_t addition_count;

static void site_fold(const struct site *site, size_t element, struct set_fold *fold)
{
    char text[2] = {(char)('a' + (char)element), 0};
    struct buffer value;

    buffer_init(&value);
    for (size_t node = 0; node < NODES; node++) {
        struct set_element say = {bytes_text(text), site->cells[node][element].added,
                                  site->cells[node][element].removed,
                                  site->cells[node][element].removed_count};
        struct stream_id stream = stream_of((uint8_t)node);
        buffer_clear(&value);
        assert_int_equal(set_element_encode(&say, &value), S_OK);
        assert_int_equal(set_fold_add(fold, &stream, buffer_bytes(&value)), S_OK);
    }
    buffer_release(&value);
}

static void site_add(size_t node, size_t element, uint64_t number)
{
    sites[node].cells[node][element].version = number;
    sites[node].cells[node][element].added = number;
    additions[addition_count++] = (struct addition){node, element, number, false};
}

static void site_remove(size_t node, size_t element, uint64_t number)
{
    struct set_dot dots[NODES];
    struct set_fold fold;

    set_fold_init(&fold);
    site_fold(&sites[node], element, &fold);
    size_t count = set_fold_dots(&fold, bytes_of(&"abc"[element], 1), dots, NODES);
    for (size_t i = 0; i < count; i++) {
        size_t other = dots[i].stream.node.b[0];
        uint64_t seen[NODES] = {0};
        for (size_t r = 0; r < sites[node].cells[node][element].removed_count; r++) {
            struct set_dot *removed = &sites[node].cells[node][element].removed[r];
            seen[removed->stream.node.b[0]] = removed->number;
        }
        seen[other] = dots[i].number;
        sites[node].cells[node][element].removed_count = 0;
        for (size_t s = 0; s < NODES; s++) {
            if (seen[s]) {
                sites[node].cells[node][element].removed[sites[node].cells[node][element].removed_count++] =
                    (struct set_dot){stream_of((uint8_t)s), seen[s]};
            }
        }
        for (size_t a = 0; a < addition_count; a++) {
            additions[a].is_removed |= additions[a].node == other && additions[a].element == element &&
                                       additions[a].number <= dots[i].number;
        }
    }
    sites[node].cells[node][element].version = number;
    sites[node].cells[node][element].added = 0;
    set_fold_release(&fold);
}

static void site_pull(size_t to, size_t from)
{
    for (size_t node = 0; node < NODES; node++) {
        for (size_t element = 0; element < ELEMENTS; element++) {
            if (sites[from].cells[node][element].version > sites[to].cells[node][element].version) {
                sites[to].cells[node][element] = sites[from].cells[node][element];
            }
        }
    }
}

static bool truth_has(size_t element)
{
    for (size_t a = 0; a < addition_count; a++) {
        if (additions[a].element == element && !additions[a].is_removed) {
            return true;
        }
    }
    return false;
}

static void random_histories_agree_with_the_definition(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 60; trial++) {
        memset(sites, 0, sizeof sites);
        addition_count = 0;
        for (uint64_t step = 1; step <= STEPS; step++) {
            size_t node = kit_random_below(&random, NODES), element = kit_random_below(&random, ELEMENTS);
            switch (kit_random_below(&random, 4)) {
            case 0:
                site_add(node, element, step);
                break;
            case 1:
                site_remove(node, element, step);
                break;
            default:
                site_pull(node, kit_random_below(&random, NODES));
            }
        }
        for (size_t i = 0; i < NODES * NODES; i++) {
            site_pull(i % NODES, i / NODES);
        }
        for (size_t i = 0; i < NODES * ELEMENTS; i++) {
            struct set_fold fold;
            set_fold_init(&fold);
            site_fold(&sites[i % NODES], i / NODES, &fold);
            assert_int_equal(set_fold_has(&fold, bytes_of(&"abc"[i / NODES], 1)), truth_has(i / NODES));
            set_fold_release(&fold);
        }
    }
}

static void merging_obeys_the_laws(void **state)
{
    struct kit_random random;
    struct set_fold parts[3], left, right;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 100; trial++) {
        set_fold_init(&left);
        set_fold_init(&right);
        for (size_t i = 0; i < 3; i++) {
            set_fold_init(&parts[i]);
        }
        for (unsigned i = 0; i < 30; i++) {
            char text[2] = {(char)('a' + (char)kit_random_below(&random, 5)), 0};
            uint8_t node = (uint8_t)kit_random_below(&random, 4);
            uint64_t added = kit_random_below(&random, 6);
            struct set_dot removed = {stream_of((uint8_t)kit_random_below(&random, 4)),
                                      1 + kit_random_below(&random, 5)};
            fold_say(&left, node, text, added, &removed);
            fold_say(&parts[kit_random_below(&random, 3)], node, text, added, &removed);
            fold_say(&parts[kit_random_below(&random, 3)], node, text, added, &removed);
        }
        for (size_t i = 3; i > 0; i--) {
            set_fold_merge(&right, &parts[i - 1]);
            set_fold_merge(&right, &right);
        }
        assert_int_equal(left.count, right.count);
        for (size_t i = 0; i < left.count; i++) {
            assert_true(bytes_equal(left.records[i].element, right.records[i].element));
            assert_int_equal(stream_id_compare(&left.records[i].stream, &right.records[i].stream), 0);
            assert_int_equal(left.records[i].added, right.records[i].added);
            assert_int_equal(left.records[i].removed, right.records[i].removed);
        }
        for (size_t i = 0; i < 3; i++) {
            set_fold_release(&parts[i]);
        }
        set_fold_release(&left);
        set_fold_release(&right);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_seen_is_removed_and_a_concurrent_addition_survives),
        cmocka_unit_test(elements_come_in_byte_order),
        cmocka_unit_test(a_value_comes_back),
        cmocka_unit_test(sizes_and_order_hold_at_their_edges),
        cmocka_unit_test(hostile_values_are_refused),
        cmocka_unit_test(random_histories_agree_with_the_definition),
        cmocka_unit_test(merging_obeys_the_laws),
    };
    return KIT_RUN(tests);
}
