#include "node/learn/import_frame.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "replication/base/check.h"

enum { HEADER_SIZE = 5 };

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data += n;
        size -= (size_t)n;
    }
    return true;
}

/* How many of `size` bytes came before the end of input. */
static size_t read_all(int fd, uint8_t *data, size_t size)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = read(fd, data + have, size - have);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        have += (size_t)n;
    }
    return have;
}

bool import_frame_write(int fd, enum import_frame type, struct bytes payload)
{
    uint8_t header[HEADER_SIZE];

    CHECK(payload.size <= IMPORT_FRAME_MAX);
    header[0] = (uint8_t)type;
    for (int i = 0; i < 4; i++) {
        header[1 + i] = (uint8_t)(payload.size >> (8 * i));
    }
    return write_all(fd, header, sizeof header) && write_all(fd, payload.data, payload.size);
}

void import_reader_init(struct import_reader *reader, int fd)
{
    reader->fd = fd;
    buffer_init(&reader->payload);
}

void import_reader_release(struct import_reader *reader)
{
    buffer_release(&reader->payload);
}

enum status import_frame_read(struct import_reader *reader, enum import_frame *type_out,
                              struct bytes *payload_out)
{
    uint8_t header[HEADER_SIZE];
    size_t have = read_all(reader->fd, header, sizeof header);
    size_t size = 0;

    if (have == 0) {
        return S_NOT_FOUND;
    }
    if (have < sizeof header || header[0] < IMPORT_FRAME_ENTRY || header[0] > IMPORT_FRAME_DONE) {
        return S_INVALID;
    }
    for (int i = 0; i < 4; i++) {
        size |= (size_t)header[1 + i] << (8 * i);
    }
    if (size > IMPORT_FRAME_MAX) {
        return S_INVALID;
    }
    buffer_clear(&reader->payload);
    if (read_all(reader->fd, buffer_reserve(&reader->payload, size), size) < size) {
        return S_INVALID;
    }
    reader->payload.size = size;
    *type_out = (enum import_frame)header[0];
    *payload_out = buffer_bytes(&reader->payload);
    return S_OK;
}
