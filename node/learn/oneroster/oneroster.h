/* oneroster.h: people, classes and enrolments from a OneRoster 1.1 or 1.2 CSV export (1EdTech), as school
 * systems write it: a folder, or a .zip (oneroster_zip.h), with users.csv, and orgs.csv, demographics.csv, roles.csv, courses.csv,
 * classes.csv, enrollments.csv when they are there.
 *
 *   users        people. The id is the column asked for (username), where that is empty the sourcedId;
 * students become learners, teachers facilitators, administrators of the school managers; guardians, parents
 * and relatives are left out. Who is trainer, manager or administrator here stays it. The name is written
 *                given, middle, family; of Chinese, Japanese and Korean names family first.
 *   orgs         the name of the institution (of the primary organisation)
 *   demographics gender
 *   classes      cohorts (classCode, else sourcedId), of their course (courseCode, else sourcedId)
 *   enrollments  members: students as learners, teachers as trainers; a row "tobedeleted" takes them out
 *
 * The same files again change nothing. Nobody is erased by a file. */
#ifndef QANAT_NODE_LEARN_ONEROSTER_ONEROSTER_H
#define QANAT_NODE_LEARN_ONEROSTER_ONEROSTER_H

#include "node/dir.h"
#include "node/learn/person/person.h"

/* The organisation, in files of our own, of those who have none: not taken for an institution. */
#define ONEROSTER_NO_ORG "qanat-node"

struct oneroster_import {
    struct store *store;
    const struct federation *federation;
    const char *path;     /* of the folder, or of the archive */
    const char *node_dir; /* of this node: where an archive is unpacked */
    const char *id_column; /* lower case: "username", "sourcedid", "identifier", "email" */
    int64_t now_ms;
    bool is_dry_run;
};

struct oneroster_outcome {
    struct person_outcome people; /* lines are those of users.csv */
    struct refusals refusals;     /* of the other files: the text names the file */
    uint64_t users, left_out;     /* rows; of those that are nobody's learner or teacher, or to be deleted */
    uint64_t cohorts_added, cohorts_unchanged, members_changed, members_unchanged;
};

void oneroster_outcome_init(struct oneroster_outcome *outcome);
void oneroster_outcome_release(struct oneroster_outcome *outcome);

/* S_OK; S_PARTIAL when rows were refused; S_NOT_FOUND without users.csv; S_INVALID for a file without the
 * columns it must have, or an archive that is refused (then nothing was taken). In a dry run cohorts and members are counted as far as can be known without the
 * people. */
enum status oneroster_import(const struct oneroster_import *import, struct oneroster_outcome *outcome,
                             struct report *report);

/* A name from its parts: given, middle, family, with spaces; of Chinese, Japanese and Korean ones family
 * first, without. Appended. */
void oneroster_name(struct buffer *out, const char *given, const char *middle, const char *family);

#endif
