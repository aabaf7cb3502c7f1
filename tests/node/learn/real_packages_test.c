/* Real packages, when they are at hand: QANAT_PACKAGES names a folder that holds them at any depth, and
 * refused ones below faulty/. Each is imported and exported member for member identical; they are not ours to
 * keep in the repository. */
#include <archive.h>
#include <archive_entry.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/learn/course/course_file.h"
#include "tests/kit/courses.h"

enum { PACKAGES_MAX = 256 };

static char *packages[PACKAGES_MAX];
static size_t package_count;

static int collect(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)ftw;
    if (type == FTW_F && package_count < PACKAGES_MAX) {
        packages[package_count++] = strdup(path);
    }
    return 0;
}

/* Compares one entry of the archive with the exported file; 1 when it is a file. */
static size_t compare_entry(struct archive *archive, struct archive_entry *entry, const char *to)
{
    const char *name = archive_entry_pathname(entry);
    size_t size = (size_t)archive_entry_size(entry);
    uint8_t *wanted = malloc(size + 1), *found = malloc(size + 1);
    char path[2048];

    while (strncmp(name, "./", 2) == 0) {
        name += 2;
    }
    if (archive_entry_filetype(entry) == AE_IFREG) {
        snprintf(path, sizeof path, "%s/%s", to, name);
        assert_int_equal(archive_read_data(archive, wanted, size + 1), size);
        assert_int_equal(kit_file_read(path, found, size + 1), size);
        assert_memory_equal(wanted, found, size);
    }
    free(wanted);
    free(found);
    return archive_entry_filetype(entry) == AE_IFREG;
}

static void compare_archive(const char *path, const char *to, size_t count_wanted)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    size_t count = 0;

    archive_read_support_format_all(archive);
    archive_read_support_filter_all(archive);
    assert_int_equal(archive_read_open_filename(archive, path, 65536), ARCHIVE_OK);
    while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
        count += compare_entry(archive, entry, to);
    }
    assert_int_equal(count, count_wanted);
    archive_read_free(archive);
}

static void import_and_compare(struct kit_courses *node, const char *path)
{
    const struct course_import import = {.path = path, .id = "package", .lang = "en"};
    struct course_imported imported;
    struct course_tally tally;
    char to[400];

    report_clear(&node->report);
    if (course_import(&node->courses, &import, &imported, &node->report) != S_OK) {
        fail_msg("%s: %s", path, node->report.text);
    }
    snprintf(to, sizeof to, "%s/out-%s", node->node.dir, imported.row.version);
    assert_int_equal(course_export(node->node.blobs, &imported.row, to, &tally, &node->report), S_OK);
    compare_archive(path, to, (size_t)imported.row.member_count);
    printf("# %s: %s, %llu files, %llu bytes, read in %llu ms, stored in %llu ms\n", strrchr(path, '/') + 1,
           package_format_name(imported.row.format), (unsigned long long)tally.files,
           (unsigned long long)tally.bytes, (unsigned long long)imported.read_ms,
           (unsigned long long)imported.store_ms);
}

static void refuse(struct kit_courses *node, const char *path)
{
    const struct course_import import = {.path = path, .id = "faulty", .lang = "en"};
    size_t before = kit_count_files(node->node.dir, "blobs");
    struct course_imported imported;

    report_clear(&node->report);
    assert_int_equal(course_import(&node->courses, &import, &imported, &node->report), S_INVALID);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), before);
    assert_int_equal(kit_count_files(node->node.dir, "tmp"), 0);
    printf("# %s: refused: %s\n", strrchr(path, '/') + 1, node->report.text);
}

static void every_real_package_comes_out_as_it_went_in_and_faulty_ones_are_refused(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const char *folder = getenv("QANAT_PACKAGES");

    setlocale(LC_CTYPE, "C.UTF-8");
    assert_int_equal(nftw(folder, collect, 16, FTW_PHYS), 0);
    for (size_t i = 0; i < package_count; i++) {
        if (strstr(packages[i], "/faulty/")) {
            refuse(node, packages[i]);
        } else {
            import_and_compare(node, packages[i]);
        }
        free(packages[i]);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(every_real_package_comes_out_as_it_went_in_and_faulty_ones_are_refused),
    };

    if (!getenv("QANAT_PACKAGES")) { /* cmocka's own skip counts as a failure in TAP */
        puts("1..0 # SKIP QANAT_PACKAGES names no folder");
        return 0;
    }
    return KIT_RUN(tests);
}
