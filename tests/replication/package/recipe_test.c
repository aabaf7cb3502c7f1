#include "replication/package/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static const struct recipe_entry entries[] = {
    {.gap = 40,
     .source = 1,
     .settings = {6, 15},
     .blocks = {(const uint8_t *)"\x16", 1},
     .crc = 0x11223344,
     .packed_size = 70,
     .plain_size = 100},
    {.gap = 30, .is_part = true, .source = 1, .crc = 5, .packed_size = 9, .plain_size = 20},
    {.gap = 30, .source = 0, .crc = 6, .packed_size = 50, .plain_size = 50},
};
static const struct recipe_fixup fixups[] = {
    {FIXUP_LOCAL, FIXUP_CRC | FIXUP_PACKED | FIXUP_PLAIN, 0, 10},
    {FIXUP_LOCAL, FIXUP_CRC, 1, 40},
    {FIXUP_DESCRIPTOR, FIXUP_PLAIN, 2, 104},
    {FIXUP_CENTRAL, FIXUP_OFFSET | FIXUP_CRC, 0, 120},
    {FIXUP_CENTRAL, FIXUP_OFFSET, 1, 170},
    {FIXUP_END, FIXUP_OFFSET | FIXUP_SIZE, 0, 220},
};
static const uint8_t skeleton[250];

static struct recipe sample(void)
{
    return (struct recipe){.skeleton = {skeleton, sizeof skeleton},
                           .entries = entries,
                           .entry_count = 3,
                           .fixups = fixups,
                           .fixup_count = 6,
                           .offset_base = 4};
}

static const struct member members[] = {{.size = 50}, {.size = 100}};
static const struct member parts[] = {{.size = 500}, {.size = 9}};
static const struct manifest manifest = {
    .members = members, .member_count = 2, .parts = parts, .part_count = 2};

static uint32_t number_at(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void a_recipe_comes_back_as_it_was(void **state)
{
    struct recipe recipe = sample(), back;
    struct recipe_entry checked[3];
    struct buffer out = {0}, again = {0};
    struct arena arena;
    (void)state;

    arena_init(&arena, RECIPE_ARENA_MAX);
    assert_int_equal(recipe_encode(&recipe, &out), S_OK);
    assert_int_equal(recipe_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_int_equal(recipe_check(&back, checked, &manifest), S_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(checked[i].gap, entries[i].gap);
        assert_int_equal(checked[i].is_part, entries[i].is_part);
        assert_int_equal(checked[i].source, entries[i].source);
        assert_int_equal(checked[i].crc, entries[i].crc);
        assert_int_equal(checked[i].packed_size, entries[i].packed_size);
        assert_int_equal(checked[i].plain_size, entries[i].plain_size);
        assert_int_equal(checked[i].settings.level, entries[i].settings.level);
    }
    assert_int_equal(back.fixup_count, 6);
    assert_int_equal(recipe_encode(&back, &again), S_OK);
    assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&again)));
    arena_release(&arena);
    buffer_release(&out), buffer_release(&again);
}

/* Offsets: the skeleton's own, and the streams before; they count from 4. */
static void fixups_say_what_follows_from_the_rest(void **state)
{
    struct recipe recipe = sample();
    uint8_t filled[sizeof skeleton] = {0};
    (void)state;

    assert_int_equal(recipe_fill(&recipe, filled), S_OK);
    assert_int_equal(number_at(filled + 24), 0x11223344);
    assert_int_equal(number_at(filled + 28), 70);
    assert_int_equal(number_at(filled + 32), 100);
    assert_int_equal(number_at(filled + 54), 5);
    assert_int_equal(number_at(filled + 58), 0); /* not marked */
    assert_int_equal(number_at(filled + 112), 50);
    assert_int_equal(number_at(filled + 136), 0x11223344);
    assert_int_equal(number_at(filled + 162), 10 - 4);
    assert_int_equal(number_at(filled + 212), 40 + 70 - 4);
    assert_int_equal(number_at(filled + 232), 100);                   /* of the directory: its size */
    assert_int_equal(number_at(filled + 236), 120 + 70 + 9 + 50 - 4); /* and where it begins */
}

static void a_probe_keeps_what_agrees(void **state)
{
    struct recipe recipe = sample();
    struct recipe_fixup all[6];
    uint8_t real[sizeof skeleton] = {0}, probed[sizeof skeleton];
    (void)state;

    assert_int_equal(recipe_fill(&recipe, real), S_OK);
    real[24] ^= 1; /* the crc of the first header is not that of the directory */
    memcpy(probed, real, sizeof probed);
    memcpy(all, fixups, sizeof all);
    recipe.fixups = all;
    assert_int_equal(recipe_probe(&recipe, all, probed), S_OK);
    assert_int_equal(all[0].mask, FIXUP_PACKED | FIXUP_PLAIN);
    assert_int_equal(all[5].mask, FIXUP_OFFSET | FIXUP_SIZE);
    assert_int_equal(number_at(probed + 28), 0);
    assert_int_equal(recipe_fill(&recipe, probed), S_OK);
    assert_memory_equal(probed, real, sizeof real);
}

static void what_does_not_fit_the_manifest_is_refused(void **state)
{
    struct recipe recipe = sample();
    struct recipe_entry checked[3], altered[3];
    struct manifest fewer = manifest;
    (void)state;

    fewer.member_count = 1;
    assert_int_equal(recipe_check(&recipe, checked, &fewer), S_INVALID);
    fewer = manifest;
    fewer.part_count = 1;
    assert_int_equal(recipe_check(&recipe, checked, &fewer), S_INVALID);
    memcpy(altered, entries, sizeof altered);
    altered[0].packed_size = (uint64_t)PACKAGE_SIZE_MAX;
    recipe.entries = altered;
    assert_int_equal(recipe_check(&recipe, checked, &manifest), S_TOO_LARGE);
}

static void fixups_outside_are_refused(void **state)
{
    struct recipe recipe = sample();
    struct recipe_fixup outside = {FIXUP_CENTRAL, FIXUP_OFFSET, 0, sizeof skeleton - 45};
    uint8_t filled[sizeof skeleton] = {0};
    (void)state;

    recipe.fixups = &outside;
    recipe.fixup_count = 1;
    assert_int_equal(recipe_fill(&recipe, filled), S_INVALID);
    outside.at--;
    assert_int_equal(recipe_fill(&recipe, filled), S_OK);
}

/* Each byte changed, each cut: refused or decoded, never more memory than the bound, and never a fixup
 * outside. */
static void a_hostile_recipe_stays_within_bounds(void **state)
{
    struct recipe recipe = sample(), back;
    struct buffer out = {0};
    (void)state;

    assert_int_equal(recipe_encode(&recipe, &out), S_OK);
    for (size_t at = 0; at < out.size; at++) {
        for (int change = 1; change < 256; change += 37) {
            struct arena arena;
            arena_init(&arena, 1 << 20);
            out.data[at] ^= (uint8_t)change;
            if (recipe_decode(buffer_bytes(&out), &arena, &back) == S_OK) {
                uint8_t *filled = malloc(back.skeleton.size + 1);
                struct recipe_entry *checked = malloc((back.entry_count + 1) * sizeof *checked);
                if (recipe_check(&back, checked, &manifest) == S_OK) {
                    memcpy(filled, back.skeleton.data ? back.skeleton.data : skeleton, back.skeleton.size);
                    (void)recipe_fill(&back, filled);
                }
                free(filled), free(checked);
            }
            out.data[at] ^= (uint8_t)change;
            arena_release(&arena);
        }
        struct arena arena;
        arena_init(&arena, 1 << 20);
        (void)recipe_decode(bytes_of(out.data, at), &arena, &back);
        arena_release(&arena);
    }
    buffer_release(&out);
}

static void more_entries_than_a_package_has_are_refused(void **state)
{
    static uint8_t settings[RECIPE_ENTRIES_MAX + 1];
    struct recipe recipe = {.entry_count = RECIPE_ENTRIES_MAX + 1}, back;
    struct buffer out = {0};
    struct arena arena;
    (void)state;

    assert_int_equal(recipe_encode(&recipe, &out), S_TOO_LARGE);
    assert_int_equal(out.size, 0);
    arena_init(&arena, RECIPE_ARENA_MAX);
    buffer_append_varint(&out, 9 << 3 | 2);
    buffer_append_varint(&out, sizeof settings);
    buffer_append(&out, settings, sizeof settings);
    assert_int_equal(recipe_decode(buffer_bytes(&out), &arena, &back), S_TOO_LARGE);
    arena_release(&arena);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recipe_comes_back_as_it_was),
        cmocka_unit_test(fixups_say_what_follows_from_the_rest),
        cmocka_unit_test(a_probe_keeps_what_agrees),
        cmocka_unit_test(what_does_not_fit_the_manifest_is_refused),
        cmocka_unit_test(fixups_outside_are_refused),
        cmocka_unit_test(a_hostile_recipe_stays_within_bounds),
        cmocka_unit_test(more_entries_than_a_package_has_are_refused),
    };
    return KIT_RUN(tests);
}
