#include "node/store/stream/past.h"

#include <string.h>

#include "node/log.h"
#include "node/store/engine.h"
#include "node/store/stream/machine.h"
#include "node/store/stream/stream.h"
#include "replication/crdt/hlc.h"

/* Drawn on one machine; the latest first, the rest zero. */
struct past {
    struct id machine;
    struct id drawn[PAST_KEPT_MAX];
};

static const char past_name[] = "incarnations_drawn", moved_name[] = "moved_at";

static void past_add(struct past *past, const struct id *incarnation)
{
    memmove(past->drawn + 1, past->drawn, sizeof past->drawn - sizeof past->drawn[0]);
    past->drawn[0] = *incarnation;
}

static bool past_has(const struct past *past, const struct id *incarnation)
{
    for (size_t i = 0; i < PAST_KEPT_MAX; i++) {
        if (id_equal(&past->drawn[i], incarnation)) {
            return true;
        }
    }
    return false;
}

/* Did this database draw incarnations before they were remembered? */
static bool is_of_before(struct db *db)
{
    struct id incarnation;

    return property_get(db, "incarnation", incarnation.b, sizeof incarnation.b);
}

static void held_add(struct db *db, const struct id *self, struct past *past)
{
    struct stream_id at = {.node = *self, .topic = TOPIC_RESULTS};
    struct stream_head head;

    while (stream_next(db, &at, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, self)) {
        at = head.stream;
        past_add(past, &at.incarnation);
    }
}

enum status past_note(struct db *db, const struct id *self, const struct id *incarnation)
{
    struct past past;
    struct id machine;

    machine_print(db_store(db)->dir, &machine);
    if (!property_get(db, past_name, &past, sizeof past)) {
        memset(&past, 0, sizeof past);
        if (is_of_before(db)) {
            held_add(db, self, &past);
        }
    } else if (!id_equal(&past.machine, &machine)) {
        memset(&past, 0, sizeof past);
        log_event(LOG_INFO, "machine_changed",
                  "effect=\"earlier figures of this node stay beside until they are known to be over\"");
    }
    past.machine = machine;
    past_add(&past, incarnation);
    return property_put(db, past_name, bytes_of(&past, sizeof past));
}

enum status past_move(struct db *db, uint64_t now_ms)
{
    const hlc stamp = hlc_tick(0, now_ms);
    struct past past;
    enum status status = property_put(db, moved_name, bytes_of(&stamp, sizeof stamp));

    if (status != S_OK || !property_get(db, past_name, &past, sizeof past)) {
        return status != S_OK ? status : db_status(db); /* it counts as its own all that it holds */
    }
    machine_print(db_store(db)->dir, &past.machine);
    return property_put(db, past_name, bytes_of(&past, sizeof past));
}

hlc past_moved(struct db *db)
{
    hlc stamp;

    return property_get(db, moved_name, &stamp, sizeof stamp) ? stamp : 0;
}

bool past_drew(struct db *db, const struct id *incarnation)
{
    struct past past;

    return property_get(db, past_name, &past, sizeof past) && past_has(&past, incarnation);
}

bool past_is_over(struct db *db, const struct stream_head *head, uint64_t now_ms)
{
    struct past past;
    bool is_own = property_get(db, past_name, &past, sizeof past) ? past_has(&past, &head->stream.incarnation)
                                                                  : is_of_before(db);

    return is_own || now_ms >= hlc_wall_ms(head->stamp) + PAST_QUIET_MS;
}

bool past_is_left(hlc stamp, uint64_t now_ms)
{
    return now_ms >= hlc_wall_ms(stamp) + PAST_LEASE_MS;
}
