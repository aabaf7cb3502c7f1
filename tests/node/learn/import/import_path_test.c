/* Paths that a package may not hold. */
#include <string.h>

#include "node/learn/import/import_path.h"
#include "tests/kit/import.h"

static void paths_that_lead_astray_are_refused_by_name(void **state)
{
    static const struct {
        const char *path, *part;
    } cases[] = {
        {"../evil.html", "entry \"../evil.html\" is refused: its path climbs out of the package"},
        {"a/../../evil.html", "climbs out"},
        {"/etc/evil.html", "its path is absolute"},
        {"a\\b.html", "holds a backslash"},
        {"a//b.html", "has an empty part"},
        {"a/./b.html", "has a part \".\""},
        {"a\nb.html", "holds a control character"},
        {"a\xff\xfe.html", "UTF-8"},
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (enum kit_archive kind = KIT_ZIP; kind <= KIT_TAR; kind++) {
            struct archive *archive = kit_archive_open(import->path, kind);

            kit_archive_add(archive, "index.html", "x", 1);
            kit_archive_add(archive, cases[i].path, "x", 1);
            kit_archive_close(archive);
            if (kind != KIT_ZIP || !strchr(cases[i].path, '\\')) { /* of a zip it parts folders (import_unpack.c) */
                kit_import_refused(import, cases[i].part);
            }
        }
    }
}

static void a_path_at_the_limit_passes_and_one_byte_more_does_not(void **state)
{
    struct kit_import *import = *state;
    char path[PATH_SIZE_MAX + 2];

    for (size_t size = PATH_SIZE_MAX; size <= PATH_SIZE_MAX + 1; size++) {
        struct archive *archive = kit_archive_open(import->path, KIT_TAR);

        memset(path, 'a', size);
        for (size_t i = 100; i < size; i += 100) {
            path[i] = '/';
        }
        path[size] = '\0';
        kit_archive_add(archive, "index.html", "x", 1);
        kit_archive_add(archive, path, "x", 1);
        kit_archive_close(archive);
        if (size == PATH_SIZE_MAX) {
            assert_int_equal(kit_import_read(import), S_OK);
            import_package_release(&import->package);
        } else {
            kit_import_refused(import, "has a path of 1025 bytes; the limit is 1024");
        }
    }
}

static void a_name_that_no_file_can_have_is_refused(void **state)
{
    struct kit_import *import = *state;
    char path[300] = "a/";

    for (size_t size = 255; size <= 256; size++) {
        struct archive *archive = kit_archive_open(import->path, KIT_ZIP);

        memset(path + 2, 'n', size);
        kit_archive_add(archive, "index.html", "x", 1);
        kit_archive_add(archive, path, "x", 1);
        kit_archive_close(archive);
        if (size == 255) {
            assert_int_equal(kit_import_read(import), S_OK);
            import_package_release(&import->package);
        } else {
            kit_import_refused(import, "has a name of over 255 bytes");
        }
    }
}

static void the_folder_of_a_path_ends_in_a_slash_or_is_none(void **state)
{
    (void)state;
    assert_true(bytes_equal(import_path_folder(bytes_text("a/b/c.html")), bytes_text("a/b/")));
    assert_int_equal(import_path_folder(bytes_text("c.html")).size, 0);
    assert_int_equal(import_path_folder(bytes_of(NULL, 0)).size, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(the_folder_of_a_path_ends_in_a_slash_or_is_none),
        KIT_IMPORT_TEST(paths_that_lead_astray_are_refused_by_name),
        KIT_IMPORT_TEST(a_name_that_no_file_can_have_is_refused),
        KIT_IMPORT_TEST(a_path_at_the_limit_passes_and_one_byte_more_does_not),
    };
    return KIT_RUN(tests);
}
