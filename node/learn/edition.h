/* edition.h: in which language and version a course is taught here, for events that do not say it.
 *
 * The pin of the cohort decides, else the version that is current at this node; a course without a package here has neither and is
 * counted all the same: many programmes are taught on site. */
#ifndef QANAT_NODE_LEARN_EDITION_H
#define QANAT_NODE_LEARN_EDITION_H

#include "node/store/db.h"
#include "replication/package/catalogue.h"

struct edition {
    char lang[LANG_MAX + 1];
    char version[VERSION_MAX + 1];
    bool is_known; /* a package of the course is in the catalogue here */
};

/* Never fails: an unknown course has an empty edition. */
void edition_find(struct db *db, struct bytes course, struct bytes cohort, struct edition *edition_out);

#endif
