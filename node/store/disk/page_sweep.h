/* page_sweep.h: what lies between the rows of a page becomes zeros.
 *
 * SQLite moves rows about and leaves their old bytes where they were: in the gap between the pointers to a page's cells
 * and the cells, and in holes between cells. Somebody who was erased would stay there to be read. Every page that goes
 * to the database file is swept (sealed_disk.c), so what is deleted is gone with the next writing of its page.
 *
 * File format: sqlite.org/fileformat2.html, section 1.6 (b-tree pages). Pages of other kinds (overflow, free) begin with
 * the number of a page, of four bytes: that is no b-tree page in a file below 128 GiB; a page whose numbers do not fit
 * together is left alone. */
#ifndef QANAT_NODE_STORE_DISK_PAGE_SWEEP_H
#define QANAT_NODE_STORE_DISK_PAGE_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "node/store/disk/page_seal.h"

/* Page `number` (from 1), whose last `reserved` bytes are not SQLite's. True when it is a b-tree page, and was swept. */
bool page_sweep(uint8_t page[PAGE_SIZE], uint32_t number, unsigned reserved);

#endif
