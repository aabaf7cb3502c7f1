/* A whole import: members, their hashes and chunks, the archive's own hash. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/import.h"

static void members_come_sorted_with_hash_size_and_media_type(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"z.css", "z"}, {"index.html", "x"}, {"empty", NULL}, {"a/b.js", ""}, {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text("x"));
    uint8_t data[4096], sha[32];
    size_t size;

    kit_archive_write(import->path, KIT_TAR_GZ, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->member_count, 3);
    kit_text_is(manifest->members[0].path, "a/b.js");
    assert_int_equal(manifest->members[0].size, 0);
    kit_text_is(manifest->members[1].path, "index.html");
    assert_true(hash_equal(&manifest->members[1].hash, &hash));
    kit_text_is(manifest->members[1].media_type, "text/html; charset=utf-8");
    assert_int_equal(import->package.size, 2);
    size = kit_file_read(import->path, data, sizeof data);
    crypto_hash_sha256(sha, data, size);
    assert_memory_equal(manifest->original_hash.b, sha, sizeof sha);
    assert_int_equal(manifest->original_size, size);
    import_package_release(&import->package);
}

/* How a Mac writes й and é: in names, and where a tool listed the files, in the manifest too. */
#define I_PARTS "\xd0\xb8\xcc\x86"
#define I_WHOLE "\xd0\xb9"
#define E_PARTS "e\xcc\x81"
#define E_WHOLE "\xc3\xa9"

static void letters_in_parts_are_put_together_whoever_wrote_the_archive(void **state)
{
    static const enum kit_archive kinds[] = {KIT_ZIP, KIT_TAR_GZ};
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"cmi5.xml", "<courseStructure><course id='urn:c'/><au id='urn:1'><url>" I_WHOLE ".html</url></au>"
                                                  "<au id='urn:2'><url>" E_PARTS ".html</url></au></courseStructure>"},
                                     {I_PARTS ".html", "x"},
                                     {E_PARTS ".html", "y"},
                                     {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        kit_archive_write(import->path, kinds[i], files);
        assert_int_equal(kit_import_read(import), S_OK);
        kit_text_is(manifest->members[1].path, E_WHOLE ".html");
        kit_text_is(manifest->members[2].path, I_WHOLE ".html");
        kit_text_is(manifest->items[0].entry, I_WHOLE ".html");
        kit_text_is(manifest->items[1].entry, E_WHOLE ".html");
        import_package_release(&import->package);
    }
}

/* A head that says UTF-8 would overrule what the page says of itself. */
static void a_text_in_another_character_set_comes_without_one(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"a.js", "alert('\xe4\xb8\xad')"},
                                     {"b.js", "alert('\xd6\xd0')"},
                                     {"index.html", "<meta charset=gb2312>\xd6\xd0"},
                                     {"z.png", "\x89PNG"},
                                     {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(manifest->members[0].media_type, "text/javascript; charset=utf-8");
    kit_text_is(manifest->members[1].media_type, "text/javascript");
    kit_text_is(manifest->members[2].media_type, "text/html");
    kit_text_is(manifest->members[3].media_type, "image/png");
    import_package_release(&import->package);
}

static void a_large_member_comes_with_chunks_that_add_up(void **state)
{
    struct kit_import *import = *state;
    size_t size = MEMBER_WHOLE_MAX + 1;
    uint8_t *data = malloc(3 * size);
    struct archive *archive = kit_archive_open(import->path, KIT_ZIP);
    struct buffer encoding;
    uint64_t sum = 0;

    randombytes_buf(data, 3 * size);
    kit_archive_add(archive, "index.html", "x", 1);
    kit_archive_add(archive, "whole.bin", data, size - 1);
    kit_archive_add(archive, "large.bin", data, size);
    kit_archive_add(archive, "larger.bin", data, 3 * size);
    kit_archive_close(archive);
    assert_int_equal(kit_import_read(import), S_OK);
    const struct member *larger = manifest_find(&import->package.manifest, bytes_text("larger.bin"));
    assert_int_equal(manifest_find(&import->package.manifest, bytes_text("whole.bin"))->chunk_count, 0);
    assert_true(manifest_find(&import->package.manifest, bytes_text("large.bin"))->chunk_count > 1);
    for (size_t i = 0; i < larger->chunk_count; i++) {
        struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(data + sum, larger->chunks[i].size));

        assert_true(hash_equal(&hash, &larger->chunks[i].hash));
        sum += larger->chunks[i].size;
    }
    assert_int_equal(sum, larger->size);
    buffer_init(&encoding);
    assert_int_equal(manifest_encode(&import->package.manifest, &encoding), S_OK);
    buffer_release(&encoding);
    import_package_release(&import->package);
    free(data);
}

static void a_missing_file_is_told_by_name(void **state)
{
    struct kit_import *import = *state;

    assert_int_equal(kit_import_read(import), S_NOT_FOUND);
    assert_non_null(strstr(import->report.text, import->path));
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(members_come_sorted_with_hash_size_and_media_type),
        KIT_IMPORT_TEST(letters_in_parts_are_put_together_whoever_wrote_the_archive),
        KIT_IMPORT_TEST(a_text_in_another_character_set_comes_without_one),
        KIT_IMPORT_TEST(a_large_member_comes_with_chunks_that_add_up),
        KIT_IMPORT_TEST(a_missing_file_is_told_by_name),
    };
    return KIT_RUN(tests);
}
