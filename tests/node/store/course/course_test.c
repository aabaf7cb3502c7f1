/* Rows of versions and members. */
#include "node/store/course/course.h"

#include <stdio.h>
#include <string.h>

#include "node/store/course/blob.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

struct taken {
    char path[64];
    uint64_t size;
};

static void take(void *ctx, const struct course_member_row *row)
{
    struct taken *taken = ctx;

    memcpy(taken->path, row->path.data, row->path.size);
    taken->path[row->path.size] = '\0';
    taken->size = row->size;
}

static void members_run(struct db *db, int64_t course)
{
    const struct hash hash = {{1}};
    struct buffer ids;
    struct taken taken;
    uint64_t count, size;
    int64_t blob;

    buffer_init(&ids);
    assert_int_equal(blob_row_insert(db, &hash, 30, false, &blob), S_OK);
    assert_int_equal(course_member_insert(db, course, bytes_text("b/x"), blob, bytes_text("text/plain")),
                     S_OK);
    assert_int_equal(course_member_insert(db, course, bytes_text("a"), blob, bytes_text("text/plain")), S_OK);
    assert_true(course_member_next(db, course, bytes_text(""), take, &taken));
    assert_string_equal(taken.path, "a");
    assert_true(course_member_next(db, course, bytes_text("a"), take, &taken));
    assert_string_equal(taken.path, "b/x");
    assert_false(course_member_next(db, course, bytes_text("b/x"), take, &taken));
    assert_true(course_member_find(db, course, bytes_text("a"), take, &taken) && taken.size == 30);
    assert_false(course_member_find(db, course, bytes_text("A"), take, &taken));
    course_member_missing(db, course, &count, &size); /* one blob under two paths */
    assert_int_equal(count, 1);
    assert_int_equal(size, 30);
    assert_true(course_blob_is_used(db, blob));
    assert_int_equal(course_row_list_with_blob(db, blob, &ids), S_OK);
    assert_int_equal(ids.size, sizeof course);
    assert_int_equal(course_member_delete_all(db, course), S_OK);
    assert_false(course_blob_is_used(db, blob));
    buffer_release(&ids);
}

static enum status run(struct db *db, void *arg)
{
    struct course_row row = {.course = "c",
                             .lang = "mn",
                             .version = "1",
                             .title = "Хичээл",
                             .state = COURSE_FETCHING,
                             .publisher = {{7}},
                             .manifest = {{8}},
                             .stamp = 1ULL << 60,
                             .is_current = true},
                      found;
    struct buffer ids;

    (void)arg;
    buffer_init(&ids);
    assert_int_equal(course_row_insert(db, &row), S_OK);
    assert_true(
        course_row_find(db, bytes_text("c"), bytes_text("mn"), bytes_text("1"), &row.publisher, &found));
    assert_string_equal(found.title, row.title);
    assert_int_equal(found.stamp, row.stamp);
    assert_int_equal(found.state, COURSE_FETCHING);
    assert_true(id_equal(&found.publisher, &row.publisher) && hash_equal(&found.manifest, &row.manifest) &&
                found.is_current);
    assert_true(course_row_current(db, bytes_text("c"), bytes_text(""), &found) && found.id == row.id);
    assert_false(course_row_current(db, bytes_text("c"), bytes_text("en"), &found));
    row.state = COURSE_INSTALLED;
    row.missing = 5;
    assert_int_equal(course_row_update(db, &row), S_OK);
    assert_true(course_row_get(db, row.id, &found));
    assert_int_equal(found.state, COURSE_INSTALLED);
    assert_int_equal(found.missing, 5);
    members_run(db, row.id);
    assert_int_equal(course_row_list_with_manifest(db, &row.manifest, &ids), S_OK);
    assert_int_equal(course_row_list_in_state(db, COURSE_INSTALLED, &ids), S_OK);
    assert_int_equal(course_row_list(db, &ids), S_OK);
    assert_int_equal(course_row_list_of(db, bytes_text("c"), &ids), S_OK);
    assert_int_equal(ids.size, 4 * sizeof row.id);
    size_t at = 0, walked = 0;
    while (course_row_next(db, &ids, &at, &found)) {
        assert_int_equal(found.id, row.id);
        walked++;
    }
    assert_int_equal(walked, 4);
    assert_int_equal(course_row_delete(db, row.id), S_OK);
    at = 0;
    assert_false(course_row_next(db, &ids, &at, &found)); /* all gone since */
    assert_false(course_row_get(db, row.id, &found));
    int64_t deleted = row.id;
    for (int i = 0; i < 2; i++) { /* its number stays its own: a launch may still name it */
        assert_int_equal(course_row_insert(db, &row), S_OK);
        assert_int_equal(row.id, deleted + 1);
        deleted = row.id;
        assert_int_equal(course_row_delete(db, row.id), S_OK);
    }
    buffer_release(&ids);
    return S_OK;
}

static struct course_row known_row(const char *course, uint8_t publisher, uint64_t stamp)
{
    struct course_row row = {.lang = "en", .version = "1", .state = COURSE_CATALOGUED, .publisher = {{publisher}}, .stamp = stamp};

    snprintf(row.course, sizeof row.course, "%s", course);
    return row;
}

static void shown_check(struct db *db, const char *lang, size_t known_max, const char *expected)
{
    struct course_row row;
    struct buffer ids;
    char said[512] = "";

    buffer_init(&ids);
    assert_int_equal(course_row_list_shown(db, lang, "", known_max, &ids), S_OK);
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        strcat(strcat(said, row.course), " ");
    }
    assert_string_equal(said, expected);
    buffer_release(&ids);
}

/* One publisher floods the catalogue; what another one published is listed all the same. */
static enum status run_shown(struct db *db, void *arg)
{
    struct course_row held = known_row("held", 1, 1), other = known_row("other", 2, 1), fr = known_row("fr", 1, 1);
    char name[8];

    (void)arg;
    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "f%d", i);
        struct course_row flood = known_row(name, 1, 100 + (uint64_t)i);
        assert_int_equal(course_row_insert(db, &flood), S_OK);
    }
    held.state = COURSE_INSTALLED;
    strcpy(fr.lang, "fr");
    assert_int_equal(course_row_insert(db, &held) | course_row_insert(db, &other) | course_row_insert(db, &fr), S_OK);
    shown_check(db, "", 3, "f7 f8 held other ");
    shown_check(db, "FR", 3, "fr ");
    shown_check(db, "", 0, "held ");
    return S_OK;
}

static void the_newest_of_each_publisher_are_listed_first(void **state)
{
    struct desk *desk = desk_open();

    (void)state;
    assert_int_equal(store_write_wait(desk->store, run_shown, NULL), S_OK);
    desk_close(desk);
}

static void rows_of_versions_and_members_come_back_as_they_were_put(void **state)
{
    struct desk *desk = desk_open();

    (void)state;
    assert_int_equal(store_write_wait(desk->store, run, NULL), S_OK);
    desk_close(desk);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_versions_and_members_come_back_as_they_were_put),
        cmocka_unit_test(the_newest_of_each_publisher_are_listed_first),
    };
    return KIT_RUN(tests);
}
