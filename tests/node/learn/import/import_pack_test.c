/* Archives that are written: what another library reads of them, and what is there when one fails. */
#include "node/learn/import/import_pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/kit.h"
#include "tests/kit/package.h"

static FILE *content_of(const void *data, size_t size)
{
    FILE *content = tmpfile();

    assert_non_null(content);
    assert_int_equal(fwrite(data, 1, size, content), size);
    return content;
}

static void entry_is(struct archive *archive, const char *name, const uint8_t *data, size_t size)
{
    struct archive_entry *entry;
    uint8_t *got = malloc(size + 1);

    assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
    assert_string_equal(archive_entry_pathname(entry), name);
    assert_int_equal(archive_entry_size(entry), size);
    assert_int_equal(archive_entry_perm(entry), 0600);
    assert_int_equal(archive_entry_mtime(entry), 1700000000); /* two seconds are its step */
    assert_int_equal(archive_read_data(archive, got, size + 1), size);
    assert_memory_equal(got, data, size);
    free(got);
}

static void another_library_reads_it(void **state)
{
    enum { LARGE = 300000 };
    struct report report = {.status = S_OK};
    struct import_pack zip;
    struct kit_random random;
    char dir[256], path[300];
    uint8_t *large = malloc(LARGE);
    FILE *contents[] = {content_of("", 0), content_of("id,name\n", 8), NULL};
    struct stat info;
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/a.zip", dir);
    kit_random_seed(&random, 1);
    for (size_t i = 0; i < LARGE; i++) {
        large[i] = (uint8_t)(i < LARGE / 2 ? i : kit_random_u64(&random));
    }
    contents[2] = content_of(large, LARGE);
    assert_int_equal(import_pack_open(&zip, path, 1700000000123, &report), S_OK);
    assert_int_equal(import_pack_file(&zip, "empty.csv", contents[0], &report), S_OK);
    assert_int_equal(import_pack_file(&zip, "users.csv", contents[1], &report), S_OK);
    assert_int_equal(import_pack_file(&zip, "large", contents[2], &report), S_OK);
    assert_int_not_equal(access(path, F_OK), 0); /* not before it is whole */
    assert_int_equal(import_pack_close(&zip, S_OK, &report), S_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    for (size_t i = 0; i < 3; i++) {
        fclose(contents[i]);
    }
    setenv("TZ", "UTC0", 1);
    struct archive *archive = archive_read_new();
    archive_read_support_format_zip_seekable(archive);
    assert_int_equal(archive_read_open_filename(archive, path, 4096), ARCHIVE_OK);
    entry_is(archive, "empty.csv", (const uint8_t *)"", 0);
    entry_is(archive, "users.csv", (const uint8_t *)"id,name\n", 8);
    entry_is(archive, "large", large, LARGE);
    struct archive_entry *entry;
    assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_EOF);
    archive_read_free(archive);
    free(large);
    kit_scratch_remove(dir);
}

static void one_that_fails_leaves_nothing(void **state)
{
    struct report report = {.status = S_OK};
    struct import_pack zip;
    char dir[256], path[300];
    FILE *content = content_of("x", 1);
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/a.zip", dir);
    assert_int_equal(import_pack_open(&zip, path, 0, &report), S_OK); /* a clock of 1970 is no hindrance */
    assert_int_equal(import_pack_file(&zip, "x", content, &report), S_OK);
    assert_int_equal(import_pack_close(&zip, S_IO, &report), S_IO);
    assert_int_equal(kit_count_files(dir, "."), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* a folder stands in its place */
    enum status status = import_pack_open(&zip, path, 0, &report);
    assert_int_not_equal(status, S_OK);
    assert_int_equal(import_pack_close(&zip, status, &report), status);
    assert_non_null(strstr(report.text, path));
    assert_int_equal(kit_count_files(dir, "."), 0);
    report_clear(&report);
    assert_int_equal(import_pack_open(&zip, "/proc/nowhere.zip", 0, &report), S_IO);
    assert_int_equal(import_pack_close(&zip, S_IO, &report), S_IO);
    fclose(content);
    kit_scratch_remove(dir);
}

static void a_full_disk_is_told(void **state)
{
    struct report report = {.status = S_OK};
    struct import_pack zip;
    FILE *content = content_of("x", 1);
    char dir[256], path[300];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/a.zip", dir);
    assert_int_equal(import_pack_open(&zip, path, 0, &report), S_OK);
    assert_non_null(freopen("/dev/full", "w", zip.out));
    assert_int_equal(import_pack_close(&zip, S_OK, &report), S_NO_SPACE);
    assert_int_equal(kit_count_files(dir, "."), 0);
    fclose(content);
    kit_scratch_remove(dir);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_library_reads_it),
        cmocka_unit_test(one_that_fails_leaves_nothing),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return KIT_RUN(tests);
}
