/* Reading: every byte that is not as it was written is found. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/bundle/file.h"
#include "replication/base/limits.h"
#include "tests/kit/kit.h"

struct fixture {
    char scratch[256];
    char path[300];
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    struct buffer bytes; /* the whole file */
    struct bundle_in in;
    struct report report;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    struct bundle_head head = {.created_ms = 5};
    struct bundle_counts counts = {.cells = 7};
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    struct identity identity;
    struct bundle_out out;

    kit_scratch_make(fixture->scratch, sizeof fixture->scratch);
    snprintf(fixture->path, sizeof fixture->path, "%s/bundle", fixture->scratch);
    identity_derive(&identity, seed);
    memcpy(fixture->public_key, identity.sign_public, sizeof fixture->public_key);
    assert_int_equal(bundle_out_open(&out, fixture->path, &head, &fixture->report), S_OK);
    assert_int_equal(bundle_out_frame(&out, bytes_text("first frame"), &fixture->report), S_OK);
    assert_int_equal(bundle_out_frame(&out, bytes_text("second"), &fixture->report), S_OK);
    assert_int_equal(
        bundle_out_finish(&out, &counts, &(struct bundle_signer){&identity, "hub"}, &fixture->report), S_OK);
    assert_int_equal(dir_read_file(fixture->path, 1 << 20, &fixture->bytes, &fixture->report), S_OK);
    assert_int_equal(fixture->bytes.size, out.size);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    buffer_release(&fixture->bytes);
    kit_scratch_remove(fixture->scratch);
    test_free(fixture);
    return 0;
}

/* Writes the first `size` bytes and opens and verifies them. */
static enum status check(struct fixture *fixture, size_t size)
{
    FILE *file = fopen(fixture->path, "wb");

    assert_int_equal(fwrite(fixture->bytes.data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    report_clear(&fixture->report);
    enum status status = bundle_in_open(&fixture->in, fixture->path, &fixture->report);
    if (status == S_OK) {
        status = bundle_in_verify(&fixture->in, &fixture->report);
        if (status == S_OK) {
            status = bundle_trailer_verify(&fixture->in.trailer, fixture->public_key);
        }
        bundle_in_close(&fixture->in);
    }
    return status;
}

static void frames_come_back_and_can_be_gone_back_to(void **state)
{
    struct fixture *fixture = *state;
    struct bundle_in *in = &fixture->in;
    struct bytes frame;
    uint64_t first, second, end;

    assert_int_equal(bundle_in_open(in, fixture->path, &fixture->report), S_OK);
    assert_int_equal(in->trailer.counts.cells, 7);
    assert_int_equal(bundle_in_verify(in, &fixture->report), S_OK);
    assert_int_equal(bundle_in_seek(in, BUNDLE_HEAD_SIZE, &fixture->report), S_OK);
    assert_int_equal(bundle_in_next(in, &frame, &first, &fixture->report), S_OK);
    assert_int_equal(first, BUNDLE_HEAD_SIZE);
    assert_true(bytes_equal(frame, bytes_text("first frame")));
    assert_int_equal(bundle_in_next(in, &frame, &second, &fixture->report), S_OK);
    assert_int_equal(bundle_in_next(in, &frame, &end, &fixture->report), S_NOT_FOUND);
    assert_int_equal(bundle_in_seek(in, second, &fixture->report), S_OK);
    assert_int_equal(bundle_in_tell(in), second);
    assert_int_equal(bundle_in_next(in, &frame, &second, &fixture->report), S_OK);
    assert_true(bytes_equal(frame, bytes_text("second")));
    bundle_in_close(in);
}

static void any_flipped_bit_is_found(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(check(fixture, fixture->bytes.size), S_OK);
    for (size_t at = 0; at < fixture->bytes.size; at++) {
        fixture->bytes.data[at] ^= (uint8_t)(1u << (at % 8));
        if (check(fixture, fixture->bytes.size) == S_OK) {
            fail_msg("byte %zu", at);
        }
        fixture->bytes.data[at] ^= (uint8_t)(1u << (at % 8));
    }
}

static void any_shorter_file_is_not_complete(void **state)
{
    struct fixture *fixture = *state;

    for (size_t size = 0; size < fixture->bytes.size; size++) {
        assert_int_equal(check(fixture, size), S_INVALID);
        assert_non_null(strstr(fixture->report.text, size < BUNDLE_HEAD_SIZE ? "not a bundle" : "cut short"));
    }
}

static void a_file_that_goes_while_it_is_taken_says_what_stays(void **state)
{
    static const uint8_t large[FRAME_SIZE_MAX]; /* more than is read ahead */
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    const struct bundle_counts counts = {.volume = 1};
    const struct bundle_head head = {.created_ms = 5};
    struct fixture *fixture = *state;
    struct identity identity;
    struct bundle_out out;
    struct bytes frame;
    uint64_t at;

    identity_derive(&identity, seed);
    assert_int_equal(bundle_out_open(&out, fixture->path, &head, &fixture->report), S_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(bundle_out_frame(&out, bytes_of(large, sizeof large), &fixture->report), S_OK);
    }
    assert_int_equal(bundle_out_finish(&out, &counts, &(struct bundle_signer){&identity, "hub"}, &fixture->report), S_OK);
    assert_int_equal(bundle_in_open(&fixture->in, fixture->path, &fixture->report), S_OK);
    assert_int_equal(bundle_in_verify(&fixture->in, &fixture->report), S_OK);
    assert_int_equal(truncate(fixture->path, BUNDLE_HEAD_SIZE + 8), 0);
    assert_int_equal(bundle_in_seek(&fixture->in, BUNDLE_HEAD_SIZE, &fixture->report), S_OK);
    assert_int_equal(bundle_in_next(&fixture->in, &frame, &at, &fixture->report), S_INVALID);
    assert_non_null(strstr(fixture->report.text, "what was taken until then stays"));
    assert_null(strstr(fixture->report.text, "nothing of it was taken"));
    bundle_in_close(&fixture->in);
}

static void what_is_no_file_is_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(bundle_in_open(&fixture->in, fixture->scratch, &fixture->report), S_INVALID);
    report_clear(&fixture->report);
    unlink(fixture->path);
    assert_int_equal(bundle_in_open(&fixture->in, fixture->path, &fixture->report), S_NOT_FOUND);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_come_back_and_can_be_gone_back_to, setup, teardown),
        cmocka_unit_test_setup_teardown(any_flipped_bit_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(any_shorter_file_is_not_complete, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_goes_while_it_is_taken_says_what_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, setup, teardown),
    };
    return KIT_RUN(tests);
}
