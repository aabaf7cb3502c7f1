/* recall.h: what came back from peers is held against what was counted here meanwhile (node/store/stream/known.h).
 *
 * After the database was lost or put back, files may be imported again before the node above is met. Their events count at once; when
 * the figures of before come back with the fingerprints of what they counted, what is in both is taken off here, in the same
 * transaction. So nobody waits, and nothing is counted twice. */
#ifndef QANAT_NODE_LEARN_RESULT_RECALL_H
#define QANAT_NODE_LEARN_RESULT_RECALL_H

#include "node/store/stream/stream.h"

/* To be called in the job in which `stream` moved: does nothing for streams that bring nothing back. Writer thread. */
enum status recall_moved(struct db *db, const struct stream_id *stream);

/* All that is due. Writer thread. */
enum status recall_settle(struct db *db);

/* This node became another one that follows the one it was (`qanat rekey`): all that it knows of is counted under its new key, but what was counted before
 * that one was copied from another (known_leave()). What was heard of the former one's comes back like anything that was lost, and is taken off then. Writer
 * thread. */
enum status recall_anew(struct db *db);

#endif
