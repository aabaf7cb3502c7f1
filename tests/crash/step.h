/* step.h: one step of a story (story.h), told or told again; for the files of this folder. */
#ifndef QANAT_TESTS_CRASH_STEP_H
#define QANAT_TESTS_CRASH_STEP_H

#include "node/blob/blob.h"
#include "node/dir.h"
#include "tests/crash/story.h"

#define STEP_LIST(X)                                                                                         \
    X(FOUND) /* qanat init */                                                                                \
    X(OPEN)  /* closes the store when it is open, and opens it */                                            \
    X(PEOPLE)                                                                                                \
    X(RESULTS)                                                                                               \
    X(STREAM) /* a batch of the other node's stream */                                                       \
    X(BLOBS)  /* some small contents, or many, stored together */                                            \
    X(FETCH)  /* two small ones and a large one from a peer, object by object */                             \
    X(DROP)   /* one of the small ones is removed, and swept */                                              \
    X(BACKUP)

enum step_kind {
#define X(name) STEP_##name,
    STEP_LIST(X)
#undef X
        STEP_KINDS
};

enum {
    STEP_PEOPLE_COUNT = 20,
    STEP_EVENTS_COUNT = 12,
    STEP_CELLS = 30,
    STEP_LONG_CELLS = 70,
    STEP_LONG_VALUE = 7000
};

/* The node while a story is told or an image looked at. */
struct node {
    struct story *story;
    struct store *store;
    struct blobs *blobs;
    struct identity identity;
    struct federation federation;
    struct report report;
    bool is_hasty; /* what costs much and fails seldom is left out */
    char problem[STORY_PROBLEM_MAX];
};

/* Writes why the node is not as it must be, and returns it. */
const char *node_fail(struct node *node, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Opens (anew) what is there, as a start does. NULL, or what is wrong. */
const char *node_open(struct node *node);
void node_shut(struct node *node);

/* Does the step, or when it `is_acknowledged` sees that nothing of it is lacking. NULL, or what is wrong. */
const char *step_run(struct node *node, const struct story_step *step, bool is_acknowledged);
const char *step_found(struct node *node, bool is_acknowledged);

/* --- contents and backups (content.c), by the number of the step --- */

const char *content_store(struct node *node, int number);
const char *content_fetch(struct node *node, int number);

/* The contents of a step, from the first-th on, are there. */
const char *content_check(struct node *node, int number, int first);
const char *content_backup(struct node *node, bool is_acknowledged);

/* A job: removes the first content of the first step. */
enum status content_drop_run(struct db *db, void *arg);

/* Numbers of steps that fetch start here. */
enum { CONTENT_FETCHED = 100 };

#endif
