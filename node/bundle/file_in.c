/* Reading a bundle: once through to verify it, then frame by frame. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "node/bundle/file.h"
#include "node/input.h"
#include "replication/base/check.h"
#include "replication/base/limits.h"

enum {
    READ_BLOCK = 64 * 1024,
    LENGTH_SIZE = 4,
    FILE_SIZE_MIN = BUNDLE_HEAD_SIZE + LENGTH_SIZE + BUNDLE_TRAILER_SIZE
};

static enum status read_error(const struct bundle_in *in, struct report *report)
{
    int error = errno;

    return report_set(report, error == ENOENT ? S_NOT_FOUND : S_IO, "\"%s\" cannot be read: %s%s", in->path,
                      strerror(error), in->is_verified ? "; what was taken until then stays: import it again" : "");
}

static enum status cut_short(const struct bundle_in *in, struct report *report)
{
    if (in->is_verified) {
        return report_set(report, S_INVALID, "\"%s\" changed or went away while it was read; what was taken until then stays: import it again", in->path);
    }
    return report_set(
        report, S_INVALID,
        "\"%s\" is not complete: it was cut short, or is still being copied; nothing of it was taken", in->path);
}

static enum status in_read(struct bundle_in *in, void *out, size_t size, struct report *report)
{
    errno = 0;
    if (fread(out, 1, size, in->file) == size) {
        return S_OK;
    }
    return ferror(in->file) ? read_error(in, report) : cut_short(in, report);
}

static enum status ends_read(struct bundle_in *in, struct report *report)
{
    uint8_t head[BUNDLE_HEAD_SIZE], trailer[BUNDLE_TRAILER_SIZE];
    struct stat stat;

    if (fstat(fileno(in->file), &stat) != 0) {
        return read_error(in, report);
    }
    if (!S_ISREG(stat.st_mode)) {
        return report_set(report, S_INVALID, "\"%s\" is not a file", in->path);
    }
    in->size = (uint64_t)stat.st_size;
    enum status status = in->size < sizeof head ? S_INVALID : in_read(in, head, sizeof head, report);
    if (status == S_OK) {
        status = bundle_head_decode(head, &in->head);
    }
    if (status == S_INVALID) {
        return report_set(report, status, "\"%s\" is not a bundle of qanat", in->path);
    }
    if (status == S_VERSION) {
        return report_set(report, status,
                          "\"%s\" was made by a newer version of qanat: update this node first", in->path);
    }
    if (status == S_OK && in->size < FILE_SIZE_MIN) {
        return cut_short(in, report);
    }
    if (status == S_OK) {
        status = bundle_in_seek(in, in->size - sizeof trailer, report);
    }
    if (status == S_OK) {
        status = in_read(in, trailer, sizeof trailer, report);
    }
    if (status == S_OK && bundle_trailer_decode(trailer, &in->trailer) != S_OK) {
        status = cut_short(in, report);
    }
    return status;
}

enum status bundle_in_open(struct bundle_in *in, const char *path, struct report *report)
{
    in->path = path;
    in->is_verified = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum status status = fd < 0 ? read_error(in, report) : input_check(fd, path, report);
    in->file = status == S_OK ? fdopen(fd, "rb") : NULL;
    if (!in->file) {
        if (fd >= 0) {
            close(fd);
        }
        return status == S_OK ? S_NO_MEMORY : status;
    }
    status = ends_read(in, report);
    if (status != S_OK) {
        bundle_in_close(in);
    }
    return status;
}

void bundle_in_close(struct bundle_in *in)
{
    if (in->file) {
        fclose(in->file);
        in->file = NULL;
    }
}

enum status bundle_in_verify(struct bundle_in *in, struct report *report)
{
    uint64_t left = in->size - (BUNDLE_TRAILER_SIZE - BUNDLE_COUNTED_SIZE);
    crypto_generichash_state state;
    struct hash found;
    uint8_t block[READ_BLOCK];
    enum status status = bundle_in_seek(in, 0, report);

    crypto_generichash_init(&state, NULL, 0, sizeof found.b);
    while (status == S_OK && left > 0) {
        size_t part = left < sizeof block ? (size_t)left : sizeof block;

        status = in_read(in, block, part, report);
        crypto_generichash_update(&state, block, status == S_OK ? part : 0);
        left -= part;
    }
    if (status != S_OK) {
        return status;
    }
    crypto_generichash_final(&state, found.b, sizeof found.b);
    if (!hash_equal(&found, &in->trailer.content)) {
        return report_set(
            report, S_BAD_DIGEST,
            "\"%s\" was damaged or altered: its content is not what was signed; nothing of it was taken",
            in->path);
    }
    in->is_verified = true;
    return S_OK;
}

enum status bundle_in_next(struct bundle_in *in, struct bytes *part_out, uint64_t *at_out,
                           struct report *report)
{
    uint8_t length[LENGTH_SIZE];
    size_t size = 0;

    *at_out = bundle_in_tell(in);
    enum status status = in_read(in, length, sizeof length, report);
    if (status != S_OK) {
        return status;
    }
    in->kind = (enum bundle_part)length[0];
    for (unsigned i = 1; i < sizeof length; i++) {
        size |= (size_t)length[i] << (8 * (i - 1));
    }
    if (size == 0 && in->kind == BUNDLE_FRAME) {
        return S_NOT_FOUND;
    }
    if (size == 0 || size > sizeof in->part) {
        return report_set(report, S_INVALID, "\"%s\" holds a part of %zu bytes, outside the limits", in->path,
                          size);
    }
    *part_out = bytes_of(in->part, size);
    return in_read(in, in->part, size, report);
}

uint64_t bundle_in_tell(const struct bundle_in *in)
{
    off_t at = ftello(in->file);

    CHECK(at >= 0);
    return (uint64_t)at;
}

enum status bundle_in_seek(struct bundle_in *in, uint64_t at, struct report *report)
{
    return fseeko(in->file, (off_t)at, SEEK_SET) == 0 ? S_OK : read_error(in, report);
}
