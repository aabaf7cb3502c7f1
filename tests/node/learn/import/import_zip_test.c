/* Names that the archive library hides. */
#include <string.h>

#include "tests/kit/import.h"

static void a_name_with_nul_is_refused(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"index.html", "x"}, {"evilXname.html", "x"}, {NULL, NULL}};
    uint8_t data[4096];
    size_t size;

    kit_archive_write(import->path, KIT_ZIP, files);
    size = kit_file_read(import->path, data, sizeof data);
    for (uint8_t *at = memmem(data, size, "evilX", 5); at; at = memmem(data, size, "evilX", 5)) {
        at[4] = 0;
    }
    kit_file_write(import->path, data, size);
    kit_import_refused(import, "entry \"evil\" is refused: its path holds a NUL");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_name_with_nul_is_refused),
    };
    return KIT_RUN(tests);
}
