#include "node/learn/zip_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "replication/base/check.h"

enum {
    PIECE = 64 * 1024,
    LOCAL_SIZE = 30, /* a local header without its name */
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    NEEDED = 20,     /* needed to extract: deflate */
    MADE_BY = 3 << 8, /* unix: the mode is in the upper half of the external attributes */
    DEFLATE = 8,
    MODE = 0100600,
};

static uint8_t *put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, value & 0xffff), value >> 16);
}

static enum status failed(const struct zip_write *zip, struct report *report)
{
    return report_set(report, errno == ENOSPC ? S_NO_SPACE : S_IO, "'%s' cannot be written: %s", zip->path,
                      strerror(errno));
}

enum status zip_write_open(struct zip_write *zip, const char *path, int64_t at_ms, struct report *report)
{
    const time_t at = (time_t)(at_ms / 1000);
    struct tm day;
    int fd = -1;

    memset(zip, 0, sizeof *zip);
    zip->path = path;
    CHECK(gmtime_r(&at, &day));
    if (day.tm_year >= 80) { /* MS-DOS knows nothing before 1980 */
        zip->date = (uint16_t)((day.tm_year - 80) << 9 | (day.tm_mon + 1) << 5 | day.tm_mday);
        zip->time = (uint16_t)(day.tm_hour << 11 | day.tm_min << 5 | day.tm_sec / 2);
    } else {
        zip->date = 1 << 5 | 1;
    }
    if ((size_t)snprintf(zip->temporary, sizeof zip->temporary, "%s.XXXXXX", path) >= sizeof zip->temporary) {
        return report_set(report, S_TOO_LARGE, "the path '%.64s...' is too long", path);
    }
    fd = mkostemp(zip->temporary, O_CLOEXEC);
    zip->out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!zip->out) {
        (void)failed(zip, report);
        if (fd >= 0) {
            close(fd);
            unlink(zip->temporary);
        }
        return report->status;
    }
    return S_OK;
}

/* The local header of file `at`, where the output stands: first with zeros, then with what was counted. */
static bool local_write(struct zip_write *zip, size_t at)
{
    const size_t name_size = strlen(zip->files[at].name);
    uint8_t header[LOCAL_SIZE], *to = put32(header, 0x04034b50);

    to = put16(put16(put16(to, NEEDED), 0), DEFLATE);
    to = put16(put16(to, zip->time), zip->date);
    to = put32(put32(put32(to, zip->files[at].crc), zip->files[at].packed), zip->files[at].size);
    to = put16(put16(to, (uint32_t)name_size), 0);
    CHECK(to == header + LOCAL_SIZE);
    return fwrite(header, 1, sizeof header, zip->out) == sizeof header &&
           fwrite(zip->files[at].name, 1, name_size, zip->out) == name_size;
}

/* Deflates `content` to the output and counts; false when reading or writing failed, or over 4 GiB. */
static bool content_write(struct zip_write *zip, FILE *content, z_stream *stream, size_t at)
{
    uint8_t in[PIECE], out[PIECE];
    uint64_t size = 0, packed = 0;
    uint32_t crc = 0;
    int flush = Z_NO_FLUSH;

    while (flush != Z_FINISH) {
        const size_t got = fread(in, 1, sizeof in, content);
        flush = got < sizeof in ? Z_FINISH : Z_NO_FLUSH;
        size += got;
        crc = (uint32_t)crc32(crc, in, (uInt)got);
        stream->next_in = in;
        stream->avail_in = (uInt)got;
        do {
            stream->next_out = out;
            stream->avail_out = sizeof out;
            const int rc = deflate(stream, flush);
            CHECK(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
            const size_t made = sizeof out - stream->avail_out;
            packed += made;
            if (fwrite(out, 1, made, zip->out) != made) {
                return false;
            }
        } while (stream->avail_out == 0);
    }
    if (size > UINT32_MAX || packed > UINT32_MAX) {
        errno = EFBIG;
        return false;
    }
    zip->files[at].crc = crc;
    zip->files[at].size = (uint32_t)size;
    zip->files[at].packed = (uint32_t)packed;
    return !ferror(content);
}

enum status zip_write_file(struct zip_write *zip, const char *name, FILE *content, struct report *report)
{
    const size_t at = zip->count;
    const off_t begin = ftello(zip->out);
    z_stream stream = {0};

    CHECK(at < ZIP_WRITE_FILES_MAX && strlen(name) < ZIP_WRITE_NAME_MAX);
    if (begin < 0 || begin > UINT32_MAX - END_SIZE) {
        errno = EFBIG;
        return failed(zip, report);
    }
    zip->count++;
    snprintf(zip->files[at].name, sizeof zip->files[at].name, "%s", name);
    zip->files[at].offset = (uint32_t)begin;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return report_set(report, S_NO_MEMORY, "no memory to write '%s'", zip->path);
    }
    rewind(content);
    bool is_written = local_write(zip, at) && content_write(zip, content, &stream, at) &&
                      fseeko(zip->out, begin, SEEK_SET) == 0 && local_write(zip, at) &&
                      fseeko(zip->out, 0, SEEK_END) == 0;
    const enum status status = is_written ? S_OK : failed(zip, report);
    deflateEnd(&stream);
    return status;
}

static bool directory_write(struct zip_write *zip)
{
    const off_t begin = ftello(zip->out);
    uint8_t header[CENTRAL_SIZE], end[END_SIZE], *to;
    bool is_written = begin >= 0 && begin <= UINT32_MAX;

    for (size_t i = 0; is_written && i < zip->count; i++) {
        const size_t name_size = strlen(zip->files[i].name);
        to = put16(put16(put32(header, 0x02014b50), MADE_BY | NEEDED), NEEDED);
        to = put16(put16(put16(put16(to, 0), DEFLATE), zip->time), zip->date);
        to = put32(put32(put32(to, zip->files[i].crc), zip->files[i].packed), zip->files[i].size);
        to = put16(put16(put16(to, (uint32_t)name_size), 0), 0);
        to = put32(put16(put16(to, 0), 0), (uint32_t)MODE << 16);
        to = put32(to, zip->files[i].offset);
        CHECK(to == header + CENTRAL_SIZE);
        is_written = fwrite(header, 1, sizeof header, zip->out) == sizeof header &&
                     fwrite(zip->files[i].name, 1, name_size, zip->out) == name_size;
    }
    const off_t directory_end = ftello(zip->out);
    to = put16(put16(put32(end, 0x06054b50), 0), 0);
    to = put16(put16(to, (uint32_t)zip->count), (uint32_t)zip->count);
    to = put32(put32(to, (uint32_t)(directory_end - begin)), (uint32_t)begin);
    to = put16(to, 0);
    CHECK(to == end + END_SIZE);
    return is_written && directory_end >= 0 && fwrite(end, 1, sizeof end, zip->out) == sizeof end;
}

enum status zip_write_close(struct zip_write *zip, enum status status, struct report *report)
{
    if (!zip->out) {
        return status;
    }
    if (status == S_OK &&
        !(directory_write(zip) && fflush(zip->out) == 0 && fsync(fileno(zip->out)) == 0)) {
        status = failed(zip, report);
    }
    if (fclose(zip->out) != 0 && status == S_OK) {
        status = failed(zip, report);
    }
    if (status == S_OK && rename(zip->temporary, zip->path) != 0) {
        status = failed(zip, report);
    }
    if (status != S_OK) {
        unlink(zip->temporary);
    }
    zip->out = NULL;
    return status;
}
