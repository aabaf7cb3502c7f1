/* What the members of a package may be together. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#include "tests/kit/import.h"

static void doubled_and_colliding_paths_are_refused(void **state)
{
    static const struct {
        const char *first, *second, *part;
    } cases[] = {
        {"a.html", "a.html", "entry \"a.html\" is in the package twice"},
        {"dir/Page.html", "dir/page.HTML", "differ only in upper and lower case"},
        {"ÉTÉ.html", "été.html", "differ only in upper and lower case"},
        {"a", "a/b.html", "entry \"a\" is a file, and the folder of \"a/b.html\""},
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct archive *archive = kit_archive_open(import->path, KIT_TAR);

        kit_archive_add(archive, cases[i].first, "x", 1);
        kit_archive_add(archive, "a!.html", "x", 1); /* sorts between "a" and "a/b.html" */
        kit_archive_add(archive, cases[i].second, "y", 1);
        kit_archive_close(archive);
        kit_import_refused(import, cases[i].part);
    }
}

static void a_bomb_is_refused_by_its_ratio(void **state)
{
    struct kit_import *import = *state;
    static char zeros[1024 * 1024];
    struct archive *archive = kit_archive_open(import->path, KIT_ZIP);

    kit_archive_add(archive, "index.html", zeros, sizeof zeros); /* a MiB is free */
    kit_archive_close(archive);
    assert_int_equal(kit_import_read(import), S_OK);
    import_package_release(&import->package);
    archive = kit_archive_open(import->path, KIT_ZIP);
    for (int i = 0; i < 4; i++) {
        char name[32];

        snprintf(name, sizeof name, "%d.html", i);
        kit_archive_add(archive, name, zeros, sizeof zeros);
    }
    kit_archive_close(archive);
    kit_import_refused(import, "more than 200 times its size");
}

static void one_entry_more_than_the_limit_is_refused(void **state)
{
    struct kit_import *import = *state;
    struct archive *archive = kit_archive_open(import->path, KIT_TAR_GZ);

    for (int i = 0; i <= PACKAGE_ENTRIES_MAX; i++) { /* folders cost no files */
        struct archive_entry *entry = archive_entry_new();
        char name[32];

        snprintf(name, sizeof name, "%d/", i);
        archive_entry_set_pathname(entry, name);
        archive_entry_set_filetype(entry, AE_IFDIR);
        archive_write_header(archive, entry);
        archive_entry_free(entry);
    }
    kit_archive_close(archive);
    kit_import_refused(import, "more than 100000 entries");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(doubled_and_colliding_paths_are_refused),
        KIT_IMPORT_TEST(a_bomb_is_refused_by_its_ratio),
        KIT_IMPORT_TEST(one_entry_more_than_the_limit_is_refused),
    };
    return KIT_IMPORT_RUN(tests, argc, argv);
}
