/* A folder on disk as a package. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_folder_with_links_or_pipes_is_refused),
    };
    return KIT_IMPORT_RUN(tests, argc, argv);
}
