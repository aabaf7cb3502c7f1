#include "replication/package/catalogue.h"

#include <string.h>

#include "replication/base/field.h"
#include "tests/kit/kit.h"

enum { CHUNKS = 700 };

static struct chunk chunks[CHUNKS];

static struct catalogue_entry sample(void)
{
    return (struct catalogue_entry){
        .course = bytes_text("centre-basics"),
        .lang = bytes_text("fr"),
        .version = bytes_text("1.2.0"),
        .title = bytes_text("Gérer un centre"),
        .series = bytes_text("Operations"),
        .localises = bytes_text("centre-basics"),
        .format = PACKAGE_SCORM12,
        .manifest = {{1, 2, 3}},
        .manifest_size = 900,
        .size = 5000000,
        .member_count = 17,
        .published_ms = 1700000000000,
        .is_withdrawn = true,
    };
}

static void an_entry_comes_back_as_it_was(void **state)
{
    struct catalogue_entry entry = sample(), back;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, 4096);
    buffer_init(&out);
    assert_int_equal(catalogue_encode(&entry, &out), S_OK);
    field_append_bytes(&out, 90, bytes_text("newer"));
    assert_int_equal(catalogue_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_true(bytes_equal(back.course, entry.course) && bytes_equal(back.lang, entry.lang));
    assert_true(bytes_equal(back.version, entry.version) && bytes_equal(back.title, entry.title));
    assert_true(bytes_equal(back.series, entry.series) && bytes_equal(back.localises, entry.localises));
    assert_true(hash_equal(&back.manifest, &entry.manifest));
    assert_int_equal(back.format, PACKAGE_SCORM12);
    assert_int_equal(back.manifest_size, 900);
    assert_int_equal(back.manifest_chunk_count, 0);
    assert_int_equal(back.size, 5000000);
    assert_int_equal(back.member_count, 17);
    assert_int_equal(back.published_ms, 1700000000000);
    assert_true(back.is_withdrawn);
    buffer_release(&out);
    arena_release(&arena);
}

static void a_large_manifest_brings_its_chunks_as_far_as_a_cell_holds(void **state)
{
    struct catalogue_entry entry = sample(), back;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, 65536);
    buffer_init(&out);
    for (size_t i = 0; i < CHUNKS; i++) {
        chunks[i] = (struct chunk){.hash = {{(uint8_t)i}}, .size = CHUNK_SIZE_MIN};
    }
    entry.manifest_chunks = chunks;
    entry.manifest_chunk_count = 400;
    entry.manifest_size = 400ULL * CHUNK_SIZE_MIN;
    assert_int_equal(catalogue_encode(&entry, &out), S_OK);
    assert_true(out.size <= CELL_VALUE_MAX);
    assert_int_equal(catalogue_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_int_equal(back.manifest_chunk_count, 400);
    assert_true(hash_equal(&back.manifest_chunks[399].hash, &chunks[399].hash));
    entry.manifest_size--;
    assert_int_equal(catalogue_encode(&entry, &out), S_INVALID);
    entry.manifest_chunk_count = CHUNKS;
    entry.manifest_size = (uint64_t)CHUNKS * CHUNK_SIZE_MIN;
    buffer_clear(&out);
    assert_int_equal(catalogue_encode(&entry, &out), S_TOO_LARGE);
    assert_int_equal(out.size, 0);
    buffer_release(&out);
    arena_release(&arena);
}

static void the_key_names_course_language_and_version(void **state)
{
    struct catalogue_entry entry = sample();
    struct bytes segments[KEY_SEGMENTS_MAX];
    struct buffer key;
    (void)state;

    buffer_init(&key);
    assert_int_equal(catalogue_key(&entry, &key), S_OK);
    assert_int_equal(cell_key_split(buffer_bytes(&key), segments, KEY_SEGMENTS_MAX), 4);
    assert_true(bytes_equal(segments[0], bytes_text("course")));
    assert_true(bytes_equal(segments[1], entry.course));
    assert_true(bytes_equal(segments[2], entry.lang));
    assert_true(bytes_equal(segments[3], entry.version));
    entry.course = bytes_text("a\x1f"
                              "b");
    assert_int_equal(catalogue_key(&entry, &key), S_INVALID);
    entry.course = bytes_text("");
    assert_int_equal(catalogue_key(&entry, &key), S_INVALID);
    buffer_release(&key);
}

static void edge(struct catalogue_entry *entry, struct bytes *place, size_t size_max)
{
    static char text[2048];
    struct bytes before = *place;
    struct buffer out;

    buffer_init(&out);
    memset(text, 'x', sizeof text);
    *place = bytes_of(text, size_max);
    assert_int_equal(catalogue_encode(entry, &out), S_OK);
    *place = bytes_of(text, size_max + 1);
    assert_int_equal(catalogue_encode(entry, &out), S_TOO_LARGE);
    *place = bytes_of("\xff", 1);
    assert_int_equal(catalogue_encode(entry, &out), S_INVALID);
    *place = before;
    buffer_release(&out);
}

static void limits_hold_at_their_edges(void **state)
{
    struct catalogue_entry entry = sample();
    struct buffer out;
    (void)state;

    buffer_init(&out);
    edge(&entry, &entry.course, COURSE_ID_MAX);
    edge(&entry, &entry.localises, COURSE_ID_MAX);
    edge(&entry, &entry.version, VERSION_MAX);
    edge(&entry, &entry.title, COURSE_TEXT_MAX);
    edge(&entry, &entry.series, COURSE_TEXT_MAX);
    entry.size = (uint64_t)PACKAGE_SIZE_MAX;
    entry.member_count = PACKAGE_ENTRIES_MAX;
    assert_int_equal(catalogue_encode(&entry, &out), S_OK);
    entry.size++;
    assert_int_equal(catalogue_encode(&entry, &out), S_TOO_LARGE);
    entry = sample();
    entry.member_count = PACKAGE_ENTRIES_MAX + 1;
    assert_int_equal(catalogue_encode(&entry, &out), S_TOO_LARGE);
    entry = sample();
    entry.lang = bytes_text("not a tag");
    assert_int_equal(catalogue_encode(&entry, &out), S_INVALID);
    entry = sample();
    entry.format = (enum package_format)0;
    assert_int_equal(catalogue_encode(&entry, &out), S_INVALID);
    buffer_release(&out);
}

static void hostile_bytes_are_survived(void **state)
{
    static uint8_t big[CELL_VALUE_MAX + 1];
    struct catalogue_entry entry = sample(), back;
    struct kit_random random;
    struct arena arena;
    struct buffer out;
    (void)state;

    arena_init(&arena, 4096);
    buffer_init(&out);
    kit_random_seed(&random, kit_fresh_seed());
    assert_int_equal(catalogue_decode(bytes_of(big, sizeof big), &arena, &back), S_TOO_LARGE);
    assert_int_equal(catalogue_decode(bytes_of(NULL, 0), &arena, &back), S_INVALID);
    assert_int_equal(catalogue_encode(&entry, &out), S_OK);
    for (int i = 0; i < 3000; i++) {
        size_t at = (size_t)kit_random_below(&random, out.size);
        uint8_t before = out.data[at];
        out.data[at] = (uint8_t)kit_random_u64(&random);
        arena_clear(&arena);
        catalogue_decode(bytes_of(out.data, (size_t)kit_random_below(&random, out.size + 1)), &arena, &back);
        catalogue_decode(buffer_bytes(&out), &arena, &back);
        out.data[at] = before;
    }
    buffer_release(&out);
    arena_release(&arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_comes_back_as_it_was),
        cmocka_unit_test(a_large_manifest_brings_its_chunks_as_far_as_a_cell_holds),
        cmocka_unit_test(the_key_names_course_language_and_version),
        cmocka_unit_test(limits_hold_at_their_edges),
        cmocka_unit_test(hostile_bytes_are_survived),
    };
    return KIT_RUN(tests);
}
