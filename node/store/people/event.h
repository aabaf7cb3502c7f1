/* event.h: result events in the database, exactly once by their unique id. Rows only: what is counted is
 * node/learn's affair. */
#ifndef QANAT_NODE_STORE_PEOPLE_EVENT_H
#define QANAT_NODE_STORE_PEOPLE_EVENT_H

#include "node/store/db.h"

enum { EVENT_NO_SCORE = -1 };

/* The dimensions under which an event is counted. */
struct event_group {
    struct bytes course, lang, version, cohort;
    int role, gender; /* numbers of learn/vocabulary.h */
};

struct event {
    int64_t row;     /* of event_find() */
    struct bytes id; /* unique, as it came */
    int64_t person;  /* person.row */
    int64_t group;   /* of event_group_get() */
    int kind;        /* number of learn/vocabulary.h */
    int64_t at_ms;
    int64_t score;    /* hundredths of a point, or EVENT_NO_SCORE */
    int64_t minutes;  /* hundredths of a minute */
    uint64_t hash;    /* keyed, of the id */
    uint64_t content; /* keyed, of the id and everything that was said with it */
};

enum event_outcome {
    EVENT_STORED,
    EVENT_DUPLICATE,     /* the same id with the same content is stored */
    EVENT_OTHER_CONTENT, /* the same id says something else: the first one stays */
};

/* True when an event of `course` was ever recorded. */
bool event_course_is_known(struct db *db, struct bytes course);

/* --- writer thread only --- */

/* The greatest row number in use, 0 when there is none. */
int64_t event_last(struct db *db);

/* Finds or makes the row of a group. */
enum status event_group_get(struct db *db, const struct event_group *group, int64_t *row_out);

/* Stores `event` as row `row` (above event_last()) unless its id is known. */
enum status event_put(struct db *db, const struct event *event, int64_t row, enum event_outcome *outcome_out);

/* The event with this id, as stored last: its row and what counts; `hash` is that of its id. False when there is none, or it lost its id. */
bool event_find(struct db *db, struct bytes id, uint64_t hash, struct event *event_out);

/* The event in `row`, without its id and hashes; false when there is none. */
bool event_at(struct db *db, int64_t row, struct event *event_out);

/* Its id, as a text; false when there is none, or it does not fit. */
bool event_id_read(struct db *db, int64_t row, char *out, size_t size);

/* The group of an event; the texts are borrowed until the next step of the same statement: copy them. */
typedef void event_group_take(void *ctx, const struct event_group *group);
bool event_group_find(struct db *db, int64_t row, event_group_take *take, void *ctx);

/* Is anything recorded of a course in this cohort? */
bool event_cohort_is_known(struct db *db, struct bytes course, struct bytes cohort);

/* The newest row of a group; 0 when there is none. */
int64_t event_group_last(struct db *db);

/* All groups; borrowed during the visit. */
typedef void event_group_visit(void *ctx, int64_t row, const struct event_group *group);
enum status event_group_list(struct db *db, event_group_visit *visit, void *ctx);

/* Overwrites kind, time, score and minutes of the event in `row` (kind 0 of no list: it was taken back), and its content hash. */
enum status event_revise(struct db *db, int64_t row, const struct event *event);

/* Takes a person out of all events; *count_out is how many they were. */
enum status event_forget(struct db *db, int64_t person, int64_t *count_out);

#endif
