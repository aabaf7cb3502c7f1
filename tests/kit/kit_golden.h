/* kit_golden.h: data directories made by earlier versions (tests/golden), unpacked for a test. */
#ifndef QANAT_TESTS_KIT_KIT_GOLDEN_H
#define QANAT_TESTS_KIT_KIT_GOLDEN_H

#include "node/store/store.h"

/* Schemas of which there is one: 1 to GOLDEN_LAST. */
enum { GOLDEN_LAST = 8 };

/* What every golden pair of nodes holds at its hub, as the program that made it said (tests/golden/make.sh). */
enum { GOLDEN_REGISTERED = 80, GOLDEN_ENROLLED = 82, GOLDEN_STARTED = 40, GOLDEN_COMPLETED = 27, GOLDEN_PEOPLE = 40 };

/* Unpacks tests/golden/schema-`version`.tar.gz into `dir`: DIR/hub and DIR/campus. */
void kit_golden_unpack(int version, const char *dir);

/* NULL, or what is wrong with the open hub: damage found, or other figures than those above. */
const char *kit_golden_check(const char *dir, struct store *store);

#endif
