/* session.h: a learner at work on one activity: who may write statements and state, about whom, and cmi5's
 * rules for them.
 *
 * node/learn opens a session for each launch whose content speaks xAPI. For cmi5 the content gets the fetch
 * token in its address, exchanges it once for the authorization (lrs_session_fetch), and works with that; for
 * other content the caller fetches it at once. A session may only speak of its own actor, and when it is cmi5
 * only as cmi5 allows (cmi5 sections 7.1.3, 9 and 10): initialized first, completed, passed and failed once,
 * terminated last; scores against the mastery score; refused statements get 403.
 *
 * Sessions are people's data: erased with the person. */
#ifndef QANAT_NODE_LRS_SESSION_H
#define QANAT_NODE_LRS_SESSION_H

#include "node/lrs/lrs.h"

enum {
    LRS_TOKEN_SIZE = 49,                       /* of a fetch token with its NUL: 24 random bytes in hex */
    LRS_AUTHORIZATION_SIZE = 160,              /* what follows "Basic " in the header, with NUL */
    LRS_SESSION_VOLUME_MAX = 64 * 1024 * 1024, /* bytes that one session may store */
    LRS_SESSION_HOURS = 72,                    /* an authorization ends so long after the opening */
    LRS_SESSION_LAST_MS = 30 * 1000,           /* so long after terminated documents on their way are still taken */
};

enum lrs_launch_mode { LRS_NORMAL, LRS_BROWSE, LRS_REVIEW };

/* What the session has said so far. */
enum lrs_said {
    LRS_SAID_INITIALIZED = 1,
    LRS_SAID_COMPLETED = 2,
    LRS_SAID_PASSED = 4,
    LRS_SAID_FAILED = 8,
    LRS_SAID_TERMINATED = 16,
    LRS_SAID_ABANDONED = 32,
    LRS_SAID_LAUNCHED = 64,
    LRS_SAID_WAIVED = 128,
    LRS_SAID_SATISFIED = 256,
};

/* A course or block all of which is done. */
struct lrs_satisfied {
    struct bytes activity;  /* its id here */
    struct bytes publisher; /* its IRI in the course structure, by which it is grouped; may be empty */
    bool is_course;
    const struct lrs_satisfied *next; /* in a list: what is said behind it */
};

struct lrs_session {
    int64_t row;    /* 0: not stored yet */
    int64_t launch; /* the caller's own number for it */
    bool is_cmi5;
    enum lrs_launch_mode mode;
    struct bytes person; /* id */
    struct bytes name;   /* of the person, for the actor; may be empty */
    uint8_t registration[LRS_UUID_SIZE];
    struct bytes
        activity; /* IRI: cmi5's activityId of this AU and registration, or the activity of other content */
    struct bytes publisher; /* IRI of the AU in the course structure (grouping of the context template);
                               empty: activity */
    struct bytes course;    /* IRI of the course; may be empty */
    double mastery;         /* 0 to 1; negative: none */
    struct bytes
        move_on; /* "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed", "NotApplicable" */
    struct bytes launch_method; /* "OwnWindow" or "AnyWindow" */
    struct bytes launch_url;    /* of the AU, without the parameters that the launch adds */
    struct bytes launch_parameters, entitlement_key, return_url, lang; /* each may be empty */
    int64_t now_ms;                                                    /* of the opening */
    const struct lrs_satisfied *satisfied; /* cmi5: what is satisfied before the first launch of a registration (9.6.1); said then */

    /* Filled by this room. */
    uint8_t session[LRS_UUID_SIZE]; /* cmi5's session id */
    unsigned said;                  /* enum lrs_said */
    unsigned said_before; /* completed and passed in earlier sessions of this activity and registration */
    int64_t initialized_ms, last_ms; /* stored times of statements; 0: none */
    bool was_fetched;
    int64_t expires_ms;
    int64_t volume; /* bytes it has stored */
};

/* --- inside a job --- */

/* Stores a session (filling its row, id and end). For cmi5 it also says "launched", writes the state document
 * LMS.LaunchData and, where there is none, the learner's preferences, and ends what is open of the registration: cmi5 has a learner
 * at one unit of a course at a time (9.3.6). `token_out` is what the fetch address ends with. */
enum status lrs_session_open(const struct lrs *lrs, struct db *db, struct lrs_session *session,
                             char token_out[LRS_TOKEN_SIZE]);

/* Exchanges a fetch token for the authorization: S_NOT_FOUND unknown or ended, S_EXISTS fetched before. */
enum status lrs_session_fetch(struct db *db, const char *token, int64_t now_ms,
                              char authorization_out[LRS_AUTHORIZATION_SIZE]);

/* Ends a session: its authorization is worth nothing from now on. A cmi5 session that said initialized and
 * not terminated is said to be abandoned. S_OK also when it had ended. */
enum status lrs_session_end(const struct lrs *lrs, struct db *db, int64_t row, int64_t now_ms);

/* Says for the LMS that an AU was waived (reason: "Tested Out", "Equivalent AU",
 * "Equivalent Outside Activity", "Administrative") in a registration. */
enum status lrs_session_waive(const struct lrs *lrs, struct db *db, struct lrs_session *session,
                              const char *reason);

/* Says for the LMS that a course or block is satisfied, under the session that completed it; not again in one registration. `session->now_ms` is when. */
enum status lrs_session_satisfy(const struct lrs *lrs, struct db *db, struct lrs_session *session, const struct lrs_satisfied *part);

/* --- any thread --- */

/* The texts go into `texts` (cleared first) and are borrowed from it. False when there is no such row. */
bool lrs_session_find(struct db *db, int64_t row, struct buffer *texts, struct lrs_session *session_out);

/* True when the AU meets its moveOn by what was said under this registration. */
bool lrs_session_has_moved_on(const struct lrs_session *session);

/* --- inside the room --- */

/* Writes back said, times and volume; in a job. */
enum status lrs_session_keep(struct db *db, const struct lrs_session *session);

/* The newest session of an activity and registration. */
bool lrs_session_find_newest(struct db *db, struct bytes activity, const uint8_t registration[LRS_UUID_SIZE],
                             struct buffer *texts, struct lrs_session *session_out);

#endif
