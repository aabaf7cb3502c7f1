/* due.h: what registrations say becomes events and cells.
 *
 * A commit only marks its registration as due, in the same transaction, so that a class at work does not sign the node's figures with every click.
 * Every few seconds, and when the node stops, the due ones are told: enrolled, started, active in each month with its minutes, completed with its
 * score, certified; each once for a registration, by facts that are revised (fact.h). After a crash the marks are still there. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_DUE_H
#define QANAT_NODE_LEARN_ATTEMPT_DUE_H

#include "node/learn/attempt/attempts.h"

enum { DUE_BATCH = 500, DUE_INTERVAL_MS = 2000 };

/* Is anything due? Any thread. */
bool due_is_any(struct store *store);

/* Job: tells up to DUE_BATCH registrations; `arg` is a struct due_run. */
struct due_run {
    const struct attempts *attempts;
    size_t told; /* out */
};
enum status due_run(struct db *db, void *arg);

/* In a job: tells what is due of one person, before their rows go. Of those merged into somebody first: the other one's may become due. */
enum status due_tell_of(struct db *db, const struct federation *federation, int64_t person);

/* Tells all that is due, or says in `report` that it could not. Where no node runs: those who did the work may be long gone home, and the node was killed
 * before it told. */
enum status due_tell_all(struct store *store, const struct federation *federation, struct report *report);

#endif
