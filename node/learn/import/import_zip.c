#include "node/learn/import/import_zip.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    END_SIZE = 22, /* end of central directory record */
    END_COMMENT_MAX = 65535,
    END64_SIZE = 56, /* its zip64 form */
    LOCATOR64_SIZE = 20,
    CENTRAL_SIZE = 46, /* central directory header without name, extra field and comment */
    NAME_MAX_SIZE = 65535,
    FLAG_UTF8 = 1 << 11,
};

static uint64_t number_at(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static bool read_at(int fd, uint64_t offset, uint8_t *out, size_t size)
{
    return offset <= INT64_MAX && pread(fd, out, size, (off_t)offset) == (ssize_t)size;
}

/* The zip64 record, when the locator before the end record points at one. */
static void refine_by_zip64(int fd, uint64_t end_at, struct zip_directory *directory)
{
    uint8_t locator[LOCATOR64_SIZE], record[END64_SIZE];

    if (end_at < LOCATOR64_SIZE || !read_at(fd, end_at - LOCATOR64_SIZE, locator, sizeof locator) ||
        memcmp(locator, "PK\6\7", 4) != 0 || !read_at(fd, number_at(locator + 8, 8), record, sizeof record) ||
        memcmp(record, "PK\6\6", 4) != 0) {
        return;
    }
    directory->base = 0;
    directory->size = number_at(record + 40, 8);
    directory->offset = number_at(record + 48, 8);
}

bool import_zip_directory(int fd, struct zip_directory *directory_out)
{
    static uint8_t tail[END_SIZE + END_COMMENT_MAX];
    struct stat stat;
    size_t size;

    if (fstat(fd, &stat) != 0 || stat.st_size < END_SIZE) {
        return false;
    }
    size = (uint64_t)stat.st_size < sizeof tail ? (size_t)stat.st_size : sizeof tail;
    if (!read_at(fd, (uint64_t)stat.st_size - size, tail, size)) {
        return false;
    }
    for (size_t at = size - END_SIZE + 1; at-- > 0;) {
        uint64_t end_at = (uint64_t)stat.st_size - size + at;

        if (memcmp(tail + at, "PK\5\6", 4) == 0) {
            directory_out->size = number_at(tail + at + 12, 4);
            directory_out->offset = number_at(tail + at + 16, 4);
            directory_out->end_at = end_at;
            directory_out->base = 0;
            /* Something may stand before the archive (a self-extractor): the directory still ends where its
             * end record begins. */
            if (directory_out->offset + directory_out->size < end_at && directory_out->size <= end_at) {
                directory_out->base = end_at - directory_out->size - directory_out->offset;
                directory_out->offset = end_at - directory_out->size;
            }
            refine_by_zip64(fd, end_at, directory_out);
            return true;
        }
    }
    return false;
}

void import_zip_names(int fd, bool (*take)(void *ctx, struct bytes name, bool is_utf8), void *ctx)
{
    static uint8_t name[NAME_MAX_SIZE];
    struct zip_directory directory;
    uint64_t at = 0;

    if (!import_zip_directory(fd, &directory)) {
        return;
    }
    while (at < directory.size) {
        uint8_t header[CENTRAL_SIZE];
        size_t name_size;

        if (!read_at(fd, directory.offset + at, header, sizeof header) || memcmp(header, "PK\1\2", 4) != 0) {
            return;
        }
        name_size = (size_t)number_at(header + 28, 2);
        if (!read_at(fd, directory.offset + at + sizeof header, name, name_size) ||
            !take(ctx, bytes_of(name, name_size), number_at(header + 8, 2) & FLAG_UTF8)) {
            return;
        }
        at += sizeof header + name_size + number_at(header + 30, 2) + number_at(header + 32, 2);
    }
}

bool import_zip_name_has_nul(struct bytes name, char shown_out[IMPORT_ZIP_NAME_MAX])
{
    const uint8_t *nul = name.size ? memchr(name.data, 0, name.size) : NULL;

    if (nul) {
        size_t size = (size_t)(nul - name.data), shown = size < IMPORT_ZIP_NAME_MAX ? size : IMPORT_ZIP_NAME_MAX - 1;
        memcpy(shown_out, name.data, shown);
        shown_out[shown] = '\0';
    }
    return nul != NULL;
}
