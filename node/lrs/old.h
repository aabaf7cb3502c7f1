/* old.h: statements as they were before xAPI 1.0: the "Tin Can API" 0.9 (2011) and 0.95 (2012), which published courses of those years speak and nobody will
 * publish anew.
 *
 * What they say has a form in 1.0.3, into which it is put before the rules look at it: a verb that is a word becomes that of ADL's list, lists of one person's
 * addresses the first of them, an account's members what they are called now, kinds that are words IRIs. What 1.0.3 has no place for is left out (inProgress,
 * voided, names in parts, extensions whose keys are no IRIs). Only launched content may speak so: programs with a key of their own are held to the versions
 * that the standard has (1.0.3 part 3, 1.4). */
#ifndef QANAT_NODE_LRS_OLD_H
#define QANAT_NODE_LRS_OLD_H

#include "node/lrs/tree.h"

/* "0.9", "0.90", "0.95". */
bool old_is_version(const char *text);

/* Changes a statement, or an agent, in place. S_TOO_LARGE: the arena is full. */
enum status old_statement(struct tree *statement, struct arena *arena);
enum status old_agent(struct tree *agent, struct arena *arena);

#endif
