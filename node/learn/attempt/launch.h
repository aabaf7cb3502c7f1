/* launch.h: a learner opens one item of a course, and what they do there comes back.
 *
 * Opening finds the registration (or enrols), the version (the cohort's, else the current one), the item (the
 * one wanted, else the next), and the state that the last launch left. The content is served under a path
 * token that only this launch has. Commits are absolute and numbered: what is old changes nothing, whenever
 * it comes. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_LAUNCH_H
#define QANAT_NODE_LEARN_ATTEMPT_LAUNCH_H

#include "node/learn/attempt/cmi.h"
#include "node/learn/attempt/registration.h"
#include "node/learn/course/course.h"
#include "node/lrs/session.h"

#define LAUNCH_LIFE_MS (12 * 3600 * 1000LL) /* content is served so long after the last commit */
#define LAUNCH_GRACE_MS                                                                                      \
    (10 * 60 * 1000LL) /* the last commit may come so long after the end, without a sign-in */

enum { LAUNCH_TOKEN_SIZE = 33 }; /* 24 random bytes in base64url, with NUL */

/* Stored: add at the end. */
enum launch_runtime {
    RUNTIME_PLAIN,
    RUNTIME_SCORM12,
    RUNTIME_SCORM2004,
    RUNTIME_CMI5,
    RUNTIME_H5P,
    RUNTIME_CARTRIDGE,
    RUNTIME_TINCAN
};

/* "plain", "scorm12", ... */
const char *launch_runtime_text(int runtime);

/* --- jobs: `arg` as named; the memory of all texts is the caller's arena --- */

struct launch_open {
    const struct attempts *attempts;
    struct arena *arena;
    int64_t person;
    struct bytes course, lang, version, item; /* the last three may be empty */
    struct bytes cohort;                      /* one that the person is in; empty: of their latest registration */
    bool is_fresh;                            /* from the start: nothing is handed on */
    bool is_course;                           /* the course itself, when it is sequenced (activity_tree.h) */
    int64_t now_ms;

    struct bytes base;       /* "http://content-origin/c/": what the token and the item's entry follow */
    struct bytes return_url; /* where cmi5 content leads back to; both may be empty */

    /* out, on S_OK */
    struct launch_row row;
    struct registration_row registration;
    struct course_row version_row;
    struct course_item opened; /* the item; texts in the arena */
    char token[LAUNCH_TOKEN_SIZE];
    struct bytes state;           /* JSON that was left, or empty */
    int64_t seconds_before;       /* of earlier launches of this item */
    struct bytes activities;      /* of a sequenced course: JSON of all its items and rules, or empty */
    struct bytes tree;            /* JSON of what its engine has decided so far, or empty */
    struct bytes actor, activity; /* for content that speaks xAPI: JSON, IRI */
    char fetch[LRS_TOKEN_SIZE];   /* for cmi5: the end of the fetch address */
    char authorization[LRS_AUTHORIZATION_SIZE]; /* for Tin Can: what follows "Basic "; or "" */
    struct report report;         /* S_NOT_FOUND, S_USAGE */
};
enum status launch_open_run(struct db *db, void *arg);

struct launch_commit {
    int64_t launch;
    int64_t person; /* who must have opened it; 0: whoever did */
    int64_t seq;    /* 1 and up */
    struct cmi_result result;
    struct bytes state;       /* JSON to be handed on, or empty: as before */
    struct bytes tree;        /* JSON of the sequencing engine, or empty: as before */
    struct cmi_result rollup; /* what it says of the whole course; with `tree` */
    int64_t course_attempt;   /* the attempt at the course that it is of */
    enum cmi_answer work;     /* whether more than clocks changed in the state; CMI_UNKNOWN: nobody says */
    int64_t at_ms;            /* when it happened there; 0: now */
    int64_t now_ms;
    bool is_end;
    const struct lrs *lrs;   /* NULL: statements are not taken */
    struct bytes statements; /* JSON of one or an array, or empty */

    /* out, on S_OK */
    bool is_stale; /* nothing was changed by it */
    struct launch_row row;
    struct registration_row registration;
};
enum status launch_commit_run(struct db *db, void *arg); /* S_NOT_FOUND: no such launch of this person */

/* What came another way than by a commit (xAPI): adds to the launch; nothing is taken back. In a job.
 * S_NOT_FOUND. */
struct launch_said {
    int64_t launch;
    struct cmi_result result;
    int64_t at_ms, now_ms;
};
enum status launch_say(struct db *db, const struct launch_said *said);

/* --- any thread --- */

/* The launch and version under which a path token lets content be read. False when it never did, or does not
 * any more (`grace_ms` later than that). */
bool launch_token_find(struct db *db, const char *token, int64_t now_ms, int64_t grace_ms,
                       struct launch_row *row_out);

#endif
