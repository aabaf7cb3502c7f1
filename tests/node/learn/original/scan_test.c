#include "node/learn/original/scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/node/learn/original/archives.h"

/* What comes out, type by type; the text of a fault in `fault_out`. */
static size_t frames_read(const char *answers, uint8_t *types, size_t max, char fault_out[200])
{
    struct import_reader reader;
    enum import_frame type;
    struct bytes payload;
    size_t count = 0;
    int fd = open(answers, O_RDONLY);

    import_reader_init(&reader, fd);
    while (count < max && import_frame_read(&reader, &type, &payload) == S_OK) {
        types[count++] = (uint8_t)type;
        if (type == IMPORT_FRAME_FAULT) {
            snprintf(fault_out, 200, "%.*s", (int)payload.size - 1, (const char *)payload.data + 1);
        }
    }
    import_reader_release(&reader);
    close(fd);
    return count;
}

static void contents_come_before_the_recipe_and_done_last(void **state)
{
    struct kit_import *import = *state;
    char answers[600], fault[200];
    uint8_t types[16];

    archives_write(import->path, KIT_ZIP, 0);
    snprintf(answers, sizeof answers, "%s.answers", import->path);
    assert_true(archives_scan(import->path, answers));
    assert_int_equal(frames_read(answers, types, sizeof types, fault), 7);
    const uint8_t expected[] = {IMPORT_FRAME_CONTENTS, IMPORT_FRAME_DATA, IMPORT_FRAME_ENTRY_END,
                                IMPORT_FRAME_RECIPE,   IMPORT_FRAME_DATA, IMPORT_FRAME_ENTRY_END,
                                IMPORT_FRAME_DONE};
    assert_memory_equal(types, expected, sizeof expected);
}

static void what_is_no_archive_is_a_fault(void **state)
{
    struct kit_import *import = *state;
    char answers[600], fault[200];
    uint8_t types[16];

    kit_file_write(import->path, "no archive", 10);
    snprintf(answers, sizeof answers, "%s.answers", import->path);
    assert_false(archives_scan(import->path, answers));
    assert_int_equal(frames_read(answers, types, sizeof types, fault), 1);
    assert_string_equal(fault, "it is no zip");
}

/* Every byte of a small archive damaged: it ends, with a recipe or a fault. */
static void damage_anywhere_ends_in_a_recipe_or_a_fault(void **state)
{
    static uint8_t data[1 << 16];
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"index.html", "hello hello hello hello hello"}, {"b.css", "p{}"}, {NULL, NULL}};
    static const enum kit_archive kinds[] = {KIT_ZIP, KIT_TAR_GZ};
    char answers[600], fault[200];
    uint8_t types[16];

    snprintf(answers, sizeof answers, "%s.answers", import->path);
    for (size_t k = 0; k < 2; k++) {
        kit_archive_write(import->path, kinds[k], files);
        size_t size = kit_file_read(import->path, data, sizeof data);
        for (size_t i = 0; i < size; i++) {
            data[i] ^= 0xff;
            kit_file_write(import->path, data, size);
            (void)archives_scan(import->path, answers);
            size_t count = frames_read(answers, types, sizeof types, fault);
            assert_true(count > 0);
            assert_true(types[count - 1] == IMPORT_FRAME_DONE || types[count - 1] == IMPORT_FRAME_FAULT);
            data[i] ^= 0xff;
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(contents_come_before_the_recipe_and_done_last),
        KIT_IMPORT_TEST(what_is_no_archive_is_a_fault),
        KIT_IMPORT_TEST(damage_anywhere_ends_in_a_recipe_or_a_fault),
    };
    return KIT_RUN(tests);
}
