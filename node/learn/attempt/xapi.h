/* xapi.h: launches whose content speaks xAPI: the session it may speak in, and what its statements say of the
 * launch.
 *
 * cmi5 content fetches its authorization by the token in its address; what is made for Tin Can has it in its address; an H5P player hands its statements
 * over with its commits. In every way what was stored is told to xapi_observe() in the same transaction, once, and
 * becomes part of the launch. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_XAPI_H
#define QANAT_NODE_LEARN_ATTEMPT_XAPI_H

#include "node/learn/attempt/launch.h"
#include "node/lrs/session.h"

/* Does the item of a plain package report as Tin Can content does? Its details name its activity. */
bool xapi_is_tincan(const struct course_item *item);

/* Opens the session of a launch that was just stored: fills open->row.session, open->actor, open->activity,
 * for cmi5 open->fetch and for Tin Can open->authorization. In a job. */
enum status xapi_session_open(struct db *db, struct launch_open *open);

/* Stores a statement, or an array of them, that the player of a launch hands over. Those that are refused are
 * left out. In a job. */
enum status xapi_statements_take(const struct lrs *lrs, struct db *db, const struct launch_row *row,
                                 struct bytes json);

/* Ends the session of a launch: abandoned where it was not terminated. In a job. */
enum status xapi_session_end(const struct lrs *lrs, struct db *db, const struct launch_row *row, int64_t now_ms);

/* lrs_observe; `ctx` is the struct attempts. */
enum status xapi_observe(void *ctx, struct db *db, const struct lrs_event *event);

#endif
