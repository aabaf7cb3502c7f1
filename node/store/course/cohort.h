/* cohort.h: versions that one cohort stays with. See the table course_cohort. */
#ifndef QANAT_NODE_STORE_COURSE_COHORT_H
#define QANAT_NODE_STORE_COURSE_COHORT_H

#include "node/store/course/course.h"

enum { COHORT_NAME_MAX = 128 };

/* `cohort` stays with this version of (course, lang), instead of any other. Writer thread. */
enum status cohort_pin(struct db *db, const char *cohort, const struct course_row *row);

/* It follows the current one again; *count_out: 0 when it did. Writer thread. */
enum status cohort_unpin(struct db *db, const char *cohort, const char *course, const char *lang,
                         int64_t *count_out);

/* What a cohort stays with. */
struct cohort_version {
    char lang[LANG_MAX + 1];
    char version[VERSION_MAX + 1];
    struct id publisher;
};

/* Up to two, of `lang` or, when it is empty, of any language; returns how many. */
size_t cohort_find(struct db *db, struct bytes cohort, struct bytes course, struct bytes lang,
                   struct cohort_version found_out[2]);

/* Appends the names of the cohorts that stay with `row`, each ended by a NUL; returns how many. */
size_t cohort_list(struct db *db, const struct course_row *row, struct buffer *names);

#endif
