#include <stdio.h>
#include <string.h>

#include "tests/node/learn/original/archives.h"

static void parts_are_one(void *ctx, const struct manifest *manifest)
{
    (void)ctx;
    assert_int_equal(manifest->part_count, 1);
    assert_true(manifest->parts[0].size < 2500); /* headers of five entries; nothing of the contents */
    assert_int_equal(manifest->parts[0].path.size, 0);
}

static void a_recipe_is_small(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_imported imported;

    archives_write(node->path, KIT_ZIP, 0);
    archives_import(node, "1", &imported);
    archives_manifest(node, "1", parts_are_one, NULL);
}

static void parts_hold_the_archive(void *ctx, const struct manifest *manifest)
{
    (void)ctx;
    assert_int_equal(manifest->part_count, 2);
    assert_int_equal(manifest->parts[1].size, manifest->original_size);
}

/* Two gzip members one behind the other: the second is no part of the tar that we make again. */
static void what_cannot_be_taken_apart_is_kept_whole_and_said(void **state)
{
    static uint8_t data[1 << 20];
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_imported imported;
    const struct kit_file files[] = {{"index.html", "<title>T</title>"}, {NULL, NULL}};

    kit_archive_write(node->path, KIT_TAR_GZ, files);
    size_t size = kit_file_read(node->path, data, sizeof data);
    memset(data + size, 0, 100 * 1024); /* more behind it than belongs there */
    kit_file_write(node->path, data, size + 100 * 1024);
    archives_import(node, "1", &imported);
    assert_non_null(strstr(imported.notes, "kept whole"));
    archives_manifest(node, "1", parts_hold_the_archive, NULL);
    archives_same(node, "1");
}

static void sizes_note(void *ctx, const struct manifest *manifest)
{
    *(struct hash *)ctx = manifest->parts[0].hash;
}

static void the_recipes_of_two_versions_differ_in_some_bytes(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_imported imported;
    struct hash first, second;
    struct buffer one = {0}, other = {0};
    size_t differing = 0;

    archives_write(node->path, KIT_ZIP, 0);
    archives_import(node, "1", &imported);
    archives_write(node->path, KIT_ZIP, 1);
    archives_import(node, "2", &imported);
    archives_manifest(node, "1", sizes_note, &first);
    archives_manifest(node, "2", sizes_note, &second);
    assert_int_equal(blob_load(node->node.blobs, &first, 1 << 20, &one), S_OK);
    assert_int_equal(blob_load(node->node.blobs, &second, 1 << 20, &other), S_OK);
    assert_int_equal(one.size, other.size);
    for (size_t i = 0; i < one.size; i++) {
        differing += one.data[i] != other.data[i];
    }
    assert_true(differing > 0 && differing < 40); /* crc, sizes, times: offsets follow from the rest */
    buffer_release(&one), buffer_release(&other);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_recipe_is_small),
        KIT_PAIR_TEST(what_cannot_be_taken_apart_is_kept_whole_and_said),
        KIT_PAIR_TEST(the_recipes_of_two_versions_differ_in_some_bytes),
    };
    return KIT_RUN(tests);
}
