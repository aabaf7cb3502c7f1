/* shortfall.h: what a thread read of the database may be less than there is.
 *
 * Whatever walks rows ends the same way at their end and at a disk error, which is then in db_status(). Who does not ask there takes a part for
 * the whole. So that nobody has to remember: a command, and a request by HTTP, runs under a watch. The end of a read notes an error here
 * (store_read_end()); from then on no file of this thread gets its name (draft_publish()), no write of it begins (store_write_wait()), and
 * at the end of the watch the command fails and the request is answered with the error, whatever they made of what they read.
 *
 * A watch is of one thread and lives in the memory of who began it; one inside another (a command that a request runs) hides that one. */
#ifndef QANAT_NODE_SHORTFALL_H
#define QANAT_NODE_SHORTFALL_H

#include "replication/base/status.h"

struct shortfall {
    enum status status; /* of the first read that failed; S_OK: none did */
    struct shortfall *outer;
};

void shortfall_begin(struct shortfall *watch);

/* A read ended with `status`. Nothing where nobody watches: threads of the node look after their reads themselves. */
void shortfall_note(enum status status);

/* Of the reads under this thread's watch until now; S_OK where nobody watches. */
enum status shortfall_status(void);

/* Ends the innermost watch, which must be `watch`, and says what shortfall_status() did. */
enum status shortfall_end(struct shortfall *watch);

#endif
