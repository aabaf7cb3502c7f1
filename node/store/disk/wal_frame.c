#include "node/store/disk/wal_frame.h"

#include <string.h>

enum { MAGIC = 0x377f0682, FORMAT = 3007000, SALT_AT = 8, SUM_AT = 16, HEADER_SALT_AT = 16, HEADER_SUM_AT = 24, SUMMED_HEAD = 8 };

/* The two running sums. */
struct sums {
    uint32_t a, b;
};

static uint32_t u32_big(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* A word as it is summed: in the byte order that the file's magic number names. */
static uint32_t word_get(const uint8_t *in, bool is_big)
{
    return is_big ? u32_big(in) : (uint32_t)in[3] << 24 | (uint32_t)in[2] << 16 | (uint32_t)in[1] << 8 | in[0];
}

static void sums_add(struct sums *sums, const uint8_t *in, size_t size, bool is_big)
{
    for (size_t at = 0; at < size; at += 8) {
        sums->a += word_get(in + at, is_big) + sums->b;
        sums->b += word_get(in + at + 4, is_big) + sums->a;
    }
}

static struct sums sums_get(const uint8_t *in)
{
    return (struct sums){u32_big(in), u32_big(in + 4)};
}

static bool sums_equal(struct sums left, struct sums right)
{
    return left.a == right.a && left.b == right.b;
}

static unsigned bits_differ(const uint8_t *left, const uint8_t *right, size_t size)
{
    unsigned count = 0;

    for (size_t i = 0; i < size; i++) {
        count += (unsigned)__builtin_popcount((unsigned)(left[i] ^ right[i]));
    }
    return count;
}

static bool header_is_sound(const uint8_t header[WAL_HEADER_SIZE])
{
    struct sums sums = {0, 0};

    sums_add(&sums, header, HEADER_SUM_AT, u32_big(header) & 1);
    return (u32_big(header) & ~1u) == MAGIC && u32_big(header + 4) == FORMAT && u32_big(header + 8) == PAGE_SIZE &&
           sums_equal(sums, sums_get(header + HEADER_SUM_AT));
}

static void bit_flip(uint8_t *bytes, size_t bit)
{
    bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1 << bit % 8);
}

enum page_state wal_header_look(uint8_t header[WAL_HEADER_SIZE], const uint8_t salts[8])
{
    size_t found = 0, count = 0;

    if (header_is_sound(header)) {
        return PAGE_SOUND;
    }
    for (size_t bit = 0; bit < 8 * WAL_HEADER_SIZE; bit++) {
        bit_flip(header, bit);
        if (header_is_sound(header) && (!salts || memcmp(header + HEADER_SALT_AT, salts, 8) == 0)) {
            found = bit;
            count++;
        }
        bit_flip(header, bit);
    }
    if (count != 1) {
        return PAGE_ROTTEN;
    }
    bit_flip(header, found);
    return PAGE_MENDED;
}

/* The byte of the frame that holds bit `bit` of word `word` of all that is summed. */
static size_t byte_of(size_t word, unsigned bit, bool is_big)
{
    size_t at = word < SUMMED_HEAD / 4 ? 4 * word : WAL_FRAME_HEAD_SIZE + 4 * word - SUMMED_HEAD;
    return at + (is_big ? 3 - bit / 8 : bit / 8);
}

/* Can this bit have been another? The place of the page's seal is empty in the log. */
static bool may_flip(size_t at, bool is_set)
{
    return at < WAL_FRAME_SIZE - PAGE_SEAL_SIZE || is_set;
}

/* How many single bits of what is summed would make the sums `wanted` of `found`; `*bit_out` is one of them. The high
 * bits of words are alike in many places: sums modulo 2^32 do not tell those apart. */
static size_t bits_find(const uint8_t frame[WAL_FRAME_SIZE], struct sums found, struct sums wanted, bool is_big, size_t *bit_out)
{
    /* What 1 more in the first and in the second word of a pair adds to the sums at the end; from the last pair back. */
    struct sums of[2] = {{1, 1}, {0, 1}};
    size_t count = 0;

    for (size_t word = (SUMMED_HEAD + PAGE_SIZE) / 4; word-- > 0;) {
        struct sums one = of[word % 2];
        for (unsigned bit = 0; bit < 32; bit++) {
            size_t at = byte_of(word, bit, is_big);
            bool is_set = frame[at] >> bit % 8 & 1;
            uint32_t more = is_set ? 0u - (1u << bit) : 1u << bit;
            if (found.a + more * one.a == wanted.a && found.b + more * one.b == wanted.b && may_flip(at, is_set)) {
                *bit_out = 8 * at + bit % 8;
                count++;
            }
        }
        for (size_t half = 0; half < 2 && word % 2 == 0; half++) { /* through one pair more: a += b, b += a */
            of[half].a += of[half].b;
            of[half].b += of[half].a;
        }
    }
    return count;
}

/* The frame's sums are not those of its bytes. */
static enum page_state frame_mend(uint8_t frame[WAL_FRAME_SIZE], struct sums sums, bool is_big)
{
    uint8_t found[8];
    size_t bit = 0, count = bits_find(frame, sums, sums_get(frame + SUM_AT), is_big, &bit);

    for (unsigned i = 0; i < 4; i++) {
        found[i] = (uint8_t)(sums.a >> (24 - 8 * i));
        found[4 + i] = (uint8_t)(sums.b >> (24 - 8 * i));
    }
    bool is_sum = bits_differ(found, frame + SUM_AT, sizeof found) == 1;
    if (count + is_sum != 1) {
        return PAGE_ROTTEN;
    }
    if (is_sum) {
        memcpy(frame + SUM_AT, found, sizeof found);
    } else {
        bit_flip(frame, bit);
    }
    return PAGE_MENDED;
}

enum page_state wal_frame_look(const uint8_t header[WAL_HEADER_SIZE], const uint8_t before[8],
                               uint8_t frame[WAL_FRAME_SIZE])
{
    unsigned salt_bits = bits_differ(frame + SALT_AT, header + HEADER_SALT_AT, 8);
    bool is_big = u32_big(header) & 1;
    struct sums sums = sums_get(before), stored = sums_get(frame + SUM_AT);

    if (salt_bits > 1) {
        return PAGE_UNSEALED;
    }
    sums_add(&sums, frame, SUMMED_HEAD, is_big);
    sums_add(&sums, frame + WAL_FRAME_HEAD_SIZE, PAGE_SIZE, is_big);
    if (salt_bits == 1 && sums_equal(sums, stored)) {
        memcpy(frame + SALT_AT, header + HEADER_SALT_AT, 8);
        return PAGE_MENDED;
    }
    if (salt_bits == 1) {
        return PAGE_ROTTEN;
    }
    if (sums_equal(sums, stored)) {
        return PAGE_SOUND;
    }
    return frame_mend(frame, sums, is_big);
}

bool wal_frame_is_of(const uint8_t header[WAL_HEADER_SIZE], const uint8_t frame_head[WAL_FRAME_HEAD_SIZE])
{
    return memcmp(frame_head + SALT_AT, header + HEADER_SALT_AT, SUM_AT - SALT_AT) == 0;
}

uint32_t wal_frame_page(const uint8_t frame_head[WAL_FRAME_HEAD_SIZE])
{
    return u32_big(frame_head);
}
