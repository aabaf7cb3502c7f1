/* Zips out of the ordinary come out byte for byte. */
#include <stdio.h>
#include <string.h>

#include "tests/node/learn/original/archives.h"

static void same_after(struct kit_courses *node, const uint8_t *data, size_t size, const char *version)
{
    struct course_imported imported;

    kit_file_write(node->path, data, size);
    archives_import(node, version, &imported);
    assert_null(strstr(imported.notes, "kept whole"));
    archives_same(node, version);
}

static uint8_t data[1 << 20];

static void what_stands_before_and_a_comment_behind_are_kept(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    archives_write(node->path, KIT_ZIP, 0);
    memset(data, '#', 500);
    size_t size = 500 + kit_file_read(node->path, data + 500, sizeof data - 1000);
    same_after(node, data, size, "1");
    data[size - 2] = 5; /* the size of the comment */
    memcpy(data + size, "hello", 5);
    same_after(node, data + 500, size - 500 + 5, "2");
}

/* Readers that go by the local headers take such an archive. */
static void a_directory_that_lies_about_sizes_is_kept_lie_and_all(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    size_t at = 0, lies = 0;

    archives_write(node->path, KIT_ZIP, 0);
    size_t size = kit_file_read(node->path, data, sizeof data);
    for (; at + 46 < size && lies < 2; at++) {
        if (memcmp(data + at, "PK\1\2", 4) == 0 && data[at + 10] == 8) {
            data[at + 24] ^= 1;
            lies++;
        }
    }
    assert_true(lies > 0);
    same_after(node, data, size, "1");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_directory_that_lies_about_sizes_is_kept_lie_and_all),
        KIT_PAIR_TEST(what_stands_before_and_a_comment_behind_are_kept),
    };
    return KIT_RUN(tests);
}
