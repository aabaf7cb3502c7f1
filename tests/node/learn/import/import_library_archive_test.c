/* libarchive through the functions that load it: what it writes, it reads. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static void archive_make(FILE *file)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();

    assert_int_equal(archive_write_set_format_zip(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_FILE(archive, file), ARCHIVE_OK);
    archive_entry_set_pathname_utf8(entry, "one/two.txt");
    archive_entry_set_mode(entry, 0100644);
    archive_entry_set_mtime(entry, 1700000000, 0);
    archive_entry_set_size(entry, 3);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(archive, "abc", 3), 3);
    assert_int_equal(archive_write_finish_entry(archive), ARCHIVE_OK);
    archive_entry_free(entry);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
}

static void what_is_written_is_read(void **state)
{
    FILE *file = tmpfile();
    struct archive_entry *entry;
    char text[8];
    (void)state;

    assert_non_null(file);
    archive_make(file);
    assert_int_equal(fflush(file), 0);
    struct archive *archive = archive_read_new();
    assert_int_equal(archive_read_support_format_zip_seekable(archive), ARCHIVE_OK);
    assert_int_equal(archive_read_open_fd(archive, fileno(file), 1024), ARCHIVE_OK);
    assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
    assert_int_equal(archive_format(archive), ARCHIVE_FORMAT_ZIP);
    assert_string_equal(archive_entry_pathname_utf8(entry), "one/two.txt");
    assert_int_equal(archive_entry_filetype(entry), 0100000);
    assert_null(archive_entry_hardlink(entry));
    assert_false(archive_entry_is_encrypted(entry));
    assert_int_equal(archive_read_data(archive, text, sizeof text), 3);
    assert_memory_equal(text, "abc", 3);
    assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_EOF);
    assert_int_equal(archive_read_free(archive), ARCHIVE_OK);
    fclose(file);
}

static void what_is_no_archive_is_told(void **state)
{
    FILE *file = tmpfile();
    struct archive *archive = archive_read_new();
    (void)state;

    assert_int_equal(archive_read_support_filter_gzip(archive), ARCHIVE_OK);
    assert_int_equal(archive_read_support_format_tar(archive), ARCHIVE_OK);
    assert_true(fputs("no archive at all", file) >= 0 && fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0);
    assert_int_equal(archive_read_open_fd(archive, fileno(file), 1024), ARCHIVE_FATAL);
    assert_non_null(strstr(archive_error_string(archive), "Unrecognized archive format"));
    assert_int_not_equal(archive_errno(archive), 0);
    archive_read_free(archive);
    fclose(file);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_no_archive_is_told),
    };
    return KIT_RUN(tests);
}
