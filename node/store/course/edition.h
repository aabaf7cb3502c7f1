/* edition.h: in which language and version a course is taught here, for events that do not say it.
 *
 * The version that is current at this node decides (a pin holds it current); when a course is here in several
 * languages and the event names none, nobody can know. A course without a package here has neither and is
 * counted all the same: many programmes are taught on site. */
#ifndef QANAT_NODE_STORE_COURSE_EDITION_H
#define QANAT_NODE_STORE_COURSE_EDITION_H

#include "node/store/db.h"
#include "replication/package/catalogue.h"

struct edition {
    char lang[LANG_MAX + 1];       /* "" when it cannot be known */
    char version[VERSION_MAX + 1]; /* "" likewise */
    bool is_known;                 /* a package of the course is in the catalogue here */
};

/* `lang` and `cohort` are what the event says, or empty. A cohort that stays with a version has that one. Never
 * fails: an unknown course has an empty edition. */
void edition_find(struct db *db, struct bytes course, struct bytes lang, struct bytes cohort,
                  struct edition *edition_out);

#endif
