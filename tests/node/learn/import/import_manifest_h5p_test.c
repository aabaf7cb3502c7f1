/* h5p.json and the content it promises. */
#include <string.h>

#include "tests/kit/import.h"

static void h5p_is_read_and_needs_its_content(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"h5p.json", "\xef\xbb\xbf{\"title\":\"Cards\",\"language\":\"und\",\"mainLibrary\":\"H5P.Cards\"}"}, /* with a mark of UTF-8 */
        {"content/content.json", "{}"},
        {NULL, NULL}};
    const struct kit_file without[] = {files[0], {"content/other.json", "{}"}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.format, PACKAGE_H5P);
    kit_text_is(import->package.manifest.title, "Cards");
    kit_text_is(import->package.manifest.lang, "");
    kit_text_is(import->package.manifest.entry, "h5p.json");
    import_package_release(&import->package);
    kit_archive_write(import->path, KIT_ZIP, without);
    kit_import_refused(import, "content/content.json");
}

static void a_library_that_is_not_there_is_noted(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"h5p.json", "{\"title\":\"Cards\",\"mainLibrary\":\"H5P.Cards\",\"preloadedDependencies\":["
                     "{\"machineName\":\"H5P.Cards\",\"majorVersion\":\"1\",\"minorVersion\":\"0\"}," /* as a string: most packages */
                     "{\"machineName\":\"H5P.Dice\",\"majorVersion\":2,\"minorVersion\":7}]}"},
        {"H5P.Cards-1.0/library.json", "{}"},
        {"content/content.json", "{}"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "\"H5P.Dice-2.7\"", 14));
    assert_null(memmem(import->package.notes.data, import->package.notes.size, "H5P.Cards-1.0", 13));
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_library_that_is_not_there_is_noted),
        KIT_IMPORT_TEST(h5p_is_read_and_needs_its_content),
    };
    return KIT_RUN(tests);
}
