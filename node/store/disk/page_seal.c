#include "node/store/disk/page_seal.h"

#include <pthread.h>
#include <string.h>

enum { SLICES = 8, BODY_SIZE = PAGE_SIZE - PAGE_SEAL_SIZE };

static const uint64_t polynomial = 0xc96c5795d7870f42; /* ECMA-182, its bits in reverse */
static uint64_t tables[SLICES][256];
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

static void tables_make(void)
{
    for (unsigned i = 0; i < 256; i++) {
        uint64_t sum = i;
        for (unsigned bit = 0; bit < 8; bit++) {
            sum = sum & 1 ? sum >> 1 ^ polynomial : sum >> 1;
        }
        tables[0][i] = sum;
    }
    for (unsigned slice = 1; slice < SLICES; slice++) {
        for (unsigned i = 0; i < 256; i++) {
            uint64_t before = tables[slice - 1][i];
            tables[slice][i] = tables[0][before & 0xff] ^ before >> 8;
        }
    }
}

static uint64_t u64_get(const uint8_t *in)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)in[i] << (8 * i);
    }
    return value;
}

static void u64_put(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* Eight bytes at a time: the seal is a multiple of eight from the page's beginning. */
static uint64_t sum_of(const uint8_t *page, uint32_t number)
{
    uint64_t sum = ~(uint64_t)number;

    pthread_once(&tables_made, tables_make);
    for (unsigned at = 0; at < BODY_SIZE; at += 8) {
        sum ^= u64_get(page + at);
        sum = tables[7][sum & 0xff] ^ tables[6][sum >> 8 & 0xff] ^ tables[5][sum >> 16 & 0xff] ^
              tables[4][sum >> 24 & 0xff] ^ tables[3][sum >> 32 & 0xff] ^ tables[2][sum >> 40 & 0xff] ^
              tables[1][sum >> 48 & 0xff] ^ tables[0][sum >> 56];
    }
    return sum;
}

/* What stands in the page: zero is kept for pages without a seal. */
static uint64_t seal_of(const uint8_t *page, uint32_t number)
{
    uint64_t sum = sum_of(page, number);
    return sum ? sum : 1;
}

void page_seal(uint8_t page[PAGE_SIZE], uint32_t number)
{
    u64_put(page + BODY_SIZE, seal_of(page, number));
}

static bool is_single(uint64_t bits)
{
    return bits && !(bits & (bits - 1));
}

enum page_state page_look(uint8_t page[PAGE_SIZE], uint32_t number)
{
    uint64_t stored = u64_get(page + BODY_SIZE), sum = seal_of(page, number), difference = stored ^ sum;
    uint64_t of_bit[8];

    if (!difference) {
        return PAGE_SOUND;
    }
    if (!stored) {
        return PAGE_UNSEALED;
    }
    if (is_single(difference)) {
        u64_put(page + BODY_SIZE, sum);
        return PAGE_MENDED;
    }
    for (unsigned bit = 0; bit < 8; bit++) { /* of the last byte; each byte before it is eight shifts further */
        of_bit[bit] = tables[0][1 << bit];
    }
    for (unsigned at = BODY_SIZE; at-- > 0;) {
        for (unsigned bit = 0; bit < 8; bit++) {
            if (of_bit[bit] == difference) {
                page[at] = (uint8_t)(page[at] ^ 1 << bit);
                return PAGE_MENDED;
            }
            of_bit[bit] = tables[0][of_bit[bit] & 0xff] ^ of_bit[bit] >> 8;
        }
    }
    return PAGE_ROTTEN;
}
