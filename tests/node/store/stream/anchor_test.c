#include "node/store/stream/anchor.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/kit.h"

struct fixture {
    char place[256], dir[256];
    struct id database;
    struct anchor_mark mark;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_scratch_make(fixture->place, sizeof fixture->place);
    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    memset(fixture->database.b, 1, sizeof fixture->database.b);
    memset(fixture->mark.incarnation.b, 2, sizeof fixture->mark.incarnation.b);
    fixture->mark.seq[TOPIC_RESULTS] = 7;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_scratch_remove(fixture->place);
    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

static void write_mark(struct fixture *fixture)
{
    struct anchor *anchor = anchor_open(fixture->place, fixture->dir, &fixture->database);

    anchor_write(anchor, &fixture->mark);
    anchor_close(anchor);
}

static bool matches(struct fixture *fixture, const char *dir, const struct anchor_mark *mark)
{
    struct anchor *anchor = anchor_open(fixture->place, dir, &fixture->database);
    bool is_match = anchor_matches(anchor, mark);

    anchor_close(anchor);
    return is_match;
}

static void the_file_of(struct fixture *fixture, char out[512])
{
    glob_t found;
    char pattern[300];

    snprintf(pattern, sizeof pattern, "%s/qanat-*", fixture->place);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    snprintf(out, 512, "%s", found.gl_pathv[0]);
    globfree(&found);
}

static void it_matches_what_was_written_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct anchor_mark other = fixture->mark;

    assert_false(matches(fixture, fixture->dir, &fixture->mark));
    write_mark(fixture);
    assert_true(matches(fixture, fixture->dir, &fixture->mark));
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        other = fixture->mark;
        other.seq[topic] += 1;
        assert_false(matches(fixture, fixture->dir, &other));
    }
    other = fixture->mark;
    other.seq[TOPIC_RESULTS] -= 1;
    assert_false(matches(fixture, fixture->dir, &other));
    other = fixture->mark;
    other.incarnation.b[0] ^= 1;
    assert_false(matches(fixture, fixture->dir, &other));
}

static void another_directory_or_database_has_another_anchor(void **state)
{
    struct fixture *fixture = *state;

    write_mark(fixture);
    assert_false(matches(fixture, fixture->place, &fixture->mark));
    fixture->database.b[3] ^= 1;
    assert_false(matches(fixture, fixture->dir, &fixture->mark));
}

static void another_name_of_the_same_directory_has_the_same_anchor(void **state)
{
    struct fixture *fixture = *state;
    char link[300];

    write_mark(fixture);
    snprintf(link, sizeof link, "%s/link", fixture->place);
    assert_int_equal(symlink(fixture->dir, link), 0);
    assert_true(matches(fixture, link, &fixture->mark));
}

static void a_damaged_or_short_file_does_not_match(void **state)
{
    struct fixture *fixture = *state;
    char path[512];
    uint8_t byte;

    write_mark(fixture);
    the_file_of(fixture, path);
    int fd = open(path, O_RDWR);
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    for (off_t i = 0; i < info.st_size; i++) {
        assert_int_equal(pread(fd, &byte, 1, i), 1);
        byte ^= 0x10;
        assert_int_equal(pwrite(fd, &byte, 1, i), 1);
        assert_false(matches(fixture, fixture->dir, &fixture->mark));
        byte ^= 0x10;
        assert_int_equal(pwrite(fd, &byte, 1, i), 1);
    }
    assert_true(matches(fixture, fixture->dir, &fixture->mark));
    assert_int_equal(ftruncate(fd, info.st_size - 1), 0);
    assert_false(matches(fixture, fixture->dir, &fixture->mark));
    close(fd);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
    struct fixture *fixture = *state;
    char path[512], elsewhere[300];

    write_mark(fixture);
    the_file_of(fixture, path);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", fixture->dir);
    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_false(matches(fixture, fixture->dir, &fixture->mark));
}

static void without_a_place_nothing_matches(void **state)
{
    struct fixture *fixture = *state;
    struct anchor *anchor = anchor_open("/nonexistent/place", fixture->dir, &fixture->database);

    anchor_write(anchor, &fixture->mark);
    assert_false(anchor_matches(anchor, &fixture->mark));
    anchor_close(anchor);
}

static void a_database_beside_goes_on_with_nothing_that_was_adopted(void **state)
{
    struct fixture *fixture = *state;
    struct anchor *own = anchor_open(fixture->place, fixture->dir, &fixture->database);
    struct anchor_mark other = fixture->mark;

    write_mark(fixture); /* ours says the same: it stays */
    fixture->database.b[0] ^= 1;
    write_mark(fixture);
    anchor_forget(own, &(struct id){{9}}); /* another one: nothing happens */
    assert_true(matches(fixture, fixture->dir, &fixture->mark));
    fixture->database.b[1] ^= 1;
    other.incarnation.b[0] ^= 1;
    struct anchor *third = anchor_open(fixture->place, fixture->dir, &fixture->database);
    anchor_write(third, &other);
    anchor_close(third);
    anchor_forget(own, &fixture->mark.incarnation);
    assert_true(matches(fixture, fixture->dir, &other));
    fixture->database.b[1] ^= 1;
    assert_false(matches(fixture, fixture->dir, &fixture->mark));
    fixture->database.b[0] ^= 1;
    assert_true(matches(fixture, fixture->dir, &fixture->mark));
    anchor_close(own);
}

KIT_TESTS()
{
#define ANCHOR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        ANCHOR_TEST(it_matches_what_was_written_and_nothing_else),
        ANCHOR_TEST(another_directory_or_database_has_another_anchor),
        ANCHOR_TEST(another_name_of_the_same_directory_has_the_same_anchor),
        ANCHOR_TEST(a_damaged_or_short_file_does_not_match),
        ANCHOR_TEST(a_link_in_its_place_is_not_followed),
        ANCHOR_TEST(without_a_place_nothing_matches),
        cmocka_unit_test_setup_teardown(a_database_beside_goes_on_with_nothing_that_was_adopted, setup, teardown),
    };
    return KIT_RUN(tests);
}
