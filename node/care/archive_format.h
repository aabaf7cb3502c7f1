/* archive_format.h: the bytes of archive.h, for its two halves. */
#ifndef QANAT_NODE_CARE_ARCHIVE_FORMAT_H
#define QANAT_NODE_CARE_ARCHIVE_FORMAT_H

#include <stdint.h>
#include <string.h>

enum {
    ARCHIVE_MAGIC_SIZE = 16,
    ARCHIVE_HEAD_SIZE = 1 + 4 + 2 + 8,
    ARCHIVE_END_SIZE = 1 + 8,
    ARCHIVE_BLOCK = 128 * 1024,
};

static const char archive_magic[ARCHIVE_MAGIC_SIZE] = "qanat backup 1\n";
enum { ARCHIVE_FAMILY_SIZE = 13 }; /* the part that other versions have too */

static inline void archive_number_encode(uint8_t *out, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        out[i] = (uint8_t)(number >> (8 * i));
    }
}

static inline uint64_t archive_number_decode(const uint8_t *in, int size)
{
    uint64_t number = 0;

    for (int i = 0; i < size; i++) {
        number |= (uint64_t)in[i] << (8 * i);
    }
    return number;
}

static inline void archive_head_encode(uint8_t out[ARCHIVE_HEAD_SIZE], uint32_t mode, size_t name_size, uint64_t size)
{
    out[0] = 'F';
    archive_number_encode(out + 1, mode, 4);
    archive_number_encode(out + 5, name_size, 2);
    archive_number_encode(out + 7, size, 8);
}

static inline void archive_end_encode(uint8_t out[ARCHIVE_END_SIZE], uint64_t count)
{
    out[0] = 'E';
    archive_number_encode(out + 1, count, 8);
}

#endif
