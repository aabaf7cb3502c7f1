/* import_entries.h: what an archive holds, entry by entry, as the unpacking child (import_child.h) says it.
 *
 * The child read a stranger's archive and is not believed: that an entry begins before its data and ends before the next one is
 * checked here; paths, sizes and counts are the taker's affair. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_ENTRIES_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"

/* Who takes them. Whatever is not S_OK ends the reading, with a report. */
struct import_entries {
    void *ctx;
    enum status (*begin)(void *ctx, struct bytes path, bool is_folder); /* nothing follows of a folder */
    enum status (*data)(void *ctx, struct bytes data);
    enum status (*end)(void *ctx);
    void (*read)(void *ctx, uint64_t at); /* so far the archive was read; NULL: nobody asks */
};

/* Reads the archive `fd`, in language `lang` ("": not known), through a child. S_OK when all of it was taken; else report->status,
 * S_INVALID when the child spoke out of turn or ended too early. */
enum status import_entries_read(int fd, const char *lang, const struct import_entries *taker, struct report *report);

#endif
