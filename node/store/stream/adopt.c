#include "node/store/stream/adopt.h"

#include "node/incident.h"
#include "node/log.h"
#include "node/store/engine.h"
#include "node/store/stream/adopt_draft.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/head.h"
#include "node/store/stream/own.h"

static enum status choice_take(struct db *db, const struct adopt_choice *choice, struct adopt_draft *draft)
{
    struct head_row row;

    if (!head_find(db, &choice->stream, &row) || row.certificate.head.seq != choice->seq ||
        (row.adopted > 0 && adoption_is_summed(choice->stream.topic))) {
        return db_status(db) == S_OK ? S_STALE : db_status(db);
    }
    return adopt_draft_take(db, draft, &row);
}

/* Is the living stream the one of the plan? If the plan is to begin anew, another is drawn then. */
static enum status living_take(struct db *db, const struct adopt_plan *plan, struct stream_id *living_out)
{
    enum status status = own_incarnation(db, &living_out->incarnation);

    if (status != S_OK) {
        return status;
    }
    if (!id_equal(&living_out->incarnation, &plan->living.incarnation) || !own_is_self(db, &plan->living.node)) {
        return S_STALE;
    }
    if (plan->is_anew) {
        incident_add(INCIDENT_INCARNATIONS, 1);
        status = own_renew(db);
    }
    return status == S_OK ? own_incarnation(db, &living_out->incarnation) : status;
}

enum status adopt_run(struct db *db, const struct adopt_plan *plan)
{
    struct adopt_draft *draft;
    struct stream_id living = plan->living;
    enum status status = plan->count > 0 ? living_take(db, plan, &living) : S_OK;

    if (status != S_OK || plan->count == 0) {
        return status;
    }
    draft = adopt_draft_new();
    status = adopt_draft_begin(db, draft, &living);
    for (size_t i = 0; i < plan->count && status == S_OK; i++) {
        status = choice_take(db, &plan->items[i], draft);
    }
    if (status == S_OK) {
        status = adopt_draft_put(db, draft);
    }
    if (status == S_OK) {
        status = adopt_yield(db, &plan->living.node, plan->living.topic);
    }
    if (status == S_OK) {
        status = adopted_prune(db);
    }
    for (size_t i = 0; i < plan->count && status == S_OK; i++) {
        own_adopted(db, &plan->items[i].stream.incarnation);
    }
    log_event(status == S_OK ? LOG_INFO : LOG_WARNING, status == S_OK ? "incarnations_adopted" : "adoption_failed",
              "topic=%s streams=%zu cells=%zu%s status=\"%s\"", topic_name(plan->living.topic), plan->count, adopt_draft_count(draft),
              plan->is_anew ? " reason=\"what two machines counted is counted once\"" : "", status_text(status));
    adopt_draft_free(draft);
    return status;
}

enum status adopt_difference(struct db *db, struct adopt_draft *draft, const struct stream_id *stream, uint64_t from,
                             uint64_t to)
{
    struct stream_id living = *stream;
    struct adoption entry = {stream->incarnation, from, to};
    enum status status = own_incarnation(db, &living.incarnation);

    if (status == S_OK) {
        status = adopt_draft_begin(db, draft, &living);
    }
    if (status == S_OK) {
        status = adopt_draft_say(draft, &entry);
    }
    if (status == S_OK) {
        status = adopt_draft_put(db, draft);
    }
    incident_add(INCIDENT_ADOPTIONS, status == S_OK);
    log_event(LOG_WARNING, status == S_OK ? "adopted_more" : "adoption_short", "topic=%s from=%llu to=%llu status=\"%s\"",
              topic_name(stream->topic), (unsigned long long)from, (unsigned long long)to, status_text(status));
    return status;
}

/* --- giving up ------------------------------------------------------------------------------------------ */

/* Looks at all streams of this node that are counted beside the living one; what people settled goes up to the stamp `settled`. */
static enum status doubles_look(struct db *db, const struct stream_id *living, hlc settled, struct adopt_draft *draft)
{
    struct stream_id at = {.node = living->node, .topic = living->topic};
    struct adoption_list said = {0};
    uint8_t id[STREAM_ID_SIZE];
    struct head_row row;
    enum status status = S_OK;

    stream_id_encode(&at, id);
    while (status == S_OK && head_after(db, bytes_of(id, sizeof id), &row)) {
        at = row.certificate.head.stream;
        if (at.topic != living->topic || !id_equal(&at.node, &living->node)) {
            break;
        }
        if (!id_equal(&at.incarnation, &living->incarnation) &&
            adoption_counts(at.topic, row.certificate.head.seq, row.adopted)) {
            said.count = 0;
            status = adopt_pages_read(db, row.number, &said);
            status = status == S_OK ? adopt_draft_yield(draft, &at.incarnation, &said, row.certificate.head.stamp <= settled) : status;
        }
        stream_id_encode(&at, id);
    }
    adoption_list_release(&said);
    return status == S_OK ? db_status(db) : status;
}

static enum status doubles_give_up(struct db *db, const struct id *node, enum topic topic, hlc settled)
{
    struct stream_id living = {.node = *node, .topic = topic};
    struct adopt_draft *draft;
    size_t doubles = 0;

    if (!adoption_is_summed(topic) || !own_goes_on(db)) {
        return db_status(db);
    }
    draft = adopt_draft_new();
    enum status status = own_incarnation(db, &living.incarnation);
    if (status == S_OK) {
        status = adopt_draft_begin(db, draft, &living);
    }
    if (status == S_OK) { /* also in one that was just adopted: who did so could not take out of its end what is in there twice */
        status = doubles_look(db, &living, settled, draft);
    }
    doubles = adopt_draft_yielded(draft);
    if (status == S_OK && doubles > 0) {
        status = adopt_draft_put(db, draft);
        status = status == S_OK ? adopted_recount(db, node, topic) : status;
    }
    if (doubles > 0) {
        log_event(LOG_WARNING, status == S_OK ? "doubles_given_up" : "figures_doubled",
                  "streams=%zu status=\"%s\" reason=\"another machine with this node's key adopted them too\"", doubles,
                  status_text(status));
    }
    adopt_draft_free(draft);
    return status;
}

enum status adopt_yield(struct db *db, const struct id *node, enum topic topic)
{
    enum status status = doubles_give_up(db, node, topic, 0);

    bool cannot = status == S_DENIED || status == S_INVALID || status == S_EXISTS || status == S_TOO_LARGE;
    return cannot ? S_OK : status;
}

enum status adopt_settle(struct db *db, const struct id *node, hlc settled)
{
    return doubles_give_up(db, node, TOPIC_RESULTS, settled);
}

/* --- beginning ------------------------------------------------------------------------------------------ */

enum status adopt_begin(struct db *db, enum topic topic)
{
    const struct adoption hole = adoption_hole();
    struct bytes stored;
    struct buffer key, value;

    buffer_init(&key);
    buffer_init(&value);
    adoption_key(0, &key);
    adoption_encode(&hole, 1, &value);
    enum status status = own_cell_get(db, topic, buffer_bytes(&key), &stored);
    if (status == S_NOT_FOUND) {
        status = own_cell_put(db, topic, buffer_bytes(&key), buffer_bytes(&value));
        log_event(LOG_INFO, "incarnation_begun", "topic=%s reason=\"what two machines count is to be counted once\" status=\"%s\"", topic_name(topic),
                  status_text(status));
    }
    buffer_release(&key);
    buffer_release(&value);
    return status;
}
