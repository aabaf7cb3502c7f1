/* import_sandbox.h: takes everything away from the process that parses strangers' archives and XML.
 *
 * After it, the process can read and write the descriptors it has (0, 1 and 2), ask for memory up to a limit,
 * and end. No file can be opened, no socket made, no process started: seccomp (an allow-list of system
 * calls), Landlock where the kernel has it, resource limits. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_SANDBOX_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_SANDBOX_H

#include <stdbool.h>

enum { SANDBOX_MEMORY_MAX_MIB = 1024, SANDBOX_CPU_MAX_S = 1800 };

/* For ever. False when the process could not be confined: then it must not touch its input. */
bool import_sandbox_enter(void);

#endif
