/* keep.h: what an import keeps so that the archive can be made again: the recipe, the streams that no
 * settings give, or, where it cannot be taken apart, the archive itself. */
#ifndef QANAT_NODE_LEARN_ORIGINAL_KEEP_H
#define QANAT_NODE_LEARN_ORIGINAL_KEEP_H

#include "node/learn/import.h"

/* Has the archive at `fd` taken apart in a sandboxed child and puts what comes into `batch` and the manifest,
 * whose members must be known. Only trouble of our own is an error; of an archive that is kept whole the
 * notes say why. */
enum status original_keep(struct import_package *package, struct blob_batch *batch, int fd,
                          struct report *report);

#endif
