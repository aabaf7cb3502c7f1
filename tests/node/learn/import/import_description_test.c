/* The description that crosses the pipe: round trip, and every damage to it. */
#include "node/learn/import/import_description.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct import_description sample(struct course_item items[2])
{
    items[0] = (struct course_item){.id = bytes_text("i"),
                                    .title = bytes_text("دورة"),
                                    .entry = bytes_text("a.html?x"),
                                    .depth = 1,
                                    .mastery_percent = 80,
                                    .kind = bytes_text("sco")};
    items[1] = (struct course_item){.id = bytes_text("k"),
                                    .title = bytes_text("K"),
                                    .entry = bytes_text(""),
                                    .depth = COURSE_DEPTH_MAX,
                                    .mastery_percent = -1,
                                    .kind = bytes_text("heading")};
    return (struct import_description){.format = PACKAGE_CMI5,
                                       .title = bytes_text("T"),
                                       .lang = bytes_text("ar"),
                                       .entry = bytes_text("a.html"),
                                       .mastery_percent = -1,
                                       .items = items,
                                       .item_count = 2,
                                       .notes = bytes_text("odd\n")};
}

static void a_description_comes_back_as_it_was(void **state)
{
    struct course_item items[2];
    struct import_description description = sample(items), back;
    struct buffer out;
    struct arena arena;

    (void)state;
    buffer_init(&out);
    arena_init(&arena, 1 << 20);
    import_description_encode(&description, &out);
    assert_int_equal(import_description_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_int_equal(back.format, PACKAGE_CMI5);
    assert_int_equal(back.item_count, 2);
    assert_true(bytes_equal(back.items[0].title, items[0].title));
    assert_int_equal(back.items[0].mastery_percent, 80);
    assert_int_equal(back.items[1].depth, COURSE_DEPTH_MAX);
    assert_true(bytes_equal(back.notes, description.notes));
    arena_release(&arena);
    buffer_release(&out);
}

static void a_cut_or_damaged_description_is_refused_or_at_least_bounded(void **state)
{
    struct course_item items[2];
    struct import_description description = sample(items), back;
    struct buffer out;
    struct kit_random random;

    (void)state;
    buffer_init(&out);
    import_description_encode(&description, &out);
    for (size_t size = 0; size < out.size; size++) {
        struct arena arena;

        arena_init(&arena, 1 << 20);
        assert_int_not_equal(import_description_decode(bytes_of(out.data, size), &arena, &back), S_OK);
        arena_release(&arena);
    }
    kit_random_seed(&random, kit_fresh_seed());
    for (int i = 0; i < 2000; i++) {
        struct arena arena;
        size_t at = (size_t)kit_random_below(&random, out.size);
        uint8_t before = out.data[at];

        out.data[at] = (uint8_t)kit_random_u64(&random);
        arena_init(&arena, 1 << 20);
        if (import_description_decode(buffer_bytes(&out), &arena, &back) == S_OK) {
            assert_true(back.item_count <= COURSE_ITEMS_MAX && utf8_is_valid(back.title));
        }
        arena_release(&arena);
        out.data[at] = before;
    }
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_description_comes_back_as_it_was),
        cmocka_unit_test(a_cut_or_damaged_description_is_refused_or_at_least_bounded),
    };
    return KIT_RUN(tests);
}
