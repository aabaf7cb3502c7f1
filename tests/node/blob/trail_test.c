/* The hash of a file that grows, and when it counts. */
#include "node/blob/trail.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/kit/kit.h"

enum { SIZE = 3 * TRAIL_STEP + 77777 };

struct fixture {
    struct trail trail; /* aligned as libsodium wants it */
    struct hash name;
    uint8_t *data;
    int fd;
};

static struct fixture fixture;

static int file_new(void)
{
    char path[] = "/tmp/qanat-trail-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

static void grow(int fd, uint64_t from, uint64_t to)
{
    assert_int_equal(pwrite(fd, fixture.data + from, to - from, (off_t)from), to - from);
}

static int setup(void **state)
{
    (void)state;
    fixture.data = malloc(SIZE);
    assert_non_null(fixture.data);
    for (size_t i = 0; i < SIZE; i++) {
        fixture.data[i] = (uint8_t)(i * i >> 7);
    }
    fixture.name = hash_of(bytes_of(NULL, 0), bytes_of(fixture.data, SIZE));
    fixture.fd = file_new();
    trail_begin(&fixture.trail, &fixture.name, fixture.fd);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(fixture.fd);
    free(fixture.data);
    return 0;
}

static void what_was_read_while_it_grew_is_its_hash(void **state)
{
    (void)state;

    grow(fixture.fd, 0, 100000);
    trail_advance(&fixture.trail, fixture.fd, 100000);
    assert_int_equal(fixture.trail.offset, 100000);
    grow(fixture.fd, 100000, SIZE);
    trail_advance(&fixture.trail, fixture.fd, SIZE); /* a step at a time */
    assert_int_equal(fixture.trail.offset, 100000 + TRAIL_STEP);
    trail_advance(&fixture.trail, fixture.fd, 100000); /* no more than was read */
    assert_int_equal(fixture.trail.offset, 100000 + TRAIL_STEP);
    assert_true(trail_is_sound(&fixture.trail, &fixture.name, fixture.fd, SIZE)); /* which reads the rest */
    assert_false(trail_is_sound(&fixture.trail, &fixture.name, fixture.fd, SIZE)); /* once */
}

static void another_content_is_not_sound(void **state)
{
    (void)state;

    fixture.data[SIZE - 1] ^= 1;
    grow(fixture.fd, 0, SIZE);
    assert_false(trail_is_sound(&fixture.trail, &fixture.name, fixture.fd, SIZE));
}

static void another_name_or_size_is_not_sound(void **state)
{
    struct hash other = fixture.name;
    (void)state;

    grow(fixture.fd, 0, SIZE);
    assert_false(trail_is_sound(&fixture.trail, &fixture.name, fixture.fd, SIZE - 1));
    trail_begin(&fixture.trail, &fixture.name, fixture.fd);
    other.b[31] ^= 1;
    assert_false(trail_is_sound(&fixture.trail, &other, fixture.fd, SIZE));
}

static void another_file_ends_it(void **state)
{
    int fd = file_new();
    (void)state;

    grow(fixture.fd, 0, SIZE);
    grow(fd, 0, SIZE);
    assert_false(trail_is_sound(&fixture.trail, &fixture.name, fd, SIZE));
    trail_begin(&fixture.trail, &fixture.name, fixture.fd);
    trail_advance(&fixture.trail, fd, 5);
    assert_false(fixture.trail.is_begun);
    close(fd);
}

static void a_file_that_ends_before_or_is_not_there_ends_it(void **state)
{
    (void)state;

    grow(fixture.fd, 0, 5000);
    trail_advance(&fixture.trail, fixture.fd, 5001);
    assert_false(fixture.trail.is_begun);
    trail_begin(&fixture.trail, &fixture.name, -1);
    assert_false(fixture.trail.is_begun);
    trail_begin(&fixture.trail, &fixture.name, fixture.fd);
    trail_advance(&fixture.trail, -1, 1);
    assert_false(fixture.trail.is_begun);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_read_while_it_grew_is_its_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(another_content_is_not_sound, setup, teardown),
        cmocka_unit_test_setup_teardown(another_name_or_size_is_not_sound, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_ends_before_or_is_not_there_ends_it, setup, teardown),
    };
    return KIT_RUN(tests);
}
