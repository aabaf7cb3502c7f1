/* launch.h: rows of opened items: what each opening says last, and what it hands on. What they mean is decided in node/learn/attempt. */
#ifndef QANAT_NODE_STORE_PEOPLE_LAUNCH_H
#define QANAT_NODE_STORE_PEOPLE_LAUNCH_H

#include "node/store/db.h"
#include "node/store/people/event.h"
#include "replication/package/manifest.h"

enum {
    LAUNCH_GAP_MAX = 1 << 20, /* ids grow by random steps up to this: a number is not given again when the database was put back */
};

/* See schema/sql/tables/attempt.sql. */
struct launch_row {
    int64_t id;
    struct hash token;
    int64_t registration, person, course;
    char item[COURSE_TEXT_MAX + 1];
    int attempt, runtime;
    int64_t created_ms, expires_ms, ended_ms;
    int64_t seq;
    int completion, success;
    int64_t score, progress, seconds, completed_ms; /* score: or EVENT_NO_SCORE */
    int64_t session;
};

bool launch_row_get(struct db *db, int64_t id, struct launch_row *row_out);

/* Only id, course, expires_ms and ended_ms: the hot path of serving content. */
bool launch_row_find_token(struct db *db, const struct hash *token, struct launch_row *row_out);

/* Visits the launches of a registration, item by item and in their order; only the item (borrowed in row->item), the token and the numbers are filled. */
typedef void launch_row_visit(void *ctx, const struct launch_row *row);
enum status launch_row_sum(struct db *db, int64_t registration, launch_row_visit *visit, void *ctx);

/* The number of the last attempt of an item, 0 without one. */
int launch_row_attempt(struct db *db, int64_t registration, const char *item);

/* Appends what the attempt's latest launch left; false when there is nothing. */
bool launch_row_state(struct db *db, int64_t registration, const char *item, int attempt, struct buffer *state_out);

/* The launch of the attempt of `row` whose state is handed on, or 0. */
int64_t launch_row_state_holder(struct db *db, const struct launch_row *row);

/* --- writer thread only --- */

enum status launch_row_insert(struct db *db, struct launch_row *row); /* fills row->id */
enum status launch_row_update(struct db *db, const struct launch_row *row);

/* Keeps the state of a launch; drops that of the others of the attempt. */
enum status launch_row_put_state(struct db *db, const struct launch_row *row, struct bytes state);

enum status launch_row_delete_of(struct db *db, int64_t person);

#endif
