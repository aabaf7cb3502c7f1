#include "replication/wire/frame.h"
#include "tests/kit/kit.h"

#include <string.h>
#include <zstd.h>

#include "tests/replication/wire/samples.h"

static struct arena arena;
static struct buffer out;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 2 * BODY_SIZE_MAX);
    buffer_init(&out);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    buffer_release(&out);
    return 0;
}

static void round_trip(struct bytes body)
{
    struct frame frame;

    buffer_clear(&out);
    arena_clear(&arena);
    assert_int_equal(frame_encode(9, body, &out), S_OK);
    assert_true(out.size <= FRAME_SIZE_MAX);
    assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &frame), S_OK);
    assert_int_equal(frame.type, 9);
    assert_true(bytes_equal(frame.body, body));
}

static void bodies_of_every_nature_come_back(void **state)
{
    static uint8_t body[BODY_SIZE_MAX];
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 1);
    round_trip(bytes_of("", 0));
    round_trip(bytes_text("x"));
    round_trip(bytes_of(body, sizeof body));
    samples_random(&random, body, 32000);
    round_trip(bytes_of(body, 127));
    round_trip(bytes_of(body, 128));
    round_trip(bytes_of(body, 32000));
}

static void a_frame_at_its_maximum_passes_and_one_more_byte_does_not(void **state)
{
    static uint8_t body[BODY_SIZE_MAX + 1];
    struct kit_random random;
    struct frame frame;
    (void)state;

    kit_random_seed(&random, 2);
    samples_random(&random, body, FRAME_SIZE_MAX);
    round_trip(bytes_of(body, FRAME_SIZE_MAX - FRAME_HEAD_MAX));
    buffer_clear(&out);
    assert_int_equal(frame_encode(1, bytes_of(body, FRAME_SIZE_MAX), &out), S_TOO_LARGE);
    assert_int_equal(out.size, 0);
    memset(body, 0, sizeof body);
    assert_int_equal(frame_encode(1, bytes_of(body, BODY_SIZE_MAX), &out), S_OK);
    assert_int_equal(frame_encode(1, bytes_of(body, BODY_SIZE_MAX + 1), &out), S_TOO_LARGE);
    assert_int_equal(frame_decode(bytes_of(body, FRAME_SIZE_MAX + 1), &arena, &frame), S_TOO_LARGE);
}

static void cuts_change_the_blocks_but_not_the_body(void **state)
{
    static uint8_t body[20000];
    static const size_t cuts[] = {0, 5000, 5000, 12000, 20000};
    struct kit_random random;
    struct frame frame;
    size_t size;
    (void)state;

    kit_random_seed(&random, 3);
    for (size_t i = 0; i < sizeof body; i++) {
        body[i] = (uint8_t)kit_random_below(&random, i < 5000 ? 3 : i < 12000 ? 20 : 256);
    }
    assert_int_equal(frame_encode_columns(5, bytes_of(body, sizeof body), cuts, 5, &out, &size), S_OK);
    assert_true(out.size <= size);
    assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &frame), S_OK);
    assert_true(bytes_equal(frame.body, bytes_of(body, sizeof body)));
}

static enum status encode_content(struct bytes body, bool is_dense)
{
    size_t start = frame_begin_content(&out);

    buffer_append(&out, body.data, body.size);
    return frame_end_content(9, start, is_dense, &out);
}

static void contents_of_every_size_become_frames_behind_others(void **state)
{
    static uint8_t body[20000];
    static const size_t sizes[] = {0, 1, 127, 128, 4096, 16383, 16384, 20000};
    struct kit_random random;
    struct frame frame;
    (void)state;

    kit_random_seed(&random, 5);
    samples_random(&random, body, sizeof body);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        buffer_clear(&out);
        buffer_append_u8(&out, 77);
        assert_int_equal(encode_content(bytes_of(body, sizes[i]), i % 2 == 0), S_OK);
        assert_int_equal(out.data[0], 77);
        assert_in_range(out.size, 1 + sizes[i], 1 + sizes[i] + FRAME_HEAD_MAX);
        assert_int_equal(frame_decode(bytes_of(out.data + 1, out.size - 1), &arena, &frame), S_OK);
        assert_true(bytes_equal(frame.body, bytes_of(body, sizes[i])));
    }
}

static void film_goes_as_it_is_and_text_is_compressed(void **state)
{
    static uint8_t body[30000];
    struct kit_random random;
    struct frame frame;
    (void)state;

    kit_random_seed(&random, 4);
    samples_random(&random, body, sizeof body);
    assert_int_equal(encode_content(bytes_of(body, sizeof body), false), S_OK);
    assert_in_range(out.size, sizeof body, sizeof body + FRAME_HEAD_MAX);
    assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &frame), S_OK);
    assert_true(bytes_equal(frame.body, bytes_of(body, sizeof body)));
    for (size_t i = 0; i < sizeof body; i++) {
        body[i] = (uint8_t)kit_random_below(&random, 64); /* six bits of eight */
    }
    buffer_clear(&out);
    assert_int_equal(encode_content(bytes_of(body, sizeof body), false), S_OK);
    assert_true(out.size < sizeof body * 8 / 10);
    assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &frame), S_OK);
    assert_true(bytes_equal(frame.body, bytes_of(body, sizeof body)));
    buffer_clear(&out);
    assert_int_equal(encode_content(bytes_of(body, sizeof body), true), S_OK); /* the caller knows better */
    assert_in_range(out.size, sizeof body, sizeof body + FRAME_HEAD_MAX);
    assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &frame), S_OK);
    assert_true(bytes_equal(frame.body, bytes_of(body, sizeof body)));
    static uint8_t large[FRAME_SIZE_MAX];
    samples_random(&random, large, sizeof large);
    buffer_clear(&out);
    assert_int_equal(encode_content(bytes_of(large, sizeof large), false), S_TOO_LARGE);
    assert_int_equal(out.size, 0);
}

static void the_head_is_checked(void **state)
{
    struct frame frame;
    (void)state;

    assert_int_equal(frame_decode(bytes_of("", 0), &arena, &frame), S_INVALID);
    assert_int_equal(frame_decode(bytes_of("\2\1\0\0", 4), &arena, &frame), S_VERSION);
    assert_int_equal(frame_decode(bytes_of("\0\1\0\0", 4), &arena, &frame), S_VERSION);
    assert_int_equal(frame_decode(bytes_of("\1\1\2\0", 4), &arena, &frame), S_INVALID);
    assert_int_equal(frame_decode(bytes_of("\1\1\0\2x", 5), &arena, &frame),
                     S_INVALID); /* shorter than declared */
    assert_int_equal(frame_decode(bytes_of("\1\1\0\1xy", 6), &arena, &frame), S_INVALID); /* trailing byte */
    assert_int_equal(frame_decode(bytes_of("\1\1\0\x81\x80\x40", 6), &arena, &frame), S_TOO_LARGE);
    assert_int_equal(frame_decode(bytes_of("\1\1\0\1x", 5), &arena, &frame), S_OK);
}

/* A frame around `packed` that declares `size`. */
static struct bytes frame_around(struct bytes packed, uint64_t size)
{
    buffer_clear(&out);
    buffer_append(&out, "\1\1\1", 3);
    buffer_append_varint(&out, size);
    buffer_append(&out, packed.data, packed.size);
    return buffer_bytes(&out);
}

static void a_bomb_is_refused_before_anything_is_allocated(void **state)
{
    enum { GIB = 1 << 30, PART = 1 << 20 };
    static uint8_t bomb[64 * 1024];
    static uint8_t zero[PART];
    struct frame frame;
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_outBuffer to = {bomb, sizeof bomb, 0};
    (void)state;

    for (int i = 0; i < GIB / PART; i++) {
        ZSTD_inBuffer from = {zero, PART, 0};
        assert_false(ZSTD_isError(
            ZSTD_compressStream2(context, &to, &from, i + 1 < GIB / PART ? ZSTD_e_continue : ZSTD_e_end)));
    }
    ZSTD_freeCCtx(context);
    assert_true(to.pos > 30 * 1024);
    struct bytes packed = bytes_of(bomb, to.pos > 32000 ? 32000 : to.pos);
    assert_int_equal(frame_decode(frame_around(packed, PART), &arena, &frame), S_INVALID);
    assert_int_equal(frame_decode(frame_around(packed, GIB), &arena, &frame), S_TOO_LARGE);
    assert_int_equal(arena.used, 0);
}

static void zstd_frames_of_another_making_are_refused(void **state)
{
    uint8_t zero[4096] = {0}, packed[4096];
    struct frame frame;
    size_t size = ZSTD_compress(packed, sizeof packed, zero, sizeof zero, 1);
    (void)state;

    assert_int_equal(frame_decode(frame_around(bytes_of(packed, size), 4096), &arena, &frame), S_OK);
    assert_int_equal(frame_decode(frame_around(bytes_of(packed, size), 4095), &arena, &frame), S_INVALID);
    assert_int_equal(frame_decode(frame_around(bytes_of(packed, size), 4097), &arena, &frame), S_INVALID);
    for (size_t cut = 0; cut < size; cut++) {
        assert_int_equal(frame_decode(frame_around(bytes_of(packed, cut), 4096), &arena, &frame), S_INVALID);
    }
    packed[size] = 0; /* a byte behind the frame */
    assert_int_equal(frame_decode(frame_around(bytes_of(packed, size + 1), 4096), &arena, &frame), S_INVALID);
    memcpy(packed + size, packed, size); /* two frames */
    assert_int_equal(frame_decode(frame_around(bytes_of(packed, 2 * size), 8192), &arena, &frame), S_INVALID);
    /* a skippable frame decodes to nothing */
    assert_int_equal(frame_decode(frame_around(bytes_of("\x50\x2a\x4d\x18\0\0\0\0", 8), 0), &arena, &frame),
                     S_INVALID);
}

static void a_window_over_the_limit_is_refused(void **state)
{
    /* Head without single-segment flag, 4-byte content size of 1, window log 10 + 13 and 10 + 14; then one
     * raw block with "x". */
    uint8_t packed[] = {0x28, 0xb5, 0x2f, 0xfd, 0x80, (ZSTD_WINDOW_LOG_MAX - 10) << 3, 1, 0, 0,
                        0,    0x09, 0,    0,    'x'};
    struct frame frame;
    (void)state;

    assert_int_equal(frame_decode(frame_around(bytes_of(packed, sizeof packed), 1), &arena, &frame), S_OK);
    packed[5] = (ZSTD_WINDOW_LOG_MAX - 9) << 3;
    assert_int_equal(frame_decode(frame_around(bytes_of(packed, sizeof packed), 1), &arena, &frame),
                     S_INVALID);
    packed[4] = 0x81; /* a dictionary id */
    assert_int_equal(frame_decode(frame_around(bytes_of(packed, sizeof packed), 1), &arena, &frame),
                     S_INVALID);
}

static void an_arena_too_small_is_a_limit_not_a_crash(void **state)
{
    static uint8_t body[BODY_SIZE_MAX];
    struct arena small;
    struct frame frame;
    (void)state;

    arena_init(&small, 4096);
    assert_int_equal(frame_encode(1, bytes_of(body, 4096), &out), S_OK);
    assert_int_equal(frame_decode(buffer_bytes(&out), &small, &frame), S_OK);
    arena_clear(&small);
    buffer_clear(&out);
    assert_int_equal(frame_encode(1, bytes_of(body, 4097), &out), S_OK);
    assert_int_equal(frame_decode(buffer_bytes(&out), &small, &frame), S_TOO_LARGE);
    arena_release(&small);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bodies_of_every_nature_come_back, begin, end),
        cmocka_unit_test_setup_teardown(a_frame_at_its_maximum_passes_and_one_more_byte_does_not, begin, end),
        cmocka_unit_test_setup_teardown(cuts_change_the_blocks_but_not_the_body, begin, end),
        cmocka_unit_test_setup_teardown(contents_of_every_size_become_frames_behind_others, begin, end),
        cmocka_unit_test_setup_teardown(film_goes_as_it_is_and_text_is_compressed, begin, end),
        cmocka_unit_test_setup_teardown(the_head_is_checked, begin, end),
        cmocka_unit_test_setup_teardown(a_bomb_is_refused_before_anything_is_allocated, begin, end),
        cmocka_unit_test_setup_teardown(zstd_frames_of_another_making_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_window_over_the_limit_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(an_arena_too_small_is_a_limit_not_a_crash, begin, end),
    };
    return KIT_RUN(tests);
}
