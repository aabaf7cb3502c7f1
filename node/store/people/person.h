/* person.h: people in the database. Rows only: what a gender, a role or a figure means is node/learn's
 * affair. */
#ifndef QANAT_NODE_STORE_PEOPLE_PERSON_H
#define QANAT_NODE_STORE_PEOPLE_PERSON_H

#include "node/store/db.h"

struct person {
    int64_t row;     /* 0: not stored yet */
    struct bytes id; /* as the institution knows the person */
    struct bytes name;
    int gender, role; /* numbers of learn/vocabulary.h */
    struct bytes institution;
    struct bytes password; /* argon2id string, empty: none */
    int64_t registered_ms;
    struct bytes lang; /* of the pages, or empty */
};

/* False when there is no such person. An id that was merged into another one finds that one (duplicate.h). The
 * texts are copied into `texts` (cleared first) and borrowed from it.
 */
bool person_find(struct db *db, struct bytes id, struct buffer *texts, struct person *person_out);

/* By row; borrowed during the visit. False when there is no such person. */
typedef void person_row_take(void *ctx, const struct person *person);
bool person_row_visit(struct db *db, int64_t row, person_row_take *take, void *ctx);

/* Only row, gender and role: the hot path of a result import. */
bool person_find_dims(struct db *db, struct bytes id, struct person *person_out);

/* Up to `max` people with ids above `after`, in byte order of their ids, borrowed during the visit; returns
 * how many were visited. */
typedef enum status person_visit(void *ctx, const struct person *person);
size_t person_page(struct db *db, struct bytes after, size_t max, person_visit *visit, void *ctx);

int64_t person_count(struct db *db);

/* How many of `wanted` newcomers there is room for up to PEOPLE_MAX; who was merged into another one takes none. Counts people only
 * where their number may come near. */
int64_t person_room(struct db *db, int64_t wanted);

/* Changes whenever this process wrote a person: what was cached of people is then out of date. Any thread. */
uint64_t person_generation(void);

/* Reads a row of a statement that selects the columns of person_find: for the files of this family. */
void person_read(struct statement *statement, struct person *person_out);

/* Something about people changed: see person_generation(). */
void person_changed(void);

/* --- writer thread only --- */

enum status person_insert(struct db *db, const struct person *person);

/* Overwrites everything but the id of person->row. */
enum status person_update(struct db *db, const struct person *person);

/* One thing of a person. */
enum status person_set_lang(struct db *db, int64_t row, struct bytes lang);
enum status person_set_password(struct db *db, int64_t row, struct bytes password);

/* Deletes the row, and overwrites its place in the file. */
enum status person_delete(struct db *db, int64_t row);

#endif
