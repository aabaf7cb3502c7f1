#include "node/learn/result/recall.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/attempt/fact.h"
#include "node/learn/attempt/fact_share.h"
#include "node/learn/person/person.h"
#include "node/learn/result/event_tally.h"
#include "node/log.h"
#include "node/store/operation/act.h"
#include "node/store/people/duplicate.h"
#include "node/store/people/registration.h"
#include "node/store/stream/known.h"
#include "replication/base/check.h"

struct recall {
    struct db *db;
    struct tally *tally;
    size_t corrected;
    enum status status;
};

/* One event's part in the figures, while its dimensions are borrowed. */
struct part {
    struct recall *recall;
    const struct event *event;
    int sign;
};

static void part_tally(void *ctx, const struct event_group *dims)
{
    const struct part *part = ctx;

    event_tally(part->recall->tally, dims, part->event, part->sign);
}

static void event_correct(struct recall *recall, int64_t row, int sign)
{
    struct event event;
    struct part part = {recall, &event, sign};

    if (event_at(recall->db, row, &event) && (event.kind >= 0 || fact_kind_find(recall->db, row, &event.kind))) {
        (void)event_group_find(recall->db, event.group, part_tally, &part);
    }
}

/* A merge or a parting was lost: what they did in courses is told anew, as what they are here. */
static void person_correct(void *ctx, const struct person *person)
{
    struct part *part = ctx;
    struct db *db = part->recall->db;
    struct duplicate duplicate;
    enum status status = person_registered(db, person, part->sign); /* publishes by itself */

    if (status == S_OK && duplicate_find(db, person->id, &duplicate) && duplicate.merged_into) {
        status = registration_row_set_due_of(db, duplicate.merged_into);
    }
    part->recall->status = status == S_OK ? registration_row_set_due_of(db, person->row) : status;
}

/* The figures of `subject` change by one. */
static enum status subject_correct(struct recall *recall, enum known_kind kind, const struct known *item, int sign)
{
    struct part part = {recall, NULL, sign};

    switch (kind) {
    case KNOWN_EVENT:
        event_correct(recall, item->subject, sign);
        return known_publish(recall->db, kind, sign, item, 1);
    case KNOWN_BATCH:
        for (int64_t i = 0; i < item->count; i++) {
            event_correct(recall, item->subject + i, sign);
        }
        return known_publish(recall->db, kind, sign, item, 1);
    case KNOWN_PERSON:
        (void)person_row_visit(recall->db, item->subject, person_correct, &part);
        return recall->status;
    }
    return S_INTERNAL;
}

/* What a person's row says of how often they should be counted. */
struct standing {
    struct recall *recall;
    uint64_t fingerprint;
    int net, wanted;
};

/* Programs before took whoever was merged off under no id. One of those was theirs, and is noted as that. */
static void merge_attribute(struct standing *standing)
{
    struct db *db = standing->recall->db;
    const struct known them = {.fingerprint = standing->fingerprint}, nobody = {.fingerprint = known_fingerprint(known_hash(db, bytes_text("")))};
    int64_t subject, count;

    if (standing->net <= 0 || known_net(db, KNOWN_PERSON, nobody.fingerprint, &subject, &count) >= 0) {
        return;
    }
    enum status status = known_publish(db, KNOWN_PERSON, -1, &them, 1);
    standing->recall->status = status == S_OK ? known_publish(db, KNOWN_PERSON, 1, &nobody, 1) : status;
    standing->net--;
}

/* Whoever was merged counts with the one who is kept. The row of one who was erased may be another's by now: nobody is there to be corrected. */
static void person_stand(void *ctx, const struct person *person)
{
    struct standing *standing = ctx;
    struct db *db = standing->recall->db;
    struct duplicate duplicate;

    if (known_fingerprint(known_hash(db, person->id)) != standing->fingerprint) {
        return;
    }
    if (!duplicate_find(db, person->id, &duplicate) || duplicate.merged_into == 0) {
        standing->wanted = 1;
        return;
    }
    merge_attribute(standing);
    standing->wanted = known_is_left(db, KNOWN_PERSON, standing->fingerprint) ? standing->net : 0;
}

/* How often it should be counted: a fact that is not true any more counts nothing. */
static int net_wanted(struct recall *recall, enum known_kind kind, const struct known *item, int *net)
{
    struct standing standing = {recall, item->fingerprint, *net, *net};
    struct event event;

    if (kind != KNOWN_PERSON) {
        return kind != KNOWN_EVENT || !event_at(recall->db, item->subject, &event) || event.kind >= 0;
    }
    (void)person_row_visit(recall->db, item->subject, person_stand, &standing);
    *net = standing.net;
    return standing.wanted;
}

static enum status due_settle(struct recall *recall, enum known_kind kind, uint64_t fingerprint)
{
    struct known item = {.fingerprint = fingerprint};
    int net = known_net(recall->db, kind, fingerprint, &item.subject, &item.count);
    int wanted = item.subject > 0 ? net_wanted(recall, kind, &item, &net) : net;
    bool has_share = false;
    enum status status = kind == KNOWN_EVENT ? fact_fingerprint_settle(recall->db, recall->tally, fingerprint, net, &has_share) : recall->status;

    for (; !has_share && net != wanted && status == S_OK; net += net > wanted ? -1 : 1) {
        status = subject_correct(recall, kind, &item, net > wanted ? -1 : 1);
        recall->corrected++;
    }
    return status == S_OK ? known_settle(recall->db, kind, fingerprint) : status;
}

static enum status all_settle(struct recall *recall)
{
    enum known_kind kind;
    uint64_t fingerprint;
    enum status status = S_OK;

    while (status == S_OK && known_due(recall->db, &kind, &fingerprint)) {
        status = due_settle(recall, kind, fingerprint);
    }
    return status == S_OK ? fact_settle_all(recall->db, recall->tally, &recall->corrected) : status;
}

enum status recall_settle(struct db *db)
{
    struct recall recall = {.db = db, .tally = tally_new()};
    enum status status = all_settle(&recall);

    if (status == S_OK && recall.corrected > 0) {
        status = tally_flush(recall.tally, db);
        log_event(LOG_WARNING, "counted_once_again", "corrected=%zu reason=\"counted before the data was lost, and again since\"",
                  recall.corrected);
    }
    tally_free(recall.tally);
    return status == S_OK ? db_status(db) : status;
}

/* Was this database a copy that got a key of its own from a program that did not note what it left? Then nobody can say what is its own. */
static bool was_copied_unnoted(struct db *db)
{
    struct act *act = calloc(1, sizeof *act);
    bool is_copied = false;

    CHECK(act);
    for (int64_t before = 0; !is_copied && act_find_before(db, before, act); before = act->number) {
        is_copied = strncmp(act->words, "[\"rekeyed\"", sizeof "[\"rekeyed\"" - 1) == 0;
    }
    free(act);
    return is_copied && !known_has_left(db);
}

enum status recall_anew(struct db *db)
{
    if (was_copied_unnoted(db)) {
        return db_status(db);
    }
    struct recall recall = {.db = db, .tally = tally_new()};
    enum status status = known_void(db);
    status = status == S_OK ? fact_count_anew(db, recall.tally) : status;
    status = status == S_OK ? all_settle(&recall) : status;
    status = status == S_OK ? tally_flush(recall.tally, db) : status;
    tally_free(recall.tally);
    return status == S_OK ? db_status(db) : status;
}

enum status recall_moved(struct db *db, const struct stream_id *stream)
{
    enum known_kind kind;
    uint64_t fingerprint;

    return stream->topic == TOPIC_RESULTS && (known_due(db, &kind, &fingerprint) || fact_is_due(db)) ? recall_settle(db) : db_status(db);
}
