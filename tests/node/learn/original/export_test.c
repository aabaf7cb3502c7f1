#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/node/learn/original/archives.h"

static void every_kind_of_archive_comes_out_byte_for_byte(void **state)
{
    static const enum kit_archive kinds[] = {KIT_ZIP, KIT_TAR, KIT_TAR_GZ};
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_imported imported;
    char version[8];

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(version, sizeof version, "%zu", i + 1);
        archives_write(node->path, kinds[i], 0);
        archives_import(node, version, &imported);
        assert_null(strstr(imported.notes, "kept whole"));
        archives_same(node, version);
    }
}

/* The same files in another archive: each comes out as it went in. */
static void another_archive_of_the_same_files_is_another_version(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_imported imported;

    archives_write(node->path, KIT_ZIP, 0);
    archives_import(node, NULL, &imported);
    archives_import(node, NULL, &imported);
    assert_true(imported.is_known);
    archives_write(node->path, KIT_TAR, 0);
    archives_import(node, NULL, &imported);
    assert_false(imported.is_known);
    assert_string_equal(imported.row.version, "2");
    archives_same(node, "2");
}

static void what_came_from_a_folder_has_no_archive(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct kit_file files[] = {{"index.html", "<title>T</title>"}, {NULL, NULL}};
    struct course_imported imported;
    struct original original;
    char file[400];

    kit_folder_write(node->path, files);
    archives_import(node, "1", &imported);
    struct course_row row = kit_course_row(node, "c", "en", "1");
    snprintf(file, sizeof file, "%s/original", node->node.dir);
    assert_int_equal(original_export(node->node.blobs, &row, file, &original, &node->report), S_NOT_FOUND);
    assert_non_null(strstr(node->report.text, "from a folder"));
    assert_int_not_equal(access(file, F_OK), 0);
}

static void a_damaged_file_gives_no_archive_and_leaves_none(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_imported imported;
    struct original original;
    char file[400], hex[HASH_HEX_SIZE], blob[400];

    archives_write(node->path, KIT_ZIP, 0);
    archives_import(node, "1", &imported);
    struct hash page = hash_of(bytes_of(NULL, 0), bytes_text("<title>T</title>"));
    hash_hex(&page, hex);
    snprintf(blob, sizeof blob, "%s/blobs/%.2s/%s", node->node.dir, hex, hex);
    assert_int_equal(access(blob, F_OK), 0);
    kit_file_write(blob, "<title>X</title>", 16);
    struct course_row row = kit_course_row(node, "c", "en", "1");
    snprintf(file, sizeof file, "%s/original", node->node.dir);
    kit_file_write(file, "before", 6);
    assert_int_equal(original_export(node->node.blobs, &row, file, &original, &node->report), S_CORRUPT);
    assert_non_null(strstr(node->report.text, "qanat course verify c"));
    uint8_t text[16];
    assert_int_equal(kit_file_read(file, text, sizeof text), 6); /* what was there stays */
    assert_int_equal(kit_count_files(node->node.dir, "original.*"), 0);
}

static enum status nothing_is_missing(struct kit_pair *pair)
{
    return kit_course_row(&pair->campus, "c", "en", "1").state == COURSE_INSTALLED ? S_OK : S_STALE;
}

/* Whoever fetched the version can give the archive too. */
static void the_archive_comes_out_where_it_was_fetched(void **state)
{
    struct kit_pair *pair = *state;
    struct course_imported imported;

    archives_write(pair->hub.path, KIT_ZIP, 0);
    archives_import(&pair->hub, "1", &imported);
    kit_course_publish(&pair->hub, "c");
    kit_course_subscribe(&pair->campus, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(nothing_is_missing(pair), S_OK);
    archives_write(pair->campus.path, KIT_ZIP, 0);
    archives_same(&pair->campus, "1");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(every_kind_of_archive_comes_out_byte_for_byte),
        KIT_PAIR_TEST(another_archive_of_the_same_files_is_another_version),
        KIT_PAIR_TEST(what_came_from_a_folder_has_no_archive),
        KIT_PAIR_TEST(a_damaged_file_gives_no_archive_and_leaves_none),
        KIT_PAIR_TEST(the_archive_comes_out_where_it_was_fetched),
    };
    return KIT_RUN(tests);
}
