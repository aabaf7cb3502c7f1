/* engine.h: the inside of struct store; for the engine files of this room only. */
#ifndef QANAT_NODE_STORE_ENGINE_H
#define QANAT_NODE_STORE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "node/dir.h"
#include "node/store/connection.h"
#include "node/store/disk/ballast.h"
#include "node/store/store.h"
#include "node/store/stream/heads.h"
#include "replication/crdt/hlc.h"

enum { READERS_IDLE_MAX = 4, DEFERRED_MAX = 4 };

/* Asked for by jobs, to run at the end of the transaction (store_defer(), store_before_commit()). */
struct deferred {
    store_job *run;
    void *arg;
};

struct store {
    char dir[DIR_PATH_MAX];
    char path[DIR_PATH_MAX]; /* of the database */
    int cache_mib, staged_mib;
    struct ballast ballast; /* of the writer thread */
    struct id database;    /* drawn when the database was made */
    struct writer *writer; /* NULL when read-only */
    struct own *own;       /* of the writer thread */
    struct deferred deferred[DEFERRED_MAX]; /* of the writer thread */
    size_t deferred_count;
    struct deferred settling[DEFERRED_MAX]; /* store_before_commit() */
    size_t settling_count;
    _Atomic uint64_t generation;
    struct heads heads; /* of the thread that opens views */
    _Atomic uint64_t sayings; /* speakers.h: counts up when a stream may speak that did not */

    pthread_mutex_t lock; /* guards what follows */
    struct db *readers[READERS_IDLE_MAX];
    size_t reader_count; /* idle ones */
    const struct identity *identity;
    struct id federation;
    bool has_living;
    struct id living; /* incarnation, as last committed */
    hlc living_drawn; /* when it was drawn */
    hlc living_since; /* when it counts as begun */
};

/* Opens the writer's connection anew, after a failed commit: S_OK only when the whole WAL went into the
 * database, that was synced, and the file passed an integrity check. */
enum status engine_reopen(struct store *store, struct db **db_out);

/* Milliseconds of a clock that only goes forward. */
int64_t engine_monotonic_ms(void);

/* This machine's clock: informs, never decides. */
uint64_t engine_wall_ms(void);

/* Reads the fact `name` of the database into `out` (exactly `size` bytes); false when there is none. */
bool property_get(struct db *db, const char *name, void *out, size_t size);
enum status property_put(struct db *db, const char *name, struct bytes value);

#endif
