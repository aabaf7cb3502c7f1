#include "replication/package/manifest.h"

#include <string.h>

#include "replication/base/field.h"
#include "tests/kit/kit.h"

enum { ARENA_SIZE = 1 << 20 };

static const struct chunk chunks[] = {{.hash = {{1}}, .size = CHUNK_SIZE_MAX}, {.hash = {{2}}, .size = 5}};
static struct member members[3];
static struct course_item items[2];

static struct manifest sample(void)
{
    struct manifest manifest = {
        .format = PACKAGE_SCORM12,
        .title = bytes_text("إدارة مركز"),
        .lang = bytes_text("ar"),
        .entry = bytes_text("index.html?lang=ar"),
        .mastery_percent = 70,
        .members = members,
        .member_count = 3,
        .items = items,
        .item_count = 2,
        .original_hash = {{9, 8, 7}},
        .original_size = 123456,
    };

    members[0] = (struct member){.path = bytes_text("empty"), .media_type = bytes_text("text/plain")};
    members[1] = (struct member){.path = bytes_text("index.html"), .hash = {{4}}, .size = MEMBER_WHOLE_MAX};
    members[2] = (struct member){.path = bytes_text("media/film.mp4"),
                                 .hash = {{5}},
                                 .size = CHUNK_SIZE_MAX + 5,
                                 .media_type = bytes_text("video/mp4"),
                                 .chunks = chunks,
                                 .chunk_count = 2};
    items[0] = (struct course_item){
        .title = bytes_text("One"), .mastery_percent = -1, .kind = bytes_text("heading")};
    items[1] = (struct course_item){.id = bytes_text("i1"),
                                    .entry = bytes_text("index.html"),
                                    .depth = 1,
                                    .mastery_percent = 0,
                                    .kind = bytes_text("sco")};
    return manifest;
}

static void assert_members_equal(const struct manifest *a, const struct manifest *b)
{
    assert_int_equal(a->member_count, b->member_count);
    for (size_t i = 0; i < a->member_count; i++) {
        const struct member *x = &a->members[i], *y = &b->members[i];
        assert_true(bytes_equal(x->path, y->path));
        assert_true(bytes_equal(x->media_type, y->media_type));
        assert_true(hash_equal(&x->hash, &y->hash));
        assert_true(x->size == y->size && x->chunk_count == y->chunk_count);
        for (size_t c = 0; c < x->chunk_count; c++) {
            assert_int_equal(x->chunks[c].size, y->chunks[c].size);
            assert_true(hash_equal(&x->chunks[c].hash, &y->chunks[c].hash));
        }
    }
}

static void assert_items_equal(const struct manifest *a, const struct manifest *b)
{
    assert_int_equal(a->item_count, b->item_count);
    for (size_t i = 0; i < a->item_count; i++) {
        const struct course_item *x = &a->items[i], *y = &b->items[i];
        assert_true(bytes_equal(x->id, y->id) && bytes_equal(x->title, y->title));
        assert_true(bytes_equal(x->entry, y->entry) && bytes_equal(x->kind, y->kind));
        assert_int_equal(x->depth, y->depth);
        assert_int_equal(x->mastery_percent, y->mastery_percent);
    }
}

static void a_manifest_comes_back_as_it_was(void **state)
{
    struct manifest manifest = sample(), back;
    struct arena arena;
    struct buffer out, again;
    (void)state;

    arena_init(&arena, ARENA_SIZE);
    buffer_init(&out);
    buffer_init(&again);
    assert_int_equal(manifest_encode(&manifest, &out), S_OK);
    assert_int_equal(manifest_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_int_equal(back.format, PACKAGE_SCORM12);
    assert_true(bytes_equal(back.title, manifest.title));
    assert_true(bytes_equal(back.lang, manifest.lang));
    assert_true(bytes_equal(back.entry, manifest.entry));
    assert_int_equal(back.mastery_percent, 70);
    assert_true(hash_equal(&back.original_hash, &manifest.original_hash));
    assert_int_equal(back.original_size, 123456);
    assert_members_equal(&manifest, &back);
    assert_items_equal(&manifest, &back);
    assert_int_equal(manifest_encode(&back, &again), S_OK);
    assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&again)));
    buffer_release(&again);
    buffer_release(&out);
    arena_release(&arena);
}

static void an_empty_manifest_is_possible(void **state)
{
    struct manifest manifest = {.format = PACKAGE_PLAIN, .mastery_percent = -1}, back;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, ARENA_SIZE);
    buffer_init(&out);
    assert_int_equal(manifest_encode(&manifest, &out), S_OK);
    assert_int_equal(manifest_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_int_equal(back.mastery_percent, -1);
    assert_int_equal(back.member_count, 0);
    assert_null(manifest_find(&back, bytes_text("a")));
    buffer_release(&out);
    arena_release(&arena);
}

static void members_are_found_by_path(void **state)
{
    struct manifest manifest = sample();
    (void)state;

    for (size_t i = 0; i < manifest.member_count; i++) {
        assert_ptr_equal(manifest_find(&manifest, members[i].path), &members[i]);
    }
    assert_null(manifest_find(&manifest, bytes_text("media")));
    assert_null(manifest_find(&manifest, bytes_text("")));
    assert_null(manifest_find(&manifest, bytes_text("zzz")));
}

static void a_bad_manifest_is_not_written(void **state)
{
    struct manifest manifest = sample();
    struct buffer out;
    (void)state;

    buffer_init(&out);
    members[1].path = bytes_text("../etc/passwd");
    assert_int_equal(manifest_encode(&manifest, &out), S_INVALID);
    assert_int_equal(out.size, 0);
    buffer_release(&out);
}

static void fields_of_a_newer_version_are_passed_over(void **state)
{
    struct manifest manifest = sample(), back;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, ARENA_SIZE);
    buffer_init(&out);
    assert_int_equal(manifest_encode(&manifest, &out), S_OK);
    field_append_bytes(&out, 77, bytes_text("new"));
    field_append_number(&out, 78, 5);
    field_append_number(&out, 1, 200); /* a format this version does not know */
    assert_int_equal(manifest_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_members_equal(&manifest, &back);
    assert_string_equal(package_format_name(back.format), "?");
    buffer_release(&out);
    arena_release(&arena);
}

/* Whatever is flipped, cut off or random: an answer, no crash, nothing out of bounds (the sanitizers look).
 */
static void hostile_bytes_are_survived(void **state)
{
    struct manifest manifest = sample(), back;
    struct kit_random random;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, ARENA_SIZE);
    buffer_init(&out);
    kit_random_seed(&random, kit_fresh_seed());
    assert_int_equal(manifest_encode(&manifest, &out), S_OK);
    for (size_t size = 0; size < out.size; size++) {
        arena_clear(&arena);
        manifest_decode(bytes_of(out.data, size), &arena, &back);
    }
    for (int i = 0; i < 5000; i++) {
        size_t at = (size_t)kit_random_below(&random, out.size);
        uint8_t before = out.data[at];
        out.data[at] = (uint8_t)kit_random_u64(&random);
        arena_clear(&arena);
        enum status status = manifest_decode(buffer_bytes(&out), &arena, &back);
        assert_true(status == S_OK || status == S_INVALID || status == S_TOO_LARGE);
        out.data[at] = before;
    }
    buffer_release(&out);
    arena_release(&arena);
}

static void many_empty_parts_do_not_pass_their_limits(void **state)
{
    struct manifest back;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, 16 * ARENA_SIZE);
    buffer_init(&out);
    for (int i = 0; i < COURSE_ITEMS_MAX; i++) {
        field_append_element(&out, 7, bytes_of(NULL, 0));
    }
    field_append_number(&out, 1, PACKAGE_PLAIN);
    assert_int_equal(manifest_decode(buffer_bytes(&out), &arena, &back), S_OK);
    field_append_element(&out, 7, bytes_of(NULL, 0));
    assert_int_equal(manifest_decode(buffer_bytes(&out), &arena, &back), S_TOO_LARGE);
    buffer_clear(&out);
    for (int i = 0; i <= PACKAGE_ENTRIES_MAX; i++) {
        field_append_element(&out, 6, bytes_of(NULL, 0));
    }
    assert_int_equal(manifest_decode(buffer_bytes(&out), &arena, &back), S_TOO_LARGE);
    static const uint8_t one;
    assert_int_equal(manifest_decode(bytes_of(&one, MANIFEST_SIZE_MAX + 1), &arena, &back), S_TOO_LARGE);
    buffer_release(&out);
    arena_release(&arena);
}

static void a_full_arena_is_too_large(void **state)
{
    struct manifest manifest = sample(), back;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, 64);
    buffer_init(&out);
    assert_int_equal(manifest_encode(&manifest, &out), S_OK);
    assert_int_equal(manifest_decode(buffer_bytes(&out), &arena, &back), S_TOO_LARGE);
    buffer_release(&out);
    arena_release(&arena);
}

static void formats_have_names(void **state)
{
    (void)state;
    assert_string_equal(package_format_name(PACKAGE_PLAIN), "plain");
    assert_string_equal(package_format_name(PACKAGE_SCORM2004), "scorm2004");
    assert_string_equal(package_format_name(PACKAGE_H5P), "h5p");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_comes_back_as_it_was),
        cmocka_unit_test(an_empty_manifest_is_possible),
        cmocka_unit_test(members_are_found_by_path),
        cmocka_unit_test(a_bad_manifest_is_not_written),
        cmocka_unit_test(fields_of_a_newer_version_are_passed_over),
        cmocka_unit_test(hostile_bytes_are_survived),
        cmocka_unit_test(many_empty_parts_do_not_pass_their_limits),
        cmocka_unit_test(a_full_arena_is_too_large),
        cmocka_unit_test(formats_have_names),
    };
    return KIT_RUN(tests);
}
