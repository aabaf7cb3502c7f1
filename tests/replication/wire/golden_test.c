/* What was once said must be understood for ever: frames of every message as an earlier version wrote them,
 * in golden.txt.
 *
 * A line is "HEX NAME": a whole frame. Lines are added, never changed. QANAT_GOLDEN_WRITE=FILE writes a frame
 * of every message as it is said today. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/wire/frame.h"
#include "replication/wire/message.h"
#include "tests/kit/kit.h"
#include "tests/replication/wire/samples.h"

enum { LINE_SIZE_MAX = 2 * FRAME_SIZE_MAX + 64, UNKNOWN_SIZE = 8 };

static struct arena arena;
static char line[LINE_SIZE_MAX];

/* One line into `frame`; false at the end of the file. */
static bool golden_next(FILE *file, char name[32], struct buffer *frame)
{
    static char hex[LINE_SIZE_MAX];
    unsigned byte;

    do {
        if (!fgets(line, sizeof line, file)) {
            return false;
        }
    } while (line[0] == '#' || sscanf(line, "%s %31[^\n]", hex, name) != 2);
    buffer_clear(frame);
    for (const char *at = hex; sscanf(at, "%2x", &byte) == 1; at += 2) {
        buffer_append_u8(frame, (uint8_t)byte);
    }
    return true;
}

static FILE *golden_open(void)
{
    char path[600];
    const char *source = getenv("QANAT_SRC");

    snprintf(path, sizeof path, "%s/tests/replication/wire/golden.txt", source ? source : ".");
    FILE *file = fopen(path, "r");
    if (!file) {
        fail_msg("%s cannot be read", path);
    }
    return file;
}

/* The body inside `frame`, said again after it was understood, is the same to the byte. */
static void check_understood(const char *name, struct bytes frame, struct bytes body)
{
    struct message message;
    struct frame again;
    struct buffer out;

    if (message_decode(frame, &arena, &message) != S_OK) {
        fail_msg("%s is not understood any more", name);
    }
    assert_string_equal(message_name(message.type), name);
    buffer_init(&out);
    assert_int_equal(message_encode(&message, &out), S_OK);
    assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &again), S_OK);
    if (!bytes_equal(again.body, body)) {
        fail_msg("%s is understood otherwise", name);
    }
    buffer_release(&out);
}

static void every_old_frame_is_understood_as_it_was_meant(void **state)
{
    FILE *file = golden_open();
    struct buffer bytes;
    char name[32];
    uint32_t seen = 0;
    (void)state;

    buffer_init(&bytes);
    while (golden_next(file, name, &bytes)) {
        struct frame frame;
        arena_clear(&arena);
        assert_int_equal(frame_decode(buffer_bytes(&bytes), &arena, &frame), S_OK);
        check_understood(name, buffer_bytes(&bytes), frame.body);
        seen |= 1U << frame.type;
    }
    for (unsigned type = MESSAGE_HELLO; strcmp(message_name(type), "?") != 0; type++) {
        if (type != MESSAGE_BUNDLE && !(seen & 1U << type)) {
            fail_msg("golden.txt has no %s: add a line with QANAT_GOLDEN_WRITE", message_name(type));
        }
    }
    buffer_release(&bytes);
    fclose(file);
}

/* Fields number 1000 and 1001, a number and some bytes: what a later version may add. */
static const uint8_t unknown[UNKNOWN_SIZE] = {0xc0, 0x3e, 0x07, 0xca, 0x3e, 0x02, 'h', 'i'};

static void fields_of_a_later_version_are_overlooked(void **state)
{
    FILE *file = golden_open();
    struct buffer bytes, body, later;
    char name[32];
    (void)state;

    buffer_init(&bytes);
    buffer_init(&body);
    buffer_init(&later);
    while (golden_next(file, name, &bytes)) {
        struct frame frame;
        arena_clear(&arena);
        assert_int_equal(frame_decode(buffer_bytes(&bytes), &arena, &frame), S_OK);
        if (frame.type == MESSAGE_BATCH) {
            continue; /* in columns of its own, with a version of its own */
        }
        buffer_clear(&body);
        buffer_clear(&later);
        buffer_append(&body, frame.body.data, frame.body.size);
        buffer_append(&body, unknown, sizeof unknown);
        assert_int_equal(frame_encode(frame.type, buffer_bytes(&body), &later), S_OK);
        check_understood(name, buffer_bytes(&later), frame.body);
    }
    buffer_release(&bytes);
    buffer_release(&body);
    buffer_release(&later);
    fclose(file);
}

static void a_message_of_a_later_version_is_known_to_be_one(void **state)
{
    struct buffer frame;
    struct message message;
    (void)state;

    buffer_init(&frame);
    assert_int_equal(frame_encode(200, bytes_of(unknown, sizeof unknown), &frame), S_OK);
    assert_int_equal(message_decode(buffer_bytes(&frame), &arena, &message), S_VERSION);
    buffer_release(&frame);
}

static void golden_write(const char *path)
{
    static struct message samples[SAMPLES_MAX];
    struct kit_random random;
    struct buffer frame;
    FILE *file = fopen(path, "w");
    struct arena room;

    arena_init(&room, SAMPLES_ARENA_SIZE);
    kit_random_seed(&random, 1);
    buffer_init(&frame);
    size_t count = samples_make(&random, false, &room, samples);
    for (size_t i = 0; file && i < count; i++) {
        buffer_clear(&frame);
        if (message_encode(&samples[i], &frame) == S_OK) {
            for (size_t k = 0; k < frame.size; k++) {
                fprintf(file, "%02x", frame.data[k]);
            }
            fprintf(file, " %s\n", message_name(samples[i].type));
        }
    }
    if (!file || fclose(file) != 0) {
        abort();
    }
    buffer_release(&frame);
    arena_release(&room);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_old_frame_is_understood_as_it_was_meant),
        cmocka_unit_test(fields_of_a_later_version_are_overlooked),
        cmocka_unit_test(a_message_of_a_later_version_is_known_to_be_one),
    };
    const char *path = getenv("QANAT_GOLDEN_WRITE");

    arena_init(&arena, 4 * MESSAGE_ARENA_SIZE);
    if (path) {
        golden_write(path);
        return 0;
    }
    return KIT_RUN(tests);
}
