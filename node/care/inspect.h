/* inspect.h: looks at everything a node keeps, and changes nothing: files, keys, database, streams, contents.
 *
 * Each part that cannot be read is a finding, and the rest is looked at all the same: a damaged node is what this is for. Runs beside a running
 * node. Time: two microseconds or so a cell, and the speed of the disk for contents. Memory: one cell, one block. */
#ifndef QANAT_NODE_CARE_INSPECT_H
#define QANAT_NODE_CARE_INSPECT_H

#include "node/care/finding.h"
#include "node/config.h"
#include "node/dir.h"
#include "node/store/store.h"
#include "node/store/stream/audit.h"

/* A damaged node, as far as it can be opened. */
struct inspection {
    const char *dir;
    struct findings *findings;
    struct config config;
    bool has_identity, has_federation;
    struct identity identity;
    struct federation federation;
    struct store *store;     /* NULL: cannot be opened */
    bool owns_store;
    struct roster *roster;   /* NULL: cannot be read */
    uint64_t streams, cells, blobs, blob_bytes; /* looked at */
};

/* Reads configuration and keys, opens the store for reading (or borrows `store`), loads the roster. What fails is a finding. */
void inspect_begin(struct inspection *inspection, const char *dir, struct store *store, struct findings *findings);
void inspect_end(struct inspection *inspection);

/* The same for a store that is not a node yet (a backup on its way back): no files are read. Everything is borrowed. */
void inspect_begin_store(struct inspection *inspection, const char *dir, struct store *store, const struct federation *federation,
                         struct findings *findings);

/* Whose signatures can be checked. */
struct audit_keys inspect_keys(const struct inspection *inspection);

/* Parts, each noted in findings->checked. */
void inspect_pages(struct inspection *inspection);
void inspect_streams(struct inspection *inspection);
void inspect_blobs(struct inspection *inspection);

/* Told of every stream with a fault, and of every blob that is not what its row says (`is_missing`: no file). May be NULL. */
struct inspect_ops {
    void *ctx;
    void (*stream)(void *ctx, const struct audit_stream *stream);
    void (*blob)(void *ctx, int64_t id, bool is_missing);
};
void inspect_streams_with(struct inspection *inspection, const struct inspect_ops *ops);
void inspect_blobs_with(struct inspection *inspection, const struct inspect_ops *ops);

/* "results of hub (3f2a…)": how a stream is named to people. */
void inspect_stream_name(const struct inspection *inspection, const struct audit_stream *stream, char out[FINDING_SUBJECT_MAX]);

#endif
