/* The writing half of archive.h. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/care/archive.h"
#include "node/care/archive_format.h"
#include "node/dir.h"
#include "node/draft.h"
#include "replication/base/check.h"

struct archive_writer {
    struct draft draft;
    uint64_t offset;                     /* bytes written */
    uint64_t last_offset;                /* where the last file begins */
    uint64_t count;
    bool is_too_large; /* for its file system */
    crypto_generichash_state seal, seal_before; /* with and without the last file */
    crypto_generichash_state entry;      /* of the file being added */
};

static enum status errno_status(void)
{
    return error_is_no_space(errno)                              ? S_NO_SPACE
           : errno == EACCES || errno == EPERM || errno == EROFS ? S_DENIED
           : errno == EBUSY                                      ? S_BUSY
           : errno == ENOENT                                     ? S_NOT_FOUND
                                                                 : S_IO;
}

static enum status write_all(struct archive_writer *writer, const void *data, size_t size)
{
    const uint8_t *at = data;

    while (size) {
        ssize_t written = write(writer->draft.fd, at, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            writer->is_too_large = errno == EFBIG;
            return errno_status();
        }
        at += written;
        size -= (size_t)written;
        writer->offset += (uint64_t)written;
    }
    return S_OK;
}

enum status archive_create(const char *path, struct archive_writer **writer_out, struct report *report)
{
    struct archive_writer *writer = calloc(1, sizeof *writer);
    enum status status = S_OK;

    CHECK(writer);
    writer->draft.fd = -1;
    *writer_out = NULL;
    if (access(path, F_OK) == 0) {
        status = report_set(report, S_EXISTS, "\"%s\" is there already: choose another name, nothing is overwritten", path);
    } else if (!draft_open(&writer->draft, path)) {
        status = errno == ENAMETOOLONG ? report_set(report, S_TOO_LARGE, "the path \"%.64s...\" is too long", path)
                                       : report_set(report, errno_status(), "cannot write \"%s\": %s", path, strerror(errno));
    }
    if (status == S_OK) {
        crypto_generichash_init(&writer->seal, NULL, 0, sizeof(struct hash));
        status = write_all(writer, archive_magic, ARCHIVE_MAGIC_SIZE);
        report_set(report, status, "cannot write \"%s\": %s", path, status_text(status));
    }
    if (status != S_OK) {
        archive_close(writer);
        return status;
    }
    *writer_out = writer;
    return S_OK;
}

bool archive_is_too_large(const struct archive_writer *writer)
{
    return writer->is_too_large;
}

/* Writes bytes of an entry, which its hash covers. */
static enum status entry_write(struct archive_writer *writer, const void *data, size_t size)
{
    crypto_generichash_update(&writer->entry, data, size);
    return write_all(writer, data, size);
}

static enum status entry_begin(struct archive_writer *writer, const char *name, mode_t mode, uint64_t size)
{
    uint8_t head[ARCHIVE_HEAD_SIZE];

    CHECK(strlen(name) > 0 && strlen(name) <= ARCHIVE_NAME_MAX);
    writer->last_offset = writer->offset;
    writer->seal_before = writer->seal;
    crypto_generichash_init(&writer->entry, NULL, 0, sizeof(struct hash));
    archive_head_encode(head, mode, strlen(name), size);
    enum status status = entry_write(writer, head, sizeof head);
    return status == S_OK ? entry_write(writer, name, strlen(name)) : status;
}

static enum status entry_end(struct archive_writer *writer)
{
    struct hash hash;

    crypto_generichash_final(&writer->entry, hash.b, sizeof hash.b);
    crypto_generichash_update(&writer->seal, hash.b, sizeof hash.b);
    writer->count++;
    return write_all(writer, hash.b, sizeof hash.b);
}

enum status archive_add_bytes(struct archive_writer *writer, const char *name, mode_t mode, struct bytes content)
{
    enum status status = entry_begin(writer, name, mode, content.size);

    if (status == S_OK) {
        status = entry_write(writer, content.data, content.size);
    }
    return status == S_OK ? entry_end(writer) : status;
}

enum status archive_add_file(struct archive_writer *writer, const char *name, mode_t mode, int fd, uint64_t size,
                             struct hash *content_out)
{
    static _Thread_local uint8_t block[ARCHIVE_BLOCK];
    crypto_generichash_state content;
    struct hash ignored;
    uint64_t at = 0;
    enum status status = entry_begin(writer, name, mode, size);

    crypto_generichash_init(&content, NULL, 0, sizeof ignored);
    while (status == S_OK && at < size) {
        size_t want = size - at < sizeof block ? (size_t)(size - at) : sizeof block;
        ssize_t got = pread(fd, block, want, (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return S_CORRUPT; /* shorter than it was said to be, or unreadable */
        }
        crypto_generichash_update(&content, block, (size_t)got);
        status = entry_write(writer, block, (size_t)got);
        at += (uint64_t)got;
    }
    crypto_generichash_final(&content, content_out ? content_out->b : ignored.b, sizeof ignored.b);
    return status == S_OK ? entry_end(writer) : status;
}

enum status archive_take_back(struct archive_writer *writer)
{
    CHECK(writer->last_offset);
    if (ftruncate(writer->draft.fd, (off_t)writer->last_offset) != 0 || lseek(writer->draft.fd, (off_t)writer->last_offset, SEEK_SET) < 0) {
        return errno_status();
    }
    writer->offset = writer->last_offset;
    writer->seal = writer->seal_before;
    writer->count--;
    writer->last_offset = 0;
    return S_OK;
}

enum status archive_finish(struct archive_writer *writer)
{
    uint8_t end[ARCHIVE_END_SIZE];
    struct hash seal;

    archive_end_encode(end, writer->count);
    crypto_generichash_update(&writer->seal, end, sizeof end);
    crypto_generichash_final(&writer->seal, seal.b, sizeof seal.b);
    enum status status = write_all(writer, end, sizeof end);
    if (status == S_OK) {
        status = write_all(writer, seal.b, sizeof seal.b);
    }
    if (status == S_OK && !dir_set_mode(writer->draft.fd, 0600)) {
        status = errno_status();
    }
    if (status == S_OK && !draft_publish(&writer->draft, false)) {
        status = errno == EEXIST ? S_EXISTS : errno_status();
    }
    return status;
}

uint64_t archive_size(const struct archive_writer *writer)
{
    return writer->offset;
}

void archive_close(struct archive_writer *writer)
{
    if (!writer) {
        return;
    }
    draft_close(&writer->draft);
    free(writer);
}
