#include "replication/package/chunk_list.h"

#include <string.h>

#include "replication/base/field.h"
#include "tests/kit/kit.h"

enum { LIST_MAX = 8 };

static enum status check(const uint32_t *sizes, size_t count, uint64_t size)
{
    struct chunk chunks[LIST_MAX];
    struct chunk_list list = {.chunks = chunks, .count = count};

    memset(chunks, 0, sizeof chunks);
    for (size_t i = 0; i < count; i++) {
        chunks[i].size = sizes[i];
    }
    return chunk_list_check(&list, size);
}

static void only_large_objects_are_cut_and_their_chunks_add_up(void **state)
{
    (void)state;
    assert_int_equal(check(NULL, 0, 0), S_OK);
    assert_int_equal(check(NULL, 0, MEMBER_WHOLE_MAX), S_OK);
    assert_int_equal(check(NULL, 0, MEMBER_WHOLE_MAX + 1), S_INVALID);
    assert_int_equal(check((uint32_t[]){MEMBER_WHOLE_MAX}, 1, MEMBER_WHOLE_MAX), S_INVALID);
    assert_int_equal(check((uint32_t[]){CHUNK_SIZE_MAX, 1}, 2, CHUNK_SIZE_MAX + 1), S_OK);
    assert_int_equal(check((uint32_t[]){CHUNK_SIZE_MAX, 0}, 2, CHUNK_SIZE_MAX), S_INVALID);
    assert_int_equal(check((uint32_t[]){CHUNK_SIZE_MAX, 1}, 2, CHUNK_SIZE_MAX + 2), S_INVALID);
    assert_int_equal(check((uint32_t[]){CHUNK_SIZE_MAX + 1}, 1, CHUNK_SIZE_MAX + 1), S_INVALID);
    assert_int_equal(check((uint32_t[]){CHUNK_SIZE_MIN, CHUNK_SIZE_MAX}, 2, CHUNK_SIZE_MIN + CHUNK_SIZE_MAX),
                     S_OK);
    assert_int_equal(
        check((uint32_t[]){CHUNK_SIZE_MIN - 1, CHUNK_SIZE_MAX}, 2, CHUNK_SIZE_MIN - 1 + CHUNK_SIZE_MAX),
        S_INVALID);
}

static void a_list_comes_back_from_its_fields(void **state)
{
    struct chunk chunks[2] = {{.hash = {{1}}, .size = 70000}, {.hash = {{2}}, .size = 1}};
    struct chunk_list list = {.chunks = chunks, .count = 2}, back;
    struct field hashes, sizes;
    struct arena arena;
    struct buffer out;
    (void)state;

    buffer_init(&out);
    arena_init(&arena, 4096);
    chunk_list_append(&list, 5, 6, &out);
    struct bytes in = buffer_bytes(&out);
    assert_true(field_take(&in, &hashes) && field_take(&in, &sizes));
    assert_int_equal(chunk_list_decode(hashes.bytes, sizes.bytes, &arena, &back), S_OK);
    assert_int_equal(back.count, 2);
    assert_int_equal(back.chunks[0].size, 70000);
    assert_true(hash_equal(&back.chunks[1].hash, &chunks[1].hash));
    list.count = 0;
    buffer_clear(&out);
    chunk_list_append(&list, 5, 6, &out);
    assert_int_equal(out.size, 0);
    arena_release(&arena);
    buffer_release(&out);
}

static void lists_that_do_not_match_are_refused(void **state)
{
    static const uint8_t hashes[64], sizes[] = {1, 1, 1}, large[] = {0x81, 0x80, 0x40};
    struct chunk_list out;
    struct arena arena;
    (void)state;

    arena_init(&arena, 100);
    assert_int_equal(chunk_list_decode(bytes_of(hashes, 64), bytes_of(sizes, 2), &arena, &out), S_OK);
    assert_int_equal(chunk_list_decode(bytes_of(hashes, 64), bytes_of(sizes, 2), &arena, &out), S_TOO_LARGE);
    arena_clear(&arena);
    assert_int_equal(chunk_list_decode(bytes_of(hashes, 63), bytes_of(sizes, 2), &arena, &out), S_INVALID);
    assert_int_equal(chunk_list_decode(bytes_of(hashes, 64), bytes_of(sizes, 3), &arena, &out), S_INVALID);
    arena_clear(&arena);
    assert_int_equal(chunk_list_decode(bytes_of(hashes, 64), bytes_of(sizes, 1), &arena, &out), S_INVALID);
    arena_clear(&arena);
    assert_int_equal(chunk_list_decode(bytes_of(hashes, 32), bytes_of(large, 3), &arena, &out), S_INVALID);
    assert_int_equal(chunk_list_decode(bytes_of(NULL, 0), bytes_of(sizes, 1), &arena, &out), S_INVALID);
    assert_int_equal(chunk_list_decode(bytes_of(NULL, 0), bytes_of(NULL, 0), &arena, &out), S_OK);
    arena_release(&arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_large_objects_are_cut_and_their_chunks_add_up),
        cmocka_unit_test(a_list_comes_back_from_its_fields),
        cmocka_unit_test(lists_that_do_not_match_are_refused),
    };
    return KIT_RUN(tests);
}
