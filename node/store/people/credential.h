/* credential.h: issued credentials in the database. Rows only: what one says is node/badge's affair. */
#ifndef QANAT_NODE_STORE_PEOPLE_CREDENTIAL_H
#define QANAT_NODE_STORE_PEOPLE_CREDENTIAL_H

#include "node/store/db.h"

struct credential_row {
    int64_t id;              /* in the order of issuing; 0: not stored yet */
    struct bytes credential; /* UUID text */
    int64_t person;          /* person.row; 0 after erasure */
    struct bytes person_id;  /* out: as the institution knows the person */
    struct bytes course, lang, version, cohort;
    int64_t issued_ms;
    struct id list;
    int64_t list_index;
    struct bytes document;
    int64_t revoked_ms; /* 0: it stands */
    struct bytes reason;
};

/* Calls `visit` with the row of one credential, borrowed; false when there is none. */
typedef void credential_visit(void *ctx, const struct credential_row *row);
bool credential_find(struct db *db, struct bytes credential, credential_visit *visit, void *ctx);

/* Up to `max` of them below id `before`, the newest first, of one person or (0) of all; how many there were.
 */
size_t credential_page(struct db *db, int64_t before, int64_t person, size_t max, credential_visit *visit,
                       void *ctx);

/* How many its person got before it in the same course and cohort. */
int64_t credential_number(struct db *db, struct bytes credential);

/* The UUID of the newest one of a person, course and cohort that is not revoked, into `out`; false when there
 * is none. */
bool credential_standing(struct db *db, int64_t person, struct bytes course, struct bytes cohort,
                         struct buffer *out);

/* How many were ever issued to a person for a course. */
int64_t credential_count_of(struct db *db, int64_t person, struct bytes course);

/* The first free place of a status list. */
int64_t credential_list_next(struct db *db, const struct id *list);

/* When a person completed a course last, and with which score (hundredths, or EVENT_NO_SCORE); false without
 * such an event. */
bool credential_completion(struct db *db, int64_t person, struct bytes course, int64_t *at_ms_out,
                           int64_t *score_out);

/* --- writer thread only --- */

enum status credential_insert(struct db *db, const struct credential_row *row);
enum status credential_revoke_row(struct db *db, int64_t id, int64_t at_ms, struct bytes reason);

/* Takes an erased person out of the rows, documents included. */
enum status credential_forget(struct db *db, int64_t person);

#endif
