/* keep.h: what an import keeps so that the archive can be made again: the recipe, the streams that no
 * settings give, or, where it cannot be taken apart, the archive itself. */
#ifndef QANAT_NODE_LEARN_ORIGINAL_KEEP_H
#define QANAT_NODE_LEARN_ORIGINAL_KEEP_H

#include "node/learn/import/import.h"
#include "node/learn/import/import_child.h"

/* An archive being taken apart in a sandboxed child: it may run while the archive is unpacked. */
struct original_scan {
    int fd; /* the archive's, which stays the caller's */
    struct import_child child;
};

enum status original_scan_start(struct original_scan *scan, int fd, struct report *report);
/* It is not wanted any more. */
void original_scan_drop(struct original_scan *scan);

/* Ends the scan and puts what came of it into `batch` and the manifest, whose members must be known. Only
 * trouble of our own is an error; of an archive that is kept whole the notes say why. `watch` may be NULL. */
enum status original_keep(struct import_package *package, struct blob_batch *batch,
                          struct original_scan *scan, struct import_watch *watch, struct report *report);

#endif
