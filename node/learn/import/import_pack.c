#include "node/learn/import/import_pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replication/base/check.h"

enum { PIECE = 64 * 1024 };

static enum status failed(const struct import_pack *zip, int error, struct report *report)
{
    return report_set(report, error_is_no_space(error) ? S_NO_SPACE : error == EBUSY ? S_BUSY : S_IO, "'%s' cannot be written: %s", zip->path,
                      strerror(error));
}

enum status import_pack_open(struct import_pack *zip, const char *path, int64_t at_ms, struct report *report)
{
    *zip = (struct import_pack){.path = path, .at_ms = at_ms};
    if (!draft_open(&zip->draft, path)) {
        return errno == ENAMETOOLONG ? report_set(report, S_TOO_LARGE, "the path '%.64s...' is too long", path) : failed(zip, errno, report);
    }
    zip->out = draft_stream(&zip->draft);
    if (!zip->out) {
        (void)failed(zip, errno, report);
        draft_close(&zip->draft);
        return report->status;
    }
    zip->archive = archive_write_new();
    CHECK(zip->archive && archive_write_set_format_zip(zip->archive) == ARCHIVE_OK &&
          archive_write_set_bytes_in_last_block(zip->archive, 1) == ARCHIVE_OK);
    bool is_open = archive_write_open_FILE(zip->archive, zip->out) == ARCHIVE_OK;
    CHECK(is_open); /* nothing is written yet */
    return S_OK;
}

static bool content_write(struct import_pack *zip, FILE *content)
{
    uint8_t piece[PIECE];
    size_t got;

    while ((got = fread(piece, 1, sizeof piece, content)) > 0) {
        if (archive_write_data(zip->archive, piece, got) != (la_ssize_t)got) {
            return false;
        }
    }
    return !ferror(content);
}

enum status import_pack_file(struct import_pack *zip, const char *name, FILE *content, struct report *report)
{
    struct archive_entry *entry = archive_entry_new();
    struct stat info;

    CHECK(entry);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_mode(entry, S_IFREG | 0600);
    archive_entry_set_mtime(entry, (time_t)(zip->at_ms / 1000), 0);
    rewind(content); /* what was written to it is in the file now */
    errno = EIO;
    bool is_written = fstat(fileno(content), &info) == 0;
    if (is_written) {
        archive_entry_set_size(entry, info.st_size);
        is_written = archive_write_header(zip->archive, entry) == ARCHIVE_OK && content_write(zip, content) &&
                     archive_write_finish_entry(zip->archive) == ARCHIVE_OK;
    }
    archive_entry_free(entry);
    int error = archive_errno(zip->archive);
    return is_written ? S_OK : failed(zip, error > 0 ? error : errno, report);
}

enum status import_pack_close(struct import_pack *zip, enum status status, struct report *report)
{
    if (!zip->out) {
        return status;
    }
    errno = 0;
    if (status == S_OK && !(archive_write_close(zip->archive) == ARCHIVE_OK && fflush(zip->out) == 0)) {
        status = failed(zip, errno ? errno : archive_errno(zip->archive), report);
    }
    archive_write_free(zip->archive);
    if (fclose(zip->out) != 0 && status == S_OK) {
        status = failed(zip, errno, report);
    }
    if (status == S_OK && !draft_publish(&zip->draft, true)) {
        status = failed(zip, errno, report);
    }
    draft_close(&zip->draft);
    zip->out = NULL;
    return status;
}
