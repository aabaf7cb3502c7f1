/* Names that the archive library hides. */
#include <string.h>

#include "node/learn/import/import_zip.h"
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

static void a_name_is_told_with_what_it_holds(void **state)
{
    char shown[IMPORT_ZIP_NAME_MAX];
    uint8_t name[IMPORT_ZIP_NAME_MAX + 10];
    (void)state;

    assert_false(import_zip_name_has_nul(bytes_text("a/b.html"), shown));
    assert_true(import_zip_name_has_nul(bytes_of("a\0b", 3), shown));
    assert_string_equal(shown, "a");
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = 0;
    assert_true(import_zip_name_has_nul(bytes_of(name, sizeof name), shown));
    assert_int_equal(strlen(shown), IMPORT_ZIP_NAME_MAX - 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_name_with_nul_is_refused),
        cmocka_unit_test(a_name_is_told_with_what_it_holds),
    };
    return KIT_RUN(tests);
}
