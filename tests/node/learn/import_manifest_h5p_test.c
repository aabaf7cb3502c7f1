/* h5p.json and the content it promises. */
#include "tests/kit/import.h"

static void h5p_is_read_and_needs_its_content(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"h5p.json", "{\"title\":\"Cards\",\"language\":\"und\",\"mainLibrary\":\"H5P.Cards\"}"},
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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(h5p_is_read_and_needs_its_content),
    };
    return KIT_IMPORT_RUN(tests, argc, argv);
}
