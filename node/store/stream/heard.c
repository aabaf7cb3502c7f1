#include "node/store/stream/heard.h"

#include "node/store/engine.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"

bool heard_is_holder(const struct roster *roster, const struct roster_node *node, const struct id *self)
{
    return !node->is_revoked && !id_equal(&node->node, self) &&
           roster_may_hold(roster, &node->node, self, TOPIC_RESULTS);
}

const struct roster_node *heard_missing(struct db *db, const struct roster *roster, const struct id *self, const struct id *living)
{
    const struct stream_id results = {*self, *living, TOPIC_RESULTS}, given = {*self, *living, TOPIC_ROSTER};

    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        bool is_holder = heard_is_holder(roster, node, self);
        bool is_former = !is_holder && !id_equal(&node->node, self) && roster_was_hub(roster, &node->node);
        if ((is_holder || is_former) && held_find_seq(db, &results, &node->node) == 0 &&
            (is_holder || held_find_seq(db, &given, &node->node) == 0)) {
            return node;
        }
    }
    return NULL;
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
