/* registration.h: rows of what a person takes a course for. What they mean is decided in node/learn/attempt. */
#ifndef QANAT_NODE_STORE_PEOPLE_REGISTRATION_H
#define QANAT_NODE_STORE_PEOPLE_REGISTRATION_H

#include "node/store/db.h"
#include "node/store/people/event.h"
#include "replication/package/manifest.h"

enum { REGISTRATION_COHORT_MAX = 128, REGISTRATION_REASON_MAX = 512, REGISTRATION_UUID_SIZE = 16, REGISTRATION_NO_MARK = -1 };

/* See schema/sql/tables/attempt.sql. */
struct registration_row {
    int64_t id;
    uint8_t uuid[REGISTRATION_UUID_SIZE];
    int64_t person;
    char course[COURSE_ID_MAX + 1];
    char cohort[REGISTRATION_COHORT_MAX + 1];
    char lang[LANG_MAX + 1];
    char version[VERSION_MAX + 1];
    int status;
    int64_t progress, score, seconds; /* scores: or EVENT_NO_SCORE */
    int64_t created_ms, started_ms, completed_ms, certified_ms;
    int mark_status;
    int64_t mark_score;
    char mark_reason[REGISTRATION_REASON_MAX + 1];
    int64_t mark_by, marked_ms;
    bool is_due;
};

bool registration_row_get(struct db *db, int64_t id, struct registration_row *row_out);
bool registration_row_find(struct db *db, int64_t person, struct bytes course, struct bytes cohort, struct registration_row *row_out);
bool registration_row_find_latest(struct db *db, int64_t person, struct bytes course, struct registration_row *row_out);
bool registration_row_any(struct db *db, struct bytes course); /* in any cohort */
bool registration_row_find_uuid(struct db *db, const uint8_t uuid[REGISTRATION_UUID_SIZE], struct registration_row *row_out);

/* Append row ids (int64_t): of a person, in the order of enrolment; of a course and cohort; those due, `max` at most. */
enum status registration_row_list_of(struct db *db, int64_t person, struct buffer *ids);
enum status registration_row_list_in(struct db *db, struct bytes course, struct bytes cohort, struct buffer *ids);
enum status registration_row_list_due(struct db *db, size_t max, struct buffer *ids);

/* Appends the ids of all registrations that one human being has in the course and cohort of `row`, with those of people who were merged into
 * `kept`, whose own comes first. */
enum status registration_row_list_twins(struct db *db, int64_t kept, const struct registration_row *row, struct buffer *ids);

/* --- writer thread only --- */

enum status registration_row_insert(struct db *db, struct registration_row *row); /* fills row->id */
enum status registration_row_update(struct db *db, const struct registration_row *row);
enum status registration_row_delete_of(struct db *db, int64_t person);

/* What is derived from this one, or from all of a person, must be told anew. */
enum status registration_row_set_due(struct db *db, int64_t id);
enum status registration_row_set_due_of(struct db *db, int64_t person);

#endif
