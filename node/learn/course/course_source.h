/* course_source.h: translations: what a version was made from, and how far that has moved on since. */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_SOURCE_H
#define QANAT_NODE_LEARN_COURSE_COURSE_SOURCE_H

#include "node/learn/course/course.h"

/* Fills source_lang and source_version of a version about to be imported. `from` is what a person said, LANG
 * or LANG@VERSION; when it is NULL: the original of the course that it localises (the language that came
 * first and is no translation itself), when there is one in another language. Of a language, the version that
 * is current here, else the newest known. S_NOT_FOUND when what was said is not known here. */
enum status course_source_choose(struct db *db, const char *from, struct course_row *row,
                                 struct report *report);

/* How a translation stands to its source. */
struct course_standing {
    bool is_translation;
    char course[COURSE_ID_MAX + 1]; /* the source's */
    char newest[VERSION_MAX + 1];   /* the source's newest version known here, "" when none is */
    bool is_behind;                 /* that is not the one it was made from */
    bool is_counted;                /* both versions of the source are held here: */
    uint64_t members;               /* files that differ, and that the translation has not got yet */
};

void course_standing_get(struct db *db, const struct course_row *row, struct course_standing *standing_out);

#endif
