/* The reading half of archive.h. Every byte is hashed on its way; nothing is believed before the hash behind it. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/care/archive.h"
#include "node/care/archive_format.h"
#include "node/input.h"
#include "replication/base/check.h"

struct archive_reader {
    int fd;
    char path[256];              /* for reports */
    uint64_t left;               /* bytes of the current content not taken yet */
    bool has_entry;              /* its hash is still to come */
    char name[ARCHIVE_NAME_MAX + 1];
    uint64_t count;
    crypto_generichash_state entry, seal;
};

static enum status damaged(const struct archive_reader *reader, struct report *report, const char *what)
{
    return report_set(report, S_CORRUPT, "the backup \"%s\" is damaged: %s; take another one", reader->path, what);
}

static enum status read_all(struct archive_reader *reader, void *out, size_t size, struct report *report)
{
    uint8_t *at = out;

    while (size) {
        ssize_t got = read(reader->fd, at, size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return report_set(report, S_IO, "cannot read \"%s\": %s", reader->path, strerror(errno));
        }
        if (got == 0) {
            return damaged(reader, report, "it ends too early");
        }
        at += got;
        size -= (size_t)got;
    }
    return S_OK;
}

enum status archive_open(const char *path, struct archive_reader **reader_out, struct report *report)
{
    struct archive_reader *reader = calloc(1, sizeof *reader);
    char magic[ARCHIVE_MAGIC_SIZE];
    enum status status = S_OK;

    CHECK(reader);
    *reader_out = NULL;
    snprintf(reader->path, sizeof reader->path, "%s", path);
    crypto_generichash_init(&reader->seal, NULL, 0, sizeof(struct hash));
    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    status = reader->fd >= 0 ? input_check(reader->fd, path, report) : S_OK;
    if (reader->fd < 0) {
        status = report_set(report, errno == ENOENT ? S_NOT_FOUND : S_IO, "cannot read \"%s\": %s", path, strerror(errno));
    } else if (status == S_OK &&
               (read(reader->fd, magic, sizeof magic) != (ssize_t)sizeof magic || memcmp(magic, archive_magic, ARCHIVE_FAMILY_SIZE) != 0)) {
        status = report_set(report, S_INVALID, "\"%s\" is no backup of a node", path);
    } else if (status == S_OK && memcmp(magic, archive_magic, sizeof magic) != 0) {
        status = report_set(report, S_VERSION, "\"%s\" was written by a newer version: install that one", path);
    }
    if (status != S_OK) {
        archive_reader_close(reader);
        return status;
    }
    *reader_out = reader;
    return S_OK;
}

/* The hash behind the content just taken. */
static enum status entry_end(struct archive_reader *reader, struct report *report)
{
    struct hash found, stated;
    char what[ARCHIVE_NAME_MAX + 32];

    crypto_generichash_final(&reader->entry, found.b, sizeof found.b);
    enum status status = read_all(reader, stated.b, sizeof stated.b, report);
    if (status == S_OK && !hash_equal(&found, &stated)) {
        snprintf(what, sizeof what, "in \"%s\"", reader->name);
        status = damaged(reader, report, what);
    }
    crypto_generichash_update(&reader->seal, stated.b, sizeof stated.b);
    reader->has_entry = false;
    reader->count++;
    return status;
}

/* The end of the container: its count and seal, and nothing behind. */
static enum status seal_check(struct archive_reader *reader, const uint8_t end[ARCHIVE_END_SIZE], struct report *report)
{
    struct hash found, stated;
    uint8_t more;

    crypto_generichash_update(&reader->seal, end, ARCHIVE_END_SIZE);
    crypto_generichash_final(&reader->seal, found.b, sizeof found.b);
    enum status status = read_all(reader, stated.b, sizeof stated.b, report);
    if (status != S_OK) {
        return status;
    }
    bool is_good = hash_equal(&found, &stated) && archive_number_decode(end + 1, 8) == reader->count;
    if (!is_good || read(reader->fd, &more, 1) != 0) {
        return damaged(reader, report, "its seal does not hold");
    }
    return S_NOT_FOUND;
}

/* `head` has the bytes of the end already; reads the rest of a file's head. */
static enum status entry_begin(struct archive_reader *reader, uint8_t head[ARCHIVE_HEAD_SIZE], struct archive_entry *entry_out,
                               struct report *report)
{
    enum status status = read_all(reader, head + ARCHIVE_END_SIZE, ARCHIVE_HEAD_SIZE - ARCHIVE_END_SIZE, report);

    if (status != S_OK) {
        return status;
    }
    size_t name_size = (size_t)archive_number_decode(head + 5, 2);
    memset(entry_out, 0, sizeof *entry_out);
    entry_out->mode = (mode_t)archive_number_decode(head + 1, 4) & 0777;
    entry_out->size = archive_number_decode(head + 7, 8);
    if (name_size == 0 || name_size > ARCHIVE_NAME_MAX || entry_out->size > INT64_MAX) {
        return damaged(reader, report, "a name or size in it is impossible");
    }
    status = read_all(reader, entry_out->name, name_size, report);
    if (status == S_OK && (strlen(entry_out->name) != name_size || !utf8_is_valid(bytes_text(entry_out->name)))) {
        status = damaged(reader, report, "a name in it is impossible");
    }
    crypto_generichash_init(&reader->entry, NULL, 0, sizeof(struct hash));
    crypto_generichash_update(&reader->entry, head, ARCHIVE_HEAD_SIZE);
    crypto_generichash_update(&reader->entry, (const uint8_t *)entry_out->name, name_size);
    memcpy(reader->name, entry_out->name, sizeof reader->name);
    reader->left = entry_out->size;
    reader->has_entry = true;
    return status;
}

enum status archive_next(struct archive_reader *reader, struct archive_entry *entry_out, struct report *report)
{
    uint8_t head[ARCHIVE_HEAD_SIZE];

    CHECK(!reader->has_entry);
    enum status status = read_all(reader, head, ARCHIVE_END_SIZE, report);
    if (status != S_OK) {
        return status;
    }
    if (head[0] == 'E') {
        return seal_check(reader, head, report);
    }
    if (head[0] != 'F' || reader->count >= ARCHIVE_FILES_MAX) {
        return damaged(reader, report, "it does not go on as a backup does");
    }
    return entry_begin(reader, head, entry_out, report);
}

enum status archive_take_bytes(struct archive_reader *reader, size_t size_max, struct buffer *out, struct report *report)
{
    CHECK(reader->has_entry);
    buffer_clear(out);
    if (reader->left > size_max) {
        return report_set(report, S_TOO_LARGE, "\"%s\" in the backup is larger than %zu bytes", reader->name, size_max);
    }
    size_t size = (size_t)reader->left;
    uint8_t *at = buffer_reserve(out, size + 1);
    enum status status = read_all(reader, at, size, report);
    if (status != S_OK) {
        return status;
    }
    crypto_generichash_update(&reader->entry, at, size);
    out->size = size;
    reader->left = 0;
    return entry_end(reader, report);
}

static enum status block_write(int fd, const uint8_t *block, size_t size, struct report *report)
{
    while (size) {
        ssize_t written = write(fd, block, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            enum status status = error_is_no_space(errno) ? S_NO_SPACE : S_IO;
            return report_set(report, status, "cannot write what is restored: %s", strerror(errno));
        }
        block += written;
        size -= (size_t)written;
    }
    return S_OK;
}

enum status archive_take_file(struct archive_reader *reader, int fd, struct hash *content_out, struct report *report)
{
    static _Thread_local uint8_t block[ARCHIVE_BLOCK];
    crypto_generichash_state content;
    struct hash ignored;
    enum status status = S_OK;

    CHECK(reader->has_entry);
    crypto_generichash_init(&content, NULL, 0, sizeof ignored);
    while (status == S_OK && reader->left) {
        size_t size = reader->left < sizeof block ? (size_t)reader->left : sizeof block;
        status = read_all(reader, block, size, report);
        if (status == S_OK) {
            crypto_generichash_update(&reader->entry, block, size);
            crypto_generichash_update(&content, block, size);
            status = block_write(fd, block, size, report);
            reader->left -= size;
        }
    }
    crypto_generichash_final(&content, content_out ? content_out->b : ignored.b, sizeof ignored.b);
    return status == S_OK ? entry_end(reader, report) : status;
}

void archive_reader_close(struct archive_reader *reader)
{
    if (reader) {
        if (reader->fd >= 0) {
            close(reader->fd);
        }
        free(reader);
    }
}
