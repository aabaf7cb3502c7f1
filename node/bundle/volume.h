/* volume.h: a bundle in several files: FILE, FILE.2, FILE.3, ... For the files of this room, and the command.
 */
#ifndef QANAT_NODE_BUNDLE_VOLUME_H
#define QANAT_NODE_BUNDLE_VOLUME_H

#include "node/bundle/bundle.h"
#include "node/bundle/seen.h"
#include "node/dir.h"

enum { VOLUMES_MAX = 999 };

/* The path of volume `number`; false when it is too long. */
bool volume_path(const char *path, unsigned number, char out[DIR_PATH_MAX]);

/* Looks at the volumes that are there: those that this node made for `target` and that are whole stay. Adds
 * their objects to `seen`; *next_out is the number of the first that has to be made. S_EXISTS when a file
 * stands there that is none of them. */
enum status volumes_resume(const struct bundle_node *node, const char *path, const struct id *target,
                           struct seen *seen, unsigned *next_out, struct report *report);

/* Does volume `number` say that it is the last? */
bool volume_is_last(const char *path, unsigned number);

/* Removes, with their signatures, the volumes from `first` on that a former export of this node for `target` left: who imports FILE would read them, too.
 * The first that is none of them ends it. Returns how many. */
unsigned volumes_drop_left(const struct bundle_node *node, const char *path, const struct id *target, unsigned first);

#endif
