/* import_child.h: runs a task on hostile input in a sandboxed child process of this same program.
 *
 * The child is /proc/self/exe with an argv[0] that says so; main() asks import_child_is() first thing, and so
 * does every test program that imports. Input is a regular file (an archive, or a memory file of frames),
 * output a pipe of frames (import_frame.h). */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_CHILD_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_CHILD_H

#include <sys/types.h>

#include "node/learn/import/import_frame.h"

enum import_task {
    IMPORT_TASK_UNPACK,   /* fd 0: an archive; answers with its entries */
    IMPORT_TASK_DESCRIBE, /* fd 0: frames of members and files; answers with a description */
    IMPORT_TASK_SCAN,     /* fd 0: an archive; answers with the recipe to make it again */
};

/* Is this process such a child? Then main() must return import_child_main() at once, before anything else. */
bool import_child_is(int argc, char **argv);
int import_child_main(int argc, char **argv);

struct import_child {
    pid_t pid;
    struct import_reader reader; /* of the child's frames */
};

/* Starts `task` on `input_fd`, which stays the caller's. `lang`: the tag of the package's language, "" when it is not known. */
enum status import_child_start(enum import_task task, const char *lang, int input_fd, struct import_child *child, struct report *report);

/* Ends the child, killing it when it still runs. Fills `report` when it ended otherwise than by itself and
 * nothing was reported before. */
void import_child_end(struct import_child *child, struct report *report);

#endif
