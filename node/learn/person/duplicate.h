/* duplicate.h: one human being who is here twice, as spreadsheets and two institutions make them: merged, and
 * parted again when that was a mistake.
 *
 * Nothing is moved: the merged id means the kept person from then on, in files, sign-ins and enrolments, and
 * what was recorded under it stays with its row, so that parting is exact. The registered figure counts one
 * person, and two again; so do enrolled, started and completed of a course (and cohort) in which both are
 * registered: the earliest moment and the best score count, minutes of both. What was imported as results, and
 * certificates, stay as they are. Distinct people counted before stay two: a sketch cannot forget. */
#ifndef QANAT_NODE_LEARN_PERSON_DUPLICATE_H
#define QANAT_NODE_LEARN_PERSON_DUPLICATE_H

#include "node/store/store.h"

/* `merged` means `kept` from now on. S_NOT_FOUND for an unknown id; S_EXISTS when it is so already; S_INVALID
 * for a person with themselves, or when others were merged into `merged`; S_DENIED when `kept` was itself
 * merged. */
enum status duplicate_merge(struct store *store, struct bytes kept, struct bytes merged,
                            struct report *report);

/* `merged` is a person again. S_NOT_FOUND when it is none, or was not merged. */
enum status duplicate_part(struct store *store, struct bytes merged, struct report *report);

#endif
