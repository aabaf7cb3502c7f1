/* Tars out of the ordinary come out byte for byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node/learn/original/archives.h"

static uint8_t data[1 << 20];

static void long_names_and_more_zeros_behind_are_kept(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct archive *archive = kit_archive_open(node->path, KIT_TAR);
    struct course_imported imported;
    char name[400] = "";

    for (int i = 0; i < 30; i++) {
        strcat(name, "folder/");
    }
    strcat(name, "\xc3\xa9.html"); /* beyond ASCII and 100 bytes: a pax header in front */
    kit_archive_add(archive, name, "<title>T</title>", 16);
    kit_archive_add(archive, "index.html", data, 1000);
    kit_archive_close(archive);
    size_t size = kit_file_read(node->path, data, sizeof data);
    memset(data + size, 0, 20 * 512);
    kit_file_write(node->path, data, size + 20 * 512);
    archives_import(node, "1", &imported);
    assert_null(strstr(imported.notes, "kept whole"));
    archives_same(node, "1");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {KIT_PAIR_TEST(long_names_and_more_zeros_behind_are_kept)};

    return KIT_RUN(tests);
}
