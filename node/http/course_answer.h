/* course_answer.h: one file of a version as an answer: from the shelf (shelf.h), else from the disk. Loop
 * thread only. */
#ifndef QANAT_NODE_HTTP_COURSE_ANSWER_H
#define QANAT_NODE_HTTP_COURSE_ANSWER_H

#include "node/http/exchange.h"
#include "node/http/shelf.h"
#include "node/learn/course/course_file.h"

/* Now, for the shelf of this exchange; to be asked for before the database is looked into. */
struct shelf_now course_answer_now(const struct exchange *exchange);

/* True when root and path are known: the file is the answer. What comes back as `status_out` is S_OK, or
 * for a large one S_CORRUPT when it is gone from the disk, S_BUSY without descriptors. */
bool course_answer_shelved(struct exchange *exchange, const char *root, const char *path,
                           const struct shelf_now *now, enum status *status_out);

/* The file that was found at `path` of the version in row `course` becomes the answer, and stands on the
 * shelf from now on. S_CORRUPT when it is not sound, gone from the disk, or (a large one) has another size;
 * S_BUSY. */
enum status course_answer_found(struct exchange *exchange, int64_t course, const char *path,
                                const struct shelf_now *now, const struct course_file *found);

/* Answers when one of the two could not: 500 for S_CORRUPT, 503 for S_BUSY. False for anything else. */
bool course_answer_trouble(struct exchange *exchange, enum status status, const char *path);

#endif
