#include "node/learn/import/import_watch.h"

#include <stdio.h>
#include <sys/stat.h>

#include "tests/kit/import.h"

static void an_archive_is_read_twice(void **state)
{
    struct import_watch watch = {0};
    (void)state;

    assert_int_equal(import_watch_left(&watch), 0);
    import_watch_archive(&watch, 1000);
    assert_int_equal(import_watch_left(&watch), 1000);
    import_watch_unpacked(&watch, 1000);
    assert_int_equal(import_watch_left(&watch), 500);
    import_watch_scanned(&watch, 400);
    assert_int_equal(import_watch_left(&watch), 300);
    import_watch_scanned(&watch, UINT64_MAX); /* a child may say anything */
    assert_int_equal(import_watch_left(&watch), 0);
}

static void a_folder_is_as_large_as_its_files(void **state)
{
    struct kit_import *import = *state;
    struct import_watch watch = {0};
    char path[600];

    assert_int_equal(mkdir(import->path, 0700), 0);
    snprintf(path, sizeof path, "%s/a.txt", import->path);
    kit_file_write(path, "12345", 5);
    snprintf(path, sizeof path, "%s/below", import->path);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/below/b.txt", import->path);
    kit_file_write(path, "1234567", 7);
    import_watch_folder(&watch, import->path);
    assert_int_equal(import_watch_left(&watch), 12);
    import_watch_unpacked(&watch, 5);
    assert_int_equal(import_watch_left(&watch), 7);
}

static void nobody_need_look(void **state)
{
    (void)state;
    import_watch_archive(NULL, 1);
    import_watch_folder(NULL, "/nowhere");
    import_watch_unpacked(NULL, 1);
    import_watch_scanned(NULL, 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_is_read_twice),
        KIT_IMPORT_TEST(a_folder_is_as_large_as_its_files),
        cmocka_unit_test(nobody_need_look),
    };
    return KIT_RUN(tests);
}
