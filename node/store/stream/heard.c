#include "node/store/stream/heard.h"

#include "node/store/engine.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/peer/adopt.h"

static uint64_t held_seq(void *ctx, const struct stream_id *stream, const struct id *holder)
{
    return held_find_seq(ctx, stream, holder);
}

const struct roster_node *heard_missing(struct db *db, const struct roster *roster, const struct id *self, const struct id *living)
{
    return adopt_missing(roster, self, living, held_seq, db);
}

bool heard_by_all(struct db *db, const struct roster *roster, const struct id *self, const struct id *living)
{
    return !heard_missing(db, roster, self, living);
}

enum status heard_came_back(struct db *db, const struct federation *federation,
                            const struct stream_id *stream)
{
    struct certificate certificate;
    struct roster *roster;
    struct id living;

    if (!own_is_self(db, &stream->node)) {
        return S_OK;
    }
    enum status status = own_incarnation(db, &living);
    if (status != S_OK || id_equal(&living, &stream->incarnation) || !stream_find(db, stream, &certificate) ||
        !own_began_before(db, certificate.head.stamp)) {
        return status == S_OK ? db_status(db) : status;
    }
    status = roster_load(db, federation, &roster, NULL);
    if (status != S_OK) {
        return status;
    }
    if (!heard_by_all(db, roster, &stream->node, &living)) {
        status = own_begin_after(db, certificate.head.stamp);
    }
    roster_free(roster);
    return status;
}
