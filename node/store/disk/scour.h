/* scour.h: after somebody was erased: no byte of theirs stays in the database's files.
 *
 * Their rows were overwritten where they stood (db_set_erasing). Old bytes are left elsewhere: in pages that are in no
 * use, in the log, in what is cached of pages. Free pages are taken and given back as zeros, the log goes into the
 * database, where each page is swept (page_sweep.h), and is cut to nothing. Pages that a version before this one wrote
 * may not be swept yet: once in a database's life it is built anew (VACUUM: less than a second for 324,000 people; writes wait). */
#ifndef QANAT_NODE_STORE_DISK_SCOUR_H
#define QANAT_NODE_STORE_DISK_SCOUR_H

#include "node/store/store.h"

/* Not from the writer thread. S_BUSY when a reader keeps the log, S_NO_SPACE: all else was done; the next call does it. */
enum status store_scour(struct store *store);

#endif
