/* Versions by number or by name; the same files again; refusals that leave nothing. */
#include "node/learn/course/course_import.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/courses.h"

static const struct kit_file first[] = {{"index.html", "<html lang=ar><title>T</title>"}, {NULL, NULL}};
static const struct kit_file second[] = {{"index.html", "2"}, {NULL, NULL}};
static const struct kit_file broken[] = {{"imsmanifest.xml", "<manifest>"}, {NULL, NULL}};

/* Imports `files`, or what is at node->path when NULL. */
static enum status import(struct kit_courses *node, const struct kit_file *files, struct course_import import,
                          struct course_imported *out)
{
    if (files) {
        kit_archive_write(node->path, KIT_ZIP, files);
    }
    import.path = node->path;
    report_clear(&node->report);
    return course_import(&node->courses, &import, out, &node->report);
}

static void versions_count_up_and_the_same_archive_makes_no_new_one(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct course_import plain = {.id = "c", .lang = "en"},
                               titled = {.id = "c", .lang = "fr", .title = "Titre"};
    struct course_imported out;

    assert_int_equal(import(node, first, plain, &out), S_OK);
    assert_string_equal(out.row.version, "1");
    assert_string_equal(out.row.title, "T");
    assert_int_equal(out.row.state, COURSE_IMPORTED);
    assert_true(out.row.is_current);
    assert_non_null(strstr(out.notes, "the package says its language is \"ar\""));
    assert_int_equal(import(node, second, plain, &out), S_OK);
    assert_string_equal(out.row.version, "2");
    assert_string_equal(out.row.title, "c");
    kit_archive_write(node->path, KIT_TAR_GZ, first); /* the same files in another archive: to be given back as such */
    assert_int_equal(import(node, NULL, plain, &out), S_OK);
    assert_false(out.is_known);
    assert_string_equal(out.row.version, "3");
    assert_int_equal(import(node, NULL, plain, &out), S_OK);
    assert_true(out.is_known);
    assert_string_equal(out.row.version, "3");
    assert_int_equal(import(node, first, titled, &out), S_OK);
    assert_false(out.is_known);
    assert_string_equal(out.row.version, "1"); /* of another language */
    assert_string_equal(out.row.title, "Titre");
}

/* One of several imports at once, in a thread of its own. */
struct at_once {
    struct kit_courses *node;
    char path[512];
    struct course_imported out;
    struct report report;
    enum status status;
};

static void *import_at_once(void *arg)
{
    struct at_once *one = arg;
    const struct course_import import = {.id = "c", .lang = "en", .path = one->path};

    one->status = course_import(&one->node->courses, &import, &one->out, &one->report);
    return NULL;
}

/* Keeps the writer until the contents of two packages are stored: both imports have chosen a version by then. */
static enum status wait_for_two(struct db *db, void *arg)
{
    struct kit_courses *node = arg;

    (void)db;
    for (int i = 0; i < 5000 && kit_count_files(node->node.dir, "blobs") < 4; i++) {
        usleep(1000);
    }
    return S_OK;
}

static void imports_at_once_take_the_next_version_or_find_the_same(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct kit_file *const files[] = {first, second, first};
    struct at_once all[3] = {0};
    pthread_t threads[3];

    store_write(node->node.store, wait_for_two, node, NULL);
    for (int i = 0; i < 3; i++) {
        all[i].node = node;
        snprintf(all[i].path, sizeof all[i].path, "%s.%d", node->path, i);
        kit_archive_write(all[i].path, KIT_ZIP, files[i]);
        assert_int_equal(pthread_create(&threads[i], NULL, import_at_once, &all[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(all[i].status, S_OK);
        unlink(all[i].path);
    }
    assert_string_equal(all[0].out.row.version, all[2].out.row.version);
    assert_true(all[0].out.is_known != all[2].out.is_known);
    assert_false(all[1].out.is_known);
    assert_string_not_equal(all[1].out.row.version, all[0].out.row.version);
}

static void a_version_that_is_taken_is_refused(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct course_import named = {.id = "c", .lang = "en", .version = "spring"},
                               plain = {.id = "c", .lang = "en"};
    struct course_imported out;

    assert_int_equal(import(node, first, named, &out), S_OK);
    assert_string_equal(out.row.version, "spring");
    size_t files = kit_count_files(node->node.dir, "blobs");
    assert_int_equal(import(node, second, named, &out), S_EXISTS);
    assert_non_null(strstr(node->report.text, "choose another --version"));
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), files); /* no room is taken by what was refused */
    assert_int_equal(import(node, second, plain, &out), S_OK);
    assert_string_equal(out.row.version, "1");
}

static void a_refused_package_leaves_no_row_and_no_file(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct course_import plain = {.id = "c", .lang = "en"};
    struct course_imported out;
    struct buffer ids;

    assert_int_equal(import(node, broken, plain, &out), S_INVALID);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 0);
    assert_int_equal(kit_count_files(node->node.dir, "tmp"), 0);
    struct db *db = store_read_begin(node->node.store);
    buffer_init(&ids);
    assert_int_equal(course_row_list(db, &ids), S_OK);
    assert_int_equal(ids.size, 0);
    store_read_end(node->node.store, db);
    buffer_release(&ids);
}

static void words_that_cannot_be_are_refused_before_anything_is_read(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct course_import cases[] = {{.id = "", .lang = "en"},
                                          {.id = "c", .lang = "english language"},
                                          {.id = "c\x1f", .lang = "en"},
                                          {.id = "c", .lang = ""},
                                          {.id = "c", .lang = "en", .version = "a\nb"},
                                          {.id = "../c", .lang = "en"},
                                          {.id = "..", .lang = "en"},
                                          {.id = "c", .lang = "en", .version = "a/b"},
                                          {.id = "c", .lang = "en", .title = "a\nb"},
                                          {.id = "c", .lang = "en", .title = "\xff"}};
    struct course_imported out;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(import(node, first, cases[i], &out), S_USAGE);
    }
}

static void without_room_above_the_floor_nothing_is_taken_in(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct course_import plain = {.id = "c", .lang = "en"};
    struct course_imported out;

    blobs_set_floor(node->node.blobs, 1ULL << 60);
    assert_int_equal(import(node, first, plain, &out), S_NO_SPACE);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(versions_count_up_and_the_same_archive_makes_no_new_one),
        KIT_PAIR_TEST(imports_at_once_take_the_next_version_or_find_the_same),
        KIT_PAIR_TEST(a_version_that_is_taken_is_refused),
        KIT_PAIR_TEST(a_refused_package_leaves_no_row_and_no_file),
        KIT_PAIR_TEST(words_that_cannot_be_are_refused_before_anything_is_read),
        KIT_PAIR_TEST(without_room_above_the_floor_nothing_is_taken_in),
    };
    return KIT_RUN(tests);
}
