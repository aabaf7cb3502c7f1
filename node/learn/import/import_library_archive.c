/* libarchive, loaded by who reads or writes an archive. */
#include <archive.h>
#include <archive_entry.h>

#include "node/library.h"

#define ARCHIVE_FUNCTIONS(of) of(archive_read_new) of(archive_read_support_filter_gzip) of(archive_read_support_format_tar) \
    of(archive_read_support_format_zip_seekable) of(archive_read_open_fd) of(archive_read_next_header) of(archive_read_data) \
    of(archive_read_free) of(archive_errno) of(archive_error_string) of(archive_format) of(archive_write_new) \
    of(archive_write_set_format_zip) of(archive_write_set_bytes_in_last_block) of(archive_write_open_FILE) of(archive_write_header) \
    of(archive_write_data) of(archive_write_finish_entry) of(archive_write_close) of(archive_write_free) of(archive_entry_new) \
    of(archive_entry_free) of(archive_entry_filetype) of(archive_entry_hardlink) of(archive_entry_is_encrypted) of(archive_entry_pathname) \
    of(archive_entry_pathname_utf8) of(archive_entry_set_mode) of(archive_entry_set_mtime) of(archive_entry_set_pathname) \
    of(archive_entry_set_pathname_utf8) of(archive_entry_set_size)
LIBRARY_OF(ARCHIVE_FUNCTIONS, "libarchive.so.13");

LIBRARY_FORWARD(struct archive *, archive_read_new, (void), ())
LIBRARY_FORWARD(int, archive_read_support_filter_gzip, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_read_support_format_tar, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_read_support_format_zip_seekable, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_read_open_fd, (struct archive *archive, int fd, size_t block_size),
                (archive, fd, block_size))
LIBRARY_FORWARD(int, archive_read_next_header, (struct archive *archive, struct archive_entry **entry),
                (archive, entry))
LIBRARY_FORWARD(la_ssize_t, archive_read_data, (struct archive *archive, void *data, size_t size),
                (archive, data, size))
LIBRARY_FORWARD(int, archive_read_free, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_errno, (struct archive *archive), (archive))
LIBRARY_FORWARD(const char *, archive_error_string, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_format, (struct archive *archive), (archive))
LIBRARY_FORWARD(struct archive *, archive_write_new, (void), ())
LIBRARY_FORWARD(int, archive_write_set_format_zip, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_write_set_bytes_in_last_block, (struct archive *archive, int size), (archive, size))
LIBRARY_FORWARD(int, archive_write_open_FILE, (struct archive *archive, FILE *file), (archive, file))
LIBRARY_FORWARD(int, archive_write_header, (struct archive *archive, struct archive_entry *entry), (archive, entry))
LIBRARY_FORWARD(la_ssize_t, archive_write_data, (struct archive *archive, const void *data, size_t size),
                (archive, data, size))
LIBRARY_FORWARD(int, archive_write_finish_entry, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_write_close, (struct archive *archive), (archive))
LIBRARY_FORWARD(int, archive_write_free, (struct archive *archive), (archive))
LIBRARY_FORWARD(struct archive_entry *, archive_entry_new, (void), ())
LIBRARY_FORWARD_VOID(archive_entry_free, (struct archive_entry *entry), (entry))
LIBRARY_FORWARD(__LA_MODE_T, archive_entry_filetype, (struct archive_entry *entry), (entry))
LIBRARY_FORWARD(const char *, archive_entry_hardlink, (struct archive_entry *entry), (entry))
LIBRARY_FORWARD(int, archive_entry_is_encrypted, (struct archive_entry *entry), (entry))
LIBRARY_FORWARD(const char *, archive_entry_pathname, (struct archive_entry *entry), (entry))
LIBRARY_FORWARD(const char *, archive_entry_pathname_utf8, (struct archive_entry *entry), (entry))
LIBRARY_FORWARD_VOID(archive_entry_set_mode, (struct archive_entry *entry, __LA_MODE_T mode), (entry, mode))
LIBRARY_FORWARD_VOID(archive_entry_set_mtime, (struct archive_entry *entry, time_t seconds, long nanoseconds),
                (entry, seconds, nanoseconds))
LIBRARY_FORWARD_VOID(archive_entry_set_pathname, (struct archive_entry *entry, const char *path), (entry, path))
LIBRARY_FORWARD_VOID(archive_entry_set_pathname_utf8, (struct archive_entry *entry, const char *path), (entry, path))
LIBRARY_FORWARD_VOID(archive_entry_set_size, (struct archive_entry *entry, la_int64_t size), (entry, size))
