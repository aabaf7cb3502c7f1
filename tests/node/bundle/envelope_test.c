/* Sealed frames: read by those named, by nobody else, and never altered unnoticed. */
#include "node/bundle/envelope.h"

#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

struct fixture {
    struct identity identities[3];
    struct roster_node nodes[3];
    struct envelope sender;
    struct buffer note, sealed, opened;
};

static int setup(void **state)
{
    static struct fixture fixture;
    const struct roster_node *named[2];

    memset(&fixture, 0, sizeof fixture);
    for (uint8_t i = 0; i < 3; i++) {
        const uint8_t seed[IDENTITY_SEED_SIZE] = {i, 1};

        identity_derive(&fixture.identities[i], seed);
        fixture.nodes[i].node = fixture.identities[i].node;
        memcpy(fixture.nodes[i].curve_public, fixture.identities[i].curve_public, CURVE_PUBLIC_SIZE);
    }
    named[0] = &fixture.nodes[0];
    named[1] = &fixture.nodes[1];
    buffer_init(&fixture.note);
    buffer_init(&fixture.sealed);
    buffer_init(&fixture.opened);
    envelope_begin(&fixture.sender);
    assert_int_equal(envelope_note_encode(&fixture.sender, named, 2, 7, &fixture.note), S_OK);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    buffer_release(&fixture->note);
    buffer_release(&fixture->sealed);
    buffer_release(&fixture->opened);
    return 0;
}

static void those_named_read_and_others_do_not(void **state)
{
    struct fixture *fixture = *state;
    uint32_t streams;

    for (int i = 0; i < 3; i++) {
        struct envelope reader = {.is_open = false};
        enum status status =
            envelope_note_open(&reader, buffer_bytes(&fixture->note), &fixture->identities[i], &streams);

        assert_int_equal(status, i < 2 ? S_OK : S_DENIED);
        assert_int_equal(streams, 7);
        assert_true(reader.is_open == (i < 2));
        for (int frame = 0; frame < 2 && reader.is_open; frame++) {
            envelope_seal(&fixture->sender, bytes_text("results"), &fixture->sealed);
            assert_int_equal(fixture->sealed.size, 7 + ENVELOPE_OVERHEAD);
            assert_int_equal(envelope_open(&reader, buffer_bytes(&fixture->sealed), &fixture->opened), S_OK);
            assert_true(bytes_equal(buffer_bytes(&fixture->opened), bytes_text("results")));
        }
    }
}

static void one_altered_bit_is_noticed(void **state)
{
    struct fixture *fixture = *state;

    envelope_seal(&fixture->sender, bytes_text("results"), &fixture->sealed);
    for (size_t i = 0; i < fixture->sealed.size; i++) {
        fixture->sealed.data[i] ^= 1;
        assert_int_equal(envelope_open(&fixture->sender, buffer_bytes(&fixture->sealed), &fixture->opened),
                         S_INVALID);
        fixture->sealed.data[i] ^= 1;
    }
    for (size_t size = 0; size < fixture->sealed.size; size++) {
        assert_int_equal(
            envelope_open(&fixture->sender, bytes_of(fixture->sealed.data, size), &fixture->opened),
            S_INVALID);
    }
}

static void a_note_of_another_size_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct envelope reader = {.is_open = false};
    uint32_t streams;

    for (size_t size = 0; size < fixture->note.size; size++) {
        assert_int_equal(envelope_note_open(&reader, bytes_of(fixture->note.data, size),
                                            &fixture->identities[0], &streams),
                         S_INVALID);
    }
    fixture->note.data[5 + 16] ^= 1; /* the box of the first */
    assert_int_equal(
        envelope_note_open(&reader, buffer_bytes(&fixture->note), &fixture->identities[0], &streams),
        S_INVALID);
    assert_false(reader.is_open);
}

static void the_largest_frame_fits_a_part(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t frame[FRAME_SIZE_MAX];

    envelope_seal(&fixture->sender, bytes_of(frame, sizeof frame), &fixture->sealed);
    assert_true(fixture->sealed.size <= FRAME_SIZE_MAX + 64);
    assert_int_equal(envelope_open(&fixture->sender, buffer_bytes(&fixture->sealed), &fixture->opened), S_OK);
    assert_int_equal(fixture->opened.size, sizeof frame);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_named_read_and_others_do_not, setup, teardown),
        cmocka_unit_test_setup_teardown(one_altered_bit_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_note_of_another_size_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_largest_frame_fits_a_part, setup, teardown),
    };
    return KIT_RUN(tests);
}
