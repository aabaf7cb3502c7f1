/* import_folder.h: a folder on disk as the source of a package. Links are not followed but refused, as in an
 * archive. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_FOLDER_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_FOLDER_H

#include "node/learn/import/import_members.h"

enum { IMPORT_FOLDER_DEPTH_MAX = 64 };

/* Hands every file below `path` to `members`. */
enum status import_folder(const char *path, struct import_members *members, struct report *report);

#endif
