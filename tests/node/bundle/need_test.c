#include "node/bundle/need.h"

#include "node/bundle/parcel.h"
#include "node/bundle/select.h"
#include "tests/kit/kit.h"

enum { MANIFEST_SIZE = 500, LARGE_SIZE = 100000, SMALL_SIZE = 40000 };

static void add(struct buffer *objects, uint8_t first, uint64_t size)
{
    const struct selected_object selected = {.object = {{first}}, .size = size};

    buffer_append(objects, &selected, sizeof selected);
}

/* A manifest, a small one, the large one, a small one. */
static void objects_make(struct buffer *objects)
{
    buffer_init(objects);
    add(objects, 1, MANIFEST_SIZE);
    add(objects, 2, SMALL_SIZE);
    add(objects, 3, LARGE_SIZE);
    add(objects, 4, SMALL_SIZE);
}

static uint64_t needed(const struct seen *seen, const struct inventory *inventory, uint64_t room)
{
    struct need need = {.seen = seen, .inventory = inventory, .room = room};
    struct buffer objects;

    objects_make(&objects);
    need_add(&need, &objects);
    buffer_release(&objects);
    return need.size;
}

static void the_largest_stands_behind_its_manifest(void **state)
{
    struct seen seen = {.slots = NULL};
    struct need need = {.seen = &seen, .room = UINT64_MAX};
    struct buffer none;
    (void)state;

    buffer_init(&none);
    need_add(&need, &none);
    assert_int_equal(need.size, 0);
    buffer_release(&none);
    assert_int_equal(needed(&seen, NULL, UINT64_MAX), parcel_cost(MANIFEST_SIZE) + parcel_cost(LARGE_SIZE));
}

static void what_is_held_or_was_written_needs_nothing(void **state)
{
    struct id held[] = {{{3}}};
    const struct inventory inventory = {.held = held, .held_count = 1};
    struct seen seen = {.slots = NULL};
    (void)state;

    assert_int_equal(needed(&seen, &inventory, UINT64_MAX), parcel_cost(MANIFEST_SIZE) + parcel_cost(SMALL_SIZE));
    assert_true(seen_add(&seen, &(struct hash){{3}}));
    assert_int_equal(needed(&seen, NULL, UINT64_MAX), parcel_cost(MANIFEST_SIZE) + parcel_cost(SMALL_SIZE));
    for (uint8_t i = 1; i <= 4; i++) {
        (void)seen_add(&seen, &(struct hash){{i}});
    }
    assert_int_equal(needed(&seen, NULL, UINT64_MAX), 0);
    seen_release(&seen);
}

static void what_has_no_room_left_is_not_asked_for(void **state)
{
    const uint64_t before = parcel_cost(MANIFEST_SIZE) + parcel_cost(SMALL_SIZE), all = before + parcel_cost(LARGE_SIZE);
    struct seen seen = {.slots = NULL};
    (void)state;

    assert_int_equal(needed(&seen, NULL, 0), 0);
    assert_int_equal(needed(&seen, NULL, before + 1), before);
    assert_int_equal(needed(&seen, NULL, all), before);
    assert_int_equal(needed(&seen, NULL, all + 1), parcel_cost(MANIFEST_SIZE) + parcel_cost(LARGE_SIZE));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_stands_behind_its_manifest),
        cmocka_unit_test(what_is_held_or_was_written_needs_nothing),
        cmocka_unit_test(what_has_no_room_left_is_not_asked_for),
    };
    return KIT_RUN(tests);
}
