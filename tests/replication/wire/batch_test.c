#include "replication/wire/batch.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

#include "replication/wire/message.h"
#include "tests/replication/wire/batches.h"
#include "tests/replication/wire/samples.h"

static struct arena made, arena, frames;
static struct buffer out;

static int begin(void **state)
{
    (void)state;
    arena_init(&made, 64 * 1024 * 1024);
    arena_init(&arena, BATCH_ARENA_SIZE);
    arena_init(&frames, MESSAGE_ARENA_SIZE);
    buffer_init(&out);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&made);
    arena_release(&arena);
    arena_release(&frames);
    buffer_release(&out);
    return 0;
}

/* Sends `batch` frame by frame and checks that the frames bring exactly its cells; the number of frames. */
static size_t send_all(const struct batch *batch, size_t *bytes_out)
{
    struct batch left = *batch, back;
    struct message message;
    size_t guess = 0, taken, count = 0;

    *bytes_out = 0;
    do {
        buffer_clear(&out);
        arena_clear(&frames);
        arena_clear(&arena);
        assert_int_equal(batch_frame(&left, &guess, &out, &taken), S_OK);
        assert_true(out.size <= FRAME_SIZE_MAX);
        assert_true(taken > 0 || left.count == 0);
        assert_int_equal(message_decode(buffer_bytes(&out), &frames, &message), S_OK);
        assert_int_equal(message.type, MESSAGE_BATCH);
        assert_int_equal(batch_decode(message.batch_body, &arena, &back), S_OK);
        struct batch part = left;
        part.count = taken;
        part.has_certificate = left.has_certificate && taken == left.count;
        batches_assert_equal(&back, &part);
        *bytes_out += out.size;
        count++;
        left.after_seq = taken ? left.cells[taken - 1].seq : left.after_seq;
        left.cells += taken;
        left.count -= taken;
    } while (left.count > 0);
    return count;
}

static void a_delta_goes_out_in_full_frames_and_the_certificate_last(void **state)
{
    struct kit_random random;
    size_t bytes;
    (void)state;

    kit_random_seed(&random, 1);
    struct batch batch = batches_results(&random, 100000, &made);
    size_t count = send_all(&batch, &bytes);
    printf("# %zu frames, %.2f bytes a cell\n", count, (double)bytes / 100000);
    assert_true(count <= 5);
    assert_true(bytes <= 100000); /* 64 values in 6 bits: a floor of 0.75 byte a cell */
}

static void few_changed_cells_stay_below_eight_bytes_each(void **state)
{
    static struct cell changed[1000];
    struct kit_random random;
    size_t bytes;
    (void)state;

    kit_random_seed(&random, 2);
    struct batch batch = batches_results(&random, 50000, &made);
    batch.after_seq = 50000;
    for (size_t i = 0; i < 500; i++) {
        changed[i] = batch.cells[100 * i + kit_random_below(&random, 100)];
        changed[i].seq = 50001 + i;
    }
    batch.cells = changed;
    batch.count = 500;
    batch.certificate.head.seq = 50500;
    assert_int_equal(send_all(&batch, &bytes), 1);
    assert_true(bytes <= 500 * 8);
}

static void odd_cells_of_any_size_never_fail(void **state)
{
    struct kit_random random;
    size_t bytes;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (size_t round = 0; round < 10; round++) {
        arena_clear(&made);
        struct batch batch = batches_odd(&random, 200, round % 2 ? CELL_VALUE_MAX : 300, &made);
        send_all(&batch, &bytes);
    }
}

static void the_largest_incompressible_cell_fits_a_frame(void **state)
{
    static uint8_t key[CELL_KEY_MAX], value[CELL_VALUE_MAX];
    struct kit_random random;
    size_t bytes;
    (void)state;

    kit_random_seed(&random, 3);
    samples_random(&random, key, sizeof key);
    samples_random(&random, value, sizeof value);
    struct batch batch = batches_results(&random, 3, &made);
    struct cell cells[3];
    for (size_t i = 0; i < 3; i++) {
        cells[i] = (struct cell){
            .seq = SEQ_MAX - 2 + i, .key = bytes_of(key, sizeof key), .value = bytes_of(value, sizeof value)};
    }
    batch.cells = cells;
    batch.after_seq = SEQ_MAX - 3;
    batch.certificate.head.seq = SEQ_MAX;
    send_all(&batch, &bytes);
}

/* 65,536 cells that compress to nothing: the bound on a decoder's memory ends the frame, not its size. */
static void cells_that_compress_to_nothing_still_end_a_frame(void **state)
{
    static uint8_t key[CELL_KEY_MAX];
    static struct cell cells[BATCH_CELLS_MAX];
    struct batch batch = {.cells = cells, .count = BATCH_CELLS_MAX};
    size_t bytes;
    (void)state;

    memset(key, 'k', sizeof key);
    for (size_t i = 0; i < BATCH_CELLS_MAX; i++) {
        cells[i] =
            (struct cell){.seq = i + 1, .key = bytes_of(key, sizeof key), .value = bytes_of("\1\2", 2)};
    }
    batch.stream.topic = TOPIC_RESULTS;
    assert_true(send_all(&batch, &bytes) < 12);
}

static void a_wild_guess_is_corrected(void **state)
{
    struct kit_random random;
    size_t guesses[] = {1, SIZE_MAX / 2, 100000, 7}, taken;
    (void)state;

    kit_random_seed(&random, 4);
    struct batch batch = batches_results(&random, 60000, &made);
    for (size_t i = 0; i < 4; i++) {
        buffer_clear(&out);
        assert_int_equal(batch_frame(&batch, &guesses[i], &out, &taken), S_OK);
        assert_true(taken > 10000);
        assert_true(guesses[i] > 10000 && guesses[i] <= BATCH_CELLS_MAX);
    }
}

static void a_malformed_cell_is_refused_not_skipped(void **state)
{
    struct cell cell = {.seq = 1, .key = bytes_text("k"), .value = bytes_of("", 0)};
    struct batch batch = {.cells = &cell, .count = 1};
    size_t guess = 0, taken;
    (void)state;

    batch.stream.topic = TOPIC_RESULTS;
    assert_int_equal(batch_frame(&batch, &guess, &out, &taken), S_INVALID);
    assert_int_equal(out.size, 0);
}

static void a_certificate_travels_alone_when_no_cell_is_left(void **state)
{
    struct kit_random random;
    size_t bytes;
    (void)state;

    kit_random_seed(&random, 5);
    struct batch batch = batches_results(&random, 0, &made);
    assert_int_equal(send_all(&batch, &bytes), 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_delta_goes_out_in_full_frames_and_the_certificate_last, begin, end),
        cmocka_unit_test_setup_teardown(few_changed_cells_stay_below_eight_bytes_each, begin, end),
        cmocka_unit_test_setup_teardown(odd_cells_of_any_size_never_fail, begin, end),
        cmocka_unit_test_setup_teardown(the_largest_incompressible_cell_fits_a_frame, begin, end),
        cmocka_unit_test_setup_teardown(cells_that_compress_to_nothing_still_end_a_frame, begin, end),
        cmocka_unit_test_setup_teardown(a_wild_guess_is_corrected, begin, end),
        cmocka_unit_test_setup_teardown(a_malformed_cell_is_refused_not_skipped, begin, end),
        cmocka_unit_test_setup_teardown(a_certificate_travels_alone_when_no_cell_is_left, begin, end),
    };
    return KIT_RUN(tests);
}
