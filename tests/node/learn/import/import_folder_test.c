/* A folder on disk as a package. */
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/learn/import/import_folder.h"
#include "tests/kit/import.h"

static void a_folder_with_links_or_pipes_is_refused(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"index.html", "x"}, {"sub/a.html", "x"}, {NULL, NULL}};
    char odd[600];

    kit_folder_write(import->path, files);
    snprintf(odd, sizeof odd, "%s/sub/odd", import->path);
    assert_int_equal(symlink("/etc", odd), 0);
    kit_import_refused(import, "entry \"sub/odd\" is a symbolic link");
    unlink(odd);
    assert_int_equal(mkfifo(odd, 0600), 0);
    kit_import_refused(import, "entry \"sub/odd\" is a pipe");
}

static void folders_go_down_to_the_limit_and_no_deeper(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"index.html", "x"}, {NULL, NULL}};
    char path[600 + 2 * IMPORT_FOLDER_DEPTH_MAX];

    kit_folder_write(import->path, files);
    int size = snprintf(path, sizeof path, "%s", import->path);
    for (int depth = 1; depth < IMPORT_FOLDER_DEPTH_MAX; depth++) { /* the top is the first */
        size += snprintf(path + size, sizeof path - (size_t)size, "/d");
        assert_int_equal(mkdir(path, 0700), 0);
    }
    assert_int_equal(kit_import_read(import), S_OK);
    import_package_release(&import->package);
    snprintf(path + size, sizeof path - (size_t)size, "/d");
    assert_int_equal(mkdir(path, 0700), 0);
    kit_import_refused(import, "levels deep");
}

static void letters_in_two_parts_are_those_in_one(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file apart[] = {{"index.html", "x"}, {"sub/lec\xcc\xa7on \xd8\xa7\xd9\x93.html", "x"}, {NULL, NULL}};
    const struct kit_file both[] = {{"sub/le\xc3\xa7on \xd8\xa2.html", "y"}, {NULL, NULL}};

    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    kit_folder_write(import->path, apart);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.member_count, 2);
    struct bytes path = import->package.manifest.members[1].path;
    assert_true(bytes_equal(path, bytes_text("sub/le\xc3\xa7on \xd8\xa2.html")));
    import_package_release(&import->package);
    kit_folder_write(import->path, both);
    kit_import_refused(import, "is in the package twice");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_folder_with_links_or_pipes_is_refused),
        KIT_IMPORT_TEST(letters_in_two_parts_are_those_in_one),
        KIT_IMPORT_TEST(folders_go_down_to_the_limit_and_no_deeper),
    };
    return KIT_RUN(tests);
}
