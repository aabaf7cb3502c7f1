/* manifest_check.h: the rules of a manifest, the same for writing and reading. */
#ifndef QANAT_PACKAGE_MANIFEST_CHECK_H
#define QANAT_PACKAGE_MANIFEST_CHECK_H

#include "replication/package/manifest.h"

/* S_OK; S_INVALID for paths that are unsafe, unsorted, doubled or at once file and folder, chunks that do not
 * add up, texts that are no UTF-8, mastery outside -1 to 100; S_TOO_LARGE over a limit. */
enum status manifest_check(const struct manifest *manifest);

#endif
