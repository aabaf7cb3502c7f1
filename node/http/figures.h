/* figures.h: figures that took long to fold, for who asks the same while they are the same.
 *
 * Anybody may ask for the published figures; of years they take a second, and when a class opens their page each would wait for all before. So an
 * answer that took T is kept for FIGURES_TIMES_KEPT times T (one of milliseconds: as good as never), FIGURES_KEPT_MS at most, and given only while no
 * stream has moved: a figure is never older than what is committed. Who was heard when can be as old; the document says as of when it is. Any thread. */
#ifndef QANAT_NODE_HTTP_FIGURES_H
#define QANAT_NODE_HTTP_FIGURES_H

#include <stdbool.h>

#include "replication/stream/vector.h"

enum {
    FIGURES_MAX = 8, /* answers; the one that ends first makes room */
    FIGURES_SIZE_MAX = 1024 * 1024, /* of one; a larger one is not kept */
    FIGURES_TIMES_KEPT = 5,
    FIGURES_KEPT_MS = 10 * 1000,
};

struct figures;

/* Never NULL. */
struct figures *figures_new(void);
void figures_free(struct figures *figures);

/* Appends to `text_out` what was kept for the question `key` while the streams were as in `digest`; false when nothing is. */
bool figures_find(struct figures *figures, struct bytes key, const struct vector_digest *digest, uint64_t now_ms, struct buffer *text_out);

/* The answer to it, made from `began_ms` to `now_ms` (monotonic) and from streams that were as in `digest` before. */
void figures_keep(struct figures *figures, struct bytes key, const struct vector_digest *digest, uint64_t began_ms, uint64_t now_ms, struct bytes text);

#endif
