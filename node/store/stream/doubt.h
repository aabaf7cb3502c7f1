/* doubt.h: figures that can hardly be right, as of the last look. What a doubt is about is decided in node/stats/plausible.h. */
#ifndef QANAT_NODE_STORE_STREAM_DOUBT_H
#define QANAT_NODE_STORE_STREAM_DOUBT_H

#include "node/store/db.h"
#include "replication/trust/roster.h"

enum { DOUBTS_MAX = 64 };

struct doubt {
    char node[NODE_NAME_MAX + 1];
    int kind;
    char period[8];
    int64_t figure, bound;
    int64_t since_ms;
};

/* Any thread. */
size_t doubt_list(struct db *db, struct doubt out[DOUBTS_MAX]);

/* From now on there are exactly these; what was there keeps its since_ms. Writer thread. */
enum status doubt_replace(struct db *db, const struct doubt *doubts, size_t count);

/* The same node, kind and period. */
bool doubt_is_same(const struct doubt *a, const struct doubt *b);

#endif
