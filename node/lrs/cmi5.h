/* cmi5.h: what a session may say (cmi5 sections 9 and 10, edition "Quartz"), and the words of the LMS itself.
 */
#ifndef QANAT_NODE_LRS_CMI5_H
#define QANAT_NODE_LRS_CMI5_H

#include "node/lrs/session.h"
#include "node/lrs/tree.h"

#define CMI5_CATEGORY        "https://w3id.org/xapi/cmi5/context/categories/cmi5"
#define CMI5_CATEGORY_MOVEON "https://w3id.org/xapi/cmi5/context/categories/moveon"
#define CMI5_VERB_SATISFIED  "https://w3id.org/xapi/adl/verbs/satisfied"
#define CMI5_SESSION         "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
#define CMI5_MASTERY         "https://w3id.org/xapi/cmi5/context/extensions/masteryscore"
#define CMI5_PROGRESS        "https://w3id.org/xapi/cmi5/result/extensions/progress"
#define CMI5_LAUNCH_DATA     "LMS.LaunchData"
#define CMI5_PREFERENCES     "cmi5LearnerPreferences"

/* Checks one statement of a session, of whatever content, and notes what it says in `session`. S_DENIED with
 * a report. That it came with an id and a timestamp of its own is looked at before (batch_store.c). */
enum status cmi5_check(const struct lrs *lrs, struct lrs_session *session, const struct tree *statement,
                       int64_t now_ms, struct report *report);

/* The activity by which the publisher of the course knows the unit. */
struct bytes cmi5_publisher(const struct lrs_session *session);

/* Says `verb` for the LMS (LRS_SAID_LAUNCHED, _ABANDONED, _WAIVED, _SATISFIED) and notes it in `session`,
 * which is written back. `satisfied` is the course or block that is, else NULL; `reason` of a waiving, else NULL. In a
 * job. */
struct cmi5_word {
    enum lrs_said verb;
    const struct lrs_satisfied *satisfied;
    const char *reason;
    int64_t duration_ms;
};
enum status cmi5_say(const struct lrs *lrs, struct db *db, struct lrs_session *session,
                     const struct cmi5_word *word);

/* Writes the documents that an AU reads when it starts. In a job. */
enum status cmi5_documents(const struct lrs *lrs, struct db *db, const struct lrs_session *session);

#endif
