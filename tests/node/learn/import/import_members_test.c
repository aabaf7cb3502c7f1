/* What the members of a package may be together. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>

#include "node/learn/import/import_describe.h"
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

static void a_file_that_is_there_twice_with_one_content_is_there_once(void **state)
{
    struct kit_import *import = *state;
    struct archive *archive = kit_archive_open(import->path, KIT_ZIP);

    kit_archive_add(archive, "index.html", "x", 1);
    kit_archive_add(archive, "a.html", "y", 1);
    kit_archive_add(archive, "index.html", "x", 1);
    kit_archive_close(archive);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.member_count, 2);
    assert_int_equal(import->package.manifest.item_count, 2);
    import_package_release(&import->package);
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

/* Beyond the first DESCRIBE_HEADS_LONG_MAX a title has to stand in the first DESCRIBE_HEAD_SHORT of a page.
 */
static void of_many_pages_the_later_ones_show_less(void **state)
{
    enum { PAGES = DESCRIBE_HEADS_LONG_MAX / DESCRIBE_HEAD_MAX + 2, DEEP = DESCRIBE_HEAD_SHORT + 100 };
    static char page[DESCRIBE_HEAD_MAX + 1000];
    struct kit_import *import = *state;
    struct archive *archive = kit_archive_open(import->path, KIT_TAR);

    for (int i = 0; i < PAGES; i++) {
        char name[32], title[64];

        memset(page, ' ', sizeof page);
        snprintf(title, sizeof title, "<title>Title %d</title>", i);
        memcpy(page, "<html><head>", 12);
        if (i == PAGES - 2) {
            memcpy(page + 12, title, strlen(title));
        } else {
            memcpy(page + 12, "<style>", 7);
            memcpy(page + DEEP - 8, "</style>", 8);
            memcpy(page + DEEP, title, strlen(title));
        }
        snprintf(name, sizeof name, "p%04d.html", i);
        kit_archive_add(archive, name, page, sizeof page);
    }
    kit_archive_close(archive);
    assert_int_equal(kit_import_read(import), S_OK);
    const struct manifest *manifest = &import->package.manifest;
    assert_int_equal(manifest->item_count, PAGES);
    kit_text_is(manifest->items[0].title, "Title 0");
    kit_text_is(manifest->items[PAGES - 3].title, "Title 511");
    kit_text_is(manifest->items[PAGES - 2].title, "Title 512");
    assert_false(bytes_equal(manifest->items[PAGES - 1].title, bytes_text("Title 513")));
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_file_that_is_there_twice_with_one_content_is_there_once),
        KIT_IMPORT_TEST(doubled_and_colliding_paths_are_refused),
        KIT_IMPORT_TEST(a_bomb_is_refused_by_its_ratio),
        KIT_IMPORT_TEST(one_entry_more_than_the_limit_is_refused),
        KIT_IMPORT_TEST(of_many_pages_the_later_ones_show_less),
    };
    return KIT_RUN(tests);
}
