/* seal.h: sealed periods in the database: the figures as they stood, word for word. */
#ifndef QANAT_NODE_STORE_STREAM_SEAL_H
#define QANAT_NODE_STORE_STREAM_SEAL_H

#include "node/store/db.h"

/* Appends the document of a sealed period to `out`; false when the period is not sealed. */
bool seal_get(struct db *db, struct bytes period, struct buffer *out);

/* Writer thread. S_EXISTS when the period is sealed: what was sealed stays. */
enum status seal_put(struct db *db, struct bytes period, struct bytes document);

#endif
