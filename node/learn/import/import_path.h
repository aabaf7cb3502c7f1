/* import_path.h: which names of files a package may hold.
 *
 * A package is unpacked on every kind of file system and served under its paths, so a path is relative,
 * '/'-separated UTF-8 without tricks, and no two differ only in case. The refusal names the path and what is
 * wrong with it. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_PATH_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_PATH_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

/* Checks one path as found; takes "./" off its front and '/' off the end of a folder's. S_INVALID,
 * S_TOO_LARGE with a report. A folder may end up empty ("./"). */
enum status import_path_check(struct bytes *path, bool is_folder, struct report *report);

/* The folder it lies in: "" or ending in '/'. */
struct bytes import_path_folder(struct bytes path);

/* Does its name end so, in letters of either case? */
bool import_path_ends_with(struct bytes path, const char *end);

/* Appends the form under which two paths collide on a file system that ignores case; '/' becomes 0x01 so that
 * it sorts first. */
void import_path_fold(struct bytes path, struct buffer *out);

#endif
