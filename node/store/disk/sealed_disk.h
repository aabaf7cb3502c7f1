/* sealed_disk.h: the files of a database as SQLite sees them, with rotten bits put right or refused.
 *
 * A layer of SQLite's ("VFS") over the system's files. Each page that goes to the database file is swept
 * (page_sweep.h) and sealed (page_seal.h), each that comes from it is judged: one flipped bit is put right before SQLite sees it (and in the file,
 * by the connection that writes), a page with more is an error: it never becomes a wrong figure. When a log is read
 * after a crash, its frames are mended the same way (wal_frame.h); what cannot be mended ends the log, as SQLite has it.
 * A database without room for seals (of an older version) is passed through, so is a page that a foreign tool wrote.
 *
 * SQLite itself gets zeros in place of seals: so pages in the log carry none, whoever copies them into the database. */
#ifndef QANAT_NODE_STORE_DISK_SEALED_DISK_H
#define QANAT_NODE_STORE_DISK_SEALED_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "replication/base/status.h"

/* The name for sqlite3_open_v2(). `is_lenient`: a rotten page is handed out as it is, to save what can be read. */
const char *sealed_disk(bool is_lenient);

/* For sqlite3_file_control(): does the database have seals? Into an int. */
enum { SEALED_DISK_ASK = 0x51536c64 };

/* Pages that were put right, and that could not be, since the process began. */
uint64_t sealed_disk_mended(void);
uint64_t sealed_disk_rotten(void);

/* Called for each page of a file that is not sound; `is_single`: one bit, which reading puts right. */
typedef void sealed_page_visit(void *ctx, uint32_t page, bool is_single);

/* Looks at every page of the file, also those that are in no use, but not at those that stand in its log, too. `may_mend`: single bits
 * are put right in the file, which is synced; then nobody may write to it meanwhile but the caller. S_OK also for a file without seals. */
enum status sealed_scan(const char *path, bool may_mend, sealed_page_visit *visit, void *ctx);

#endif
