/* import_unpack.h: reads a .zip, .tar or .tar.gz and says what is in it. Runs in the sandboxed child only
 * (import_child.h).
 *
 * A zip is read by its central directory. What only the archive library can see is refused here (encryption,
 * links, devices, damage); paths and limits are checked by the parent, which does not believe the child. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_UNPACK_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_UNPACK_H

#include <stdbool.h>

/* Lets the archive library and the code pages of `lang` (import_name.h) be loaded, which cannot be done in the sandbox. */
void import_unpack_prepare(const char *lang);

/* Writes ENTRY (DATA...) ENTRY_END, FOLDER and at last DONE or FAULT frames of the archive at `in_fd` to
 * `out_fd`; false on a fault. */
bool import_unpack(int in_fd, int out_fd);

#endif
