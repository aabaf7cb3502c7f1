#include "node/learn/import/import_frame.h"

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

static void append_header(struct buffer *out, enum import_frame type, size_t size)
{
    CHECK(size <= IMPORT_FRAME_MAX);
    buffer_append_u8(out, (uint8_t)type);
    buffer_append_u32(out, (uint32_t)size);
}

bool import_frame_write(int fd, enum import_frame type, struct bytes payload)
{
    struct import_writer writer;
    bool is_written;

    import_writer_init(&writer, fd);
    is_written = import_writer_put(&writer, type, payload) && import_writer_flush(&writer);
    import_writer_release(&writer);
    return is_written;
}

void import_writer_init(struct import_writer *writer, int fd)
{
    writer->fd = fd;
    buffer_init(&writer->pending);
}

void import_writer_release(struct import_writer *writer)
{
    buffer_release(&writer->pending);
}

bool import_writer_put(struct import_writer *writer, enum import_frame type, struct bytes payload)
{
    append_header(&writer->pending, type, payload.size);
    buffer_append(&writer->pending, payload.data, payload.size);
    return writer->pending.size < IMPORT_DATA_MAX || import_writer_flush(writer);
}

bool import_writer_flush(struct import_writer *writer)
{
    bool is_written = write_all(writer->fd, writer->pending.data, writer->pending.size);

    buffer_clear(&writer->pending);
    return is_written;
}

void import_reader_init(struct import_reader *reader, int fd)
{
    memset(reader, 0, sizeof *reader);
    reader->fd = fd;
}

void import_reader_release(struct import_reader *reader)
{
    buffer_release(&reader->input);
    buffer_release(&reader->payload);
}

/* Copies `size` bytes to `out`; returns how many came before the end of input. */
static size_t take(struct import_reader *reader, uint8_t *out, size_t size)
{
    size_t have = 0;

    while (have < size) {
        size_t ready = reader->input.size - reader->at;

        if (ready > 0) {
            size_t part = ready < size - have ? ready : size - have;

            memcpy(out + have, reader->input.data + reader->at, part);
            reader->at += part;
            have += part;
            continue;
        }
        buffer_clear(&reader->input);
        reader->at = 0;
        ssize_t n = read(reader->fd, buffer_reserve(&reader->input, IMPORT_DATA_MAX), IMPORT_DATA_MAX);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        reader->input.size = (size_t)n;
    }
    return have;
}

enum status import_frame_read(struct import_reader *reader, enum import_frame *type_out,
                              struct bytes *payload_out)
{
    uint8_t header[HEADER_SIZE];
    size_t have = take(reader, header, sizeof header);
    size_t size = 0;

    if (have == 0) {
        return S_NOT_FOUND;
    }
    if (have < sizeof header || header[0] < IMPORT_FRAME_ENTRY || header[0] > IMPORT_FRAME_PROGRESS) {
        return S_INVALID;
    }
    for (int i = 0; i < 4; i++) {
        size |= (size_t)header[1 + i] << (8 * i);
    }
    if (size > IMPORT_FRAME_MAX) {
        return S_INVALID;
    }
    buffer_clear(&reader->payload);
    if (take(reader, buffer_reserve(&reader->payload, size), size) < size) {
        return S_INVALID;
    }
    reader->payload.size = size;
    *type_out = (enum import_frame)header[0];
    *payload_out = buffer_bytes(&reader->payload);
    return S_OK;
}

void import_text_take(struct bytes payload, char *out, size_t out_size)
{
    size_t size = payload.size > 1 ? payload.size - 1 : 0;

    if (size >= out_size) {
        size = utf8_whole_size(bytes_of(payload.data + 1, out_size - 1));
    }
    if (size > 0) {
        memcpy(out, payload.data + 1, size);
    }
    out[utf8_disarm((uint8_t *)out, size, "")] = '\0';
}

enum status import_fault_take(struct bytes payload, struct report *report)
{
    enum status status = payload.size > 1 && payload.data[0] > S_OK && payload.data[0] <= S_INTERNAL
                             ? (enum status)payload.data[0]
                             : S_INVALID;
    char text[REPORT_TEXT_MAX];

    import_text_take(payload, text, sizeof text);
    return report_set(report, status, "%s", text);
}
