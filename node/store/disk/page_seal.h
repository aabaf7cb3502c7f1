/* page_seal.h: a sum at the end of each page of the database, which finds rotten bits and puts a single one back.
 *
 * SQLite leaves the last PAGE_SEAL_SIZE bytes of a page to whoever asks for them (byte 20 of the file's header says
 * how many). There stands a CRC-64 (the polynomial of ECMA-182, reflected) over the page's number and its bytes,
 * little endian; never zero: zeros say that whoever wrote the page knew nothing of seals, and it is believed.
 *
 * A CRC is linear: the difference between the sum found and the sum stored is the sum of the flipped bits alone, and
 * no two single bits of a page have the same. So one flipped bit is found by trying all 32,768, in a twentieth of a
 * millisecond. Two are never taken for one: the polynomial has (x + 1) as a factor, so the sums of an even and of an
 * odd number of bits differ. */
#ifndef QANAT_NODE_STORE_DISK_PAGE_SEAL_H
#define QANAT_NODE_STORE_DISK_PAGE_SEAL_H

#include <stdbool.h>
#include <stdint.h>

enum { PAGE_SIZE = 4096, PAGE_SEAL_SIZE = 8 };

enum page_state {
    PAGE_SOUND,
    PAGE_UNSEALED, /* zeros where the seal belongs */
    PAGE_MENDED,   /* one bit was flipped and is put back */
    PAGE_ROTTEN,   /* more than that; nothing was changed */
};

/* Writes the seal of page `number` (from 1) into its last bytes. */
void page_seal(uint8_t page[PAGE_SIZE], uint32_t number);

/* Judges page `number`, and mends it where it can. */
enum page_state page_look(uint8_t page[PAGE_SIZE], uint32_t number);

#endif
