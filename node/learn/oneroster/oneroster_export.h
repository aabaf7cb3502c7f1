/* oneroster_export.h: people, cohorts and who is in them as a OneRoster 1.1 or 1.2 CSV export (1EdTech): the
 * other direction of oneroster.h, into a folder or a .zip.
 *
 * - users, demographics, orgs: people; in 1.2 their roles in roles.csv. sourcedId and username are our id. The
 *   family name is the last word of a name, where that makes the same name again; learners are students,
 *   facilitators and trainers teachers, above them administrators.
 * - courses, classes: cohorts, and a session for the dates of each (academicSessions).
 * - enrollments: learners as students, trainers as teachers.
 *
 * Importing it where it was made changes nothing. What OneRoster has no word for (registration, language of
 * the pages, who trains trainers) and passwords are not in it. */
#ifndef QANAT_NODE_LEARN_ONEROSTER_ONEROSTER_EXPORT_H
#define QANAT_NODE_LEARN_ONEROSTER_ONEROSTER_EXPORT_H

#include "node/store/store.h"

enum oneroster_version { ONEROSTER_1_1, ONEROSTER_1_2 };

struct oneroster_export {
    struct store *store;
    const char *node; /* name of this node: the organisation of those who have none */
    const char *path; /* a folder, made when it is missing, for its owner alone; or of the archive */
    bool is_zip;      /* one .zip, which is there when it is whole */
    const char *node_dir; /* of this node: where the files of an archive are made, without names */
    int64_t now_ms;
    enum oneroster_version version;
};

/* Writes all files; S_IO, S_NO_SPACE with a report. */
enum status oneroster_export(const struct oneroster_export *export, struct report *report);

#endif
