#include "node/learn/attempt/fact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/attempt/fact_share.h"
#include "node/learn/result/event_tally.h"
#include "node/learn/result/result_fold.h"
#include "node/learn/result/tally.h"
#include "node/store/stream/known.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { KIND_NONE = -1, DIMS_SIZE = 1024 };

struct facts {
    struct result_keys keys;
    struct hash secret; /* of ids */
    struct fact_figures figures;
    struct buffer counted, back; /* struct known: to be published */
};

struct facts *facts_new(const struct federation *federation)
{
    struct facts *facts = calloc(1, sizeof *facts);

    CHECK(facts);
    result_keys_init(&facts->keys, federation);
    facts->secret =
        hash_of(bytes_of(federation->secret, sizeof federation->secret), bytes_text("qanat facts"));
    facts->figures.tally = tally_new();
    facts->figures.dims = dims_new();
    buffer_init(&facts->counted), buffer_init(&facts->back);
    return facts;
}

void facts_free(struct facts *facts)
{
    tally_free(facts->figures.tally);
    dims_free(facts->figures.dims);
    buffer_release(&facts->counted), buffer_release(&facts->back);
    sodium_memzero(facts, sizeof *facts);
    free(facts);
}

void fact_id(const struct facts *facts, enum event_kind kind, struct bytes about, char out[FACT_ID_SIZE])
{
    char hex[HASH_HEX_SIZE];
    struct buffer text;

    buffer_init(&text);
    buffer_append(&text, event_kind_text(kind), strlen(event_kind_text(kind)) + 1);
    buffer_append(&text, about.data, about.size);
    struct hash hash = hash_of(bytes_of(facts->secret.b, sizeof facts->secret.b), buffer_bytes(&text));
    buffer_release(&text);
    hash_hex(&hash, hex);
    int length = snprintf(out, FACT_ID_SIZE, "%s-%s", event_kind_text(kind), hex);
    CHECK(length < FACT_ID_SIZE);
}

bool fact_kind_find(struct db *db, int64_t row, int *kind_out)
{
    static const char enrolment[] = "enrol"; /* enrol_id() */
    char id[FACT_ID_SIZE];
    enum event_kind kind = EVENT_ENROLLED;
    const char *end = event_id_read(db, row, id, sizeof id) ? strrchr(id, '-') : NULL;
    struct bytes head = bytes_of(id, end ? (size_t)(end - id) : 0);

    if (!end || (!bytes_equal(head, bytes_text(enrolment)) && !event_kind_parse(head, &kind))) {
        return false;
    }
    *kind_out = (int)kind;
    return true;
}

/* --- dimensions under which it was counted -------------------------------------------------------------- */

struct dims_copy {
    struct event_group dims;
    uint8_t texts[DIMS_SIZE];
    size_t used;
    bool is_damaged; /* longer than what was ever stored */
};

static struct bytes text_keep(struct dims_copy *copy, struct bytes text)
{
    if (text.size > sizeof copy->texts - copy->used) {
        copy->is_damaged = true;
        return bytes_of("", 0);
    }
    uint8_t *at = copy->texts + copy->used;
    if (text.size) {
        memcpy(at, text.data, text.size);
    }
    copy->used += text.size;
    return bytes_of(at, text.size);
}

static void dims_take(void *ctx, const struct event_group *group)
{
    struct dims_copy *copy = ctx;

    copy->dims = *group;
    copy->dims.course = text_keep(copy, group->course);
    copy->dims.lang = text_keep(copy, group->lang);
    copy->dims.version = text_keep(copy, group->version);
    copy->dims.cohort = text_keep(copy, group->cohort);
}

/* --- the event ------------------------------------------------------------------------------------------ */

static uint64_t content_of(const struct facts *facts, const struct event *event)
{
    const int64_t said[] = {event->kind, event->at_ms, event->score, event->minutes};
    struct buffer text;
    uint64_t content;

    buffer_init(&text);
    buffer_append(&text, said, sizeof said);
    buffer_append(&text, event->id.data, event->id.size);
    struct hash hash = hash_of(bytes_of(facts->secret.b, sizeof facts->secret.b), buffer_bytes(&text));
    buffer_release(&text);
    memcpy(&content, hash.b, sizeof content);
    return content;
}

static uint64_t fingerprint_of(const struct facts *facts, const struct fact *fact)
{
    return known_fingerprint(result_event_hash(&facts->keys, bytes_text(fact->id)));
}

/* Under the id that it has now, or had before. */
static bool stored_find(const struct facts *facts, struct db *db, const struct fact *fact, struct event *stored)
{
    const char *const ids[] = {fact->id, fact->id_before};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (ids[i] && event_find(db, bytes_text(ids[i]), result_event_hash(&facts->keys, bytes_text(ids[i])), stored)) {
            return true;
        }
    }
    return false;
}

/* Can what is stored have been counted? */
static bool is_countable(const struct event *event, const struct dims_copy *copy)
{
    bool is_kind = event->kind == KIND_NONE || (event->kind >= 0 && event->kind < EVENT_KIND_COUNT);

    return is_kind && !copy->is_damaged && dims_are_known(copy->dims.role, copy->dims.gender) &&
           (event->score == EVENT_NO_SCORE || (event->score >= 0 && event->score <= 100 * 100));
}

static struct event event_of(const struct fact *fact)
{
    return (struct event){.id = bytes_text(fact->id),
                          .person = fact->person,
                          .kind = (int)fact->kind,
                          .at_ms = fact->at_ms,
                          .score = fact->score,
                          .minutes = fact->time ? share_minutes(fact->time) : fact->minutes};
}

/* *is_new_out is false when it was of somebody erased who had this id: counted once for ever. */
static enum status event_store(struct facts *facts, struct db *db, const struct fact *fact, struct event *event,
                               bool *is_new_out)
{
    enum event_outcome outcome = EVENT_DUPLICATE;
    enum status status = event_group_get(db, &fact->dims, &event->group);

    event->hash = result_event_hash(&facts->keys, event->id);
    event->content = content_of(facts, event);
    if (status == S_OK) {
        event->row = event_last(db) + 1;
        status = event_put(db, event, event->row, &outcome);
    }
    *is_new_out = outcome == EVENT_STORED;
    if (status == S_OK && *is_new_out) {
        tally_person(event_tally_group(facts->figures.tally, &fact->dims, event->at_ms),
                     people_hash(facts->keys.person, fact->person_id));
    }
    return status;
}

/* What is stored says what `event` says: kind, time, score, minutes. */
static enum status event_rewrite(struct facts *facts, struct db *db, const struct event *stored, struct event *event)
{
    bool is_same = stored->kind == event->kind && stored->at_ms == event->at_ms && stored->score == event->score &&
                   stored->minutes == event->minutes;

    if (is_same) {
        return S_OK;
    }
    event->id = stored->id;
    event->hash = stored->hash;
    event->content = content_of(facts, event);
    return event_revise(db, stored->row, event);
}

/* --- facts that are true or not: their fingerprints are published (store/known.h) ------------------------- */

static void note(struct buffer *list, const struct facts *facts, const struct fact *fact, int64_t row)
{
    const struct known known = {.fingerprint = fingerprint_of(facts, fact), .subject = row};

    buffer_append(list, &known, sizeof known);
}

static bool is_counted(const struct facts *facts, struct db *db, const struct fact *fact)
{
    int64_t subject, count;

    return known_net(db, KNOWN_EVENT, fingerprint_of(facts, fact), &subject, &count) > 0;
}

static enum status plain_insert(struct facts *facts, struct db *db, const struct fact *fact, struct event *event)
{
    bool is_new, was_counted = known_has_recovered(db) && is_counted(facts, db, fact);
    enum status status = event_store(facts, db, fact, event, &is_new);

    if (status != S_OK || !is_new) {
        return status;
    }
    if (was_counted) {
        return known_claim(db, KNOWN_EVENT, fingerprint_of(facts, fact), event->row);
    }
    event_tally(facts->figures.tally, &fact->dims, event, 1);
    note(&facts->counted, facts, fact, event->row);
    return S_OK;
}

/* What is stored becomes `event`; figures follow. */
static enum status plain_revise(struct facts *facts, struct db *db, const struct fact *fact, const struct event *stored,
                                struct event *event)
{
    struct dims_copy copy = {.used = 0};

    if (!event_group_find(db, stored->group, dims_take, &copy) || !is_countable(stored, &copy)) {
        return S_CORRUPT;
    }
    bool was_true = stored->kind != KIND_NONE, is_true = event->kind != KIND_NONE;
    if (was_true) {
        event_tally(facts->figures.tally, &copy.dims, stored, -1);
    }
    if (is_true) {
        event_tally(facts->figures.tally, &copy.dims, event, 1);
    }
    if (is_true && event->at_ms != stored->at_ms) { /* perhaps another month, which has not seen this person yet */
        tally_person(event_tally_group(facts->figures.tally, &copy.dims, event->at_ms), people_hash(facts->keys.person, fact->person_id));
    }
    if (was_true != is_true && is_counted(facts, db, fact) != is_true) {
        note(is_true ? &facts->counted : &facts->back, facts, fact, stored->row);
    }
    return event_rewrite(facts, db, stored, event);
}

static enum status plain_put(struct facts *facts, struct db *db, const struct fact *fact)
{
    struct event event = event_of(fact), stored;

    if (!stored_find(facts, db, fact, &stored)) {
        return db_status(db) == S_OK ? plain_insert(facts, db, fact, &event) : db_status(db);
    }
    bool is_same = stored.kind == event.kind && stored.at_ms == event.at_ms && stored.score == event.score &&
                   stored.minutes == event.minutes;
    return is_same || (fact->is_lasting && stored.kind == event.kind) ? S_OK : plain_revise(facts, db, fact, &stored, &event);
}

static enum status plain_drop(struct facts *facts, struct db *db, const struct fact *fact)
{
    struct event stored, event;

    if (!stored_find(facts, db, fact, &stored) || stored.kind == KIND_NONE) {
        return db_status(db);
    }
    event = stored;
    event.kind = KIND_NONE;
    return plain_revise(facts, db, fact, &stored, &event);
}

/* --- facts that say how much: what they counted as is published, too (store/share.h) ---------------------- */

static bool is_shared(enum event_kind kind)
{
    return kind == EVENT_COMPLETED || kind == EVENT_ACTIVE || kind == EVENT_ATTENDED;
}

static struct share share_of(struct db *db, const struct event_group *dims, const struct event *event, const struct share *time)
{
    struct share share = {.part_count = 0};

    if (time) {
        share = *time;
    } else {
        share_add_time(&share, 0, (event->minutes * 60 + 50) / 100);
    }
    share.dims = dims_hash(db, dims);
    share.kind = event->kind;
    share.month = share_month(event->at_ms);
    share.score = event->score;
    return share;
}

/* What should count, of what is said now and what came back; false: nothing. */
static bool wanted_find(const struct fact_standing *standing, const struct fact *fact, const struct share *said, struct share *wanted)
{
    struct share recovered;
    bool is_recovered = standing->is_recovered && !fact->is_decided && share_sum_counted(&standing->others, &recovered);

    if (is_recovered && said) {
        share_merge(&recovered, said);
    }
    if (is_recovered) {
        *wanted = recovered;
    } else if (said) {
        *wanted = *said;
    }
    return is_recovered || said;
}

struct shared {
    struct fact_standing standing;
    struct event stored;
    struct dims_copy copy; /* of what is stored */
    struct share said, wanted, before;
    bool is_stored, is_wanted;
};

static enum status shared_load(struct facts *facts, struct db *db, const struct fact *fact, struct shared *shared)
{
    shared->is_stored = stored_find(facts, db, fact, &shared->stored);
    if (shared->is_stored && (!event_group_find(db, shared->stored.group, dims_take, &shared->copy) ||
                              !is_countable(&shared->stored, &shared->copy))) {
        return S_CORRUPT;
    }
    return db_status(db) == S_OK ? fact_standing_load(db, &facts->figures, fingerprint_of(facts, fact), &shared->standing)
                                 : db_status(db);
}

/* Versions before counted it and kept no share: then this is what figures contain of it. */
static const struct share *before_find(struct db *db, struct shared *shared)
{
    if (!shared->is_stored || shared->standing.is_any || shared->stored.kind == KIND_NONE) {
        return NULL;
    }
    shared->before = share_of(db, &shared->copy.dims, &shared->stored, NULL);
    if (shared->is_wanted && shared->before.month == shared->wanted.month && shared->before.score == shared->wanted.score &&
        share_minutes(&shared->before) == share_minutes(&shared->wanted)) {
        shared->before = shared->wanted; /* figures stay */
    }
    return &shared->before;
}

/* The stored event follows what counts. */
static enum status shared_rewrite(struct facts *facts, struct db *db, const struct shared *shared, const struct event *said)
{
    struct event event = shared->stored;

    event.kind = shared->is_wanted ? shared->wanted.kind : KIND_NONE;
    if (shared->is_wanted) {
        bool is_said = said && share_month(said->at_ms) == shared->wanted.month;
        event.at_ms = is_said ? said->at_ms : share_month_begin(shared->wanted.month);
        event.score = shared->wanted.score;
        event.minutes = share_minutes(&shared->wanted);
    }
    return event_rewrite(facts, db, &shared->stored, &event);
}

/* What versions before said of an attendance by its fingerprint alone becomes a share when it is revised. Figures have its exact minutes, shares seconds. */
static enum status old_share(struct facts *facts, struct db *db, const struct fact *fact, struct shared *shared)
{
    const struct share base = share_of(db, &shared->copy.dims, &shared->stored, NULL);
    struct event rounded = shared->stored;

    rounded.minutes = share_minutes(&base);
    event_tally(facts->figures.tally, &shared->copy.dims, &shared->stored, -1);
    event_tally(facts->figures.tally, &shared->copy.dims, &rounded, 1);
    enum status status = fact_base_put(db, fingerprint_of(facts, fact), &base);
    return status == S_OK ? shared_load(facts, db, fact, shared) : status;
}

/* Such a one came back, and its event did not: as what it was counted nobody knows. It stands as it is. */
static enum status old_claim(struct facts *facts, struct db *db, const struct fact *fact, struct event *said)
{
    bool is_new;
    enum status status = event_store(facts, db, fact, said, &is_new);

    if (status != S_OK || !is_new) {
        return status;
    }
    status = known_claim(db, KNOWN_EVENT, fingerprint_of(facts, fact), said->row);
    return status == S_OK ? fact_base_put(db, fingerprint_of(facts, fact), NULL) : status;
}

static bool is_said_before(const struct event *stored, const struct event *said, bool is_true)
{
    return is_true ? stored->kind == said->kind && stored->at_ms == said->at_ms && stored->minutes == said->minutes : stored->kind == KIND_NONE;
}

/* `is_true`: as said in `fact`. */
static enum status shared_put(struct facts *facts, struct db *db, const struct fact *fact, bool is_true)
{
    struct shared shared = {.is_stored = false};
    struct event said = event_of(fact);
    bool is_new = true;
    enum status status = shared_load(facts, db, fact, &shared);

    if (status == S_OK && fact->kind == EVENT_ATTENDED && !shared.standing.is_any) {
        if (is_true && !shared.is_stored && known_has_recovered(db) && is_counted(facts, db, fact)) {
            return old_claim(facts, db, fact, &said);
        }
        if (shared.is_stored && is_said_before(&shared.stored, &said, is_true)) {
            return S_OK;
        }
        status = shared.is_stored && shared.stored.kind != KIND_NONE ? old_share(facts, db, fact, &shared) : S_OK;
    }

    if (status != S_OK || (!is_true && !shared.is_stored && !shared.standing.is_any)) {
        return status;
    }
    if (is_true) {
        shared.said = share_of(db, shared.is_stored ? &shared.copy.dims : &fact->dims, &said, fact->time);
    }
    shared.is_wanted = wanted_find(&shared.standing, fact, is_true ? &shared.said : NULL, &shared.wanted);
    if (is_true && !shared.is_stored) {
        status = event_store(facts, db, fact, &said, &is_new);
        shared.stored = said;
    }
    if (status != S_OK || !is_new) {
        return status;
    }
    if (is_true && shared.is_stored && share_month(said.at_ms) != share_month(shared.stored.at_ms)) { /* which has not seen this person yet, perhaps */
        tally_person(event_tally_group(facts->figures.tally, &shared.copy.dims, said.at_ms), people_hash(facts->keys.person, fact->person_id));
    }
    status = fact_standing_become(db, &facts->figures, &shared.standing, shared.is_wanted ? &shared.wanted : NULL,
                                  before_find(db, &shared));
    return status == S_OK && (is_true || shared.is_stored) ? shared_rewrite(facts, db, &shared, is_true ? &said : NULL) : status;
}

/* --- all ------------------------------------------------------------------------------------------------ */

enum status fact_put(struct facts *facts, struct db *db, const struct fact *fact)
{
    return is_shared(fact->kind) ? shared_put(facts, db, fact, true) : plain_put(facts, db, fact);
}

enum status fact_drop(struct facts *facts, struct db *db, const struct fact *fact)
{
    return is_shared(fact->kind) ? shared_put(facts, db, fact, false) : plain_drop(facts, db, fact);
}

enum status fact_correct(struct facts *facts, struct db *db, const struct fact *fact)
{
    struct event stored;
    bool is_true = stored_find(facts, db, fact, &stored) && stored.kind != KIND_NONE;

    return is_true ? fact_put(facts, db, fact) : db_status(db);
}

static enum status noted_publish(struct db *db, int change, const struct buffer *list)
{
    return known_publish(db, KNOWN_EVENT, change, (const struct known *)(const void *)list->data, list->size / sizeof(struct known));
}

enum status facts_flush(struct facts *facts, struct db *db)
{
    enum status status = noted_publish(db, 1, &facts->counted);

    if (status == S_OK) {
        status = noted_publish(db, -1, &facts->back);
    }
    return status == S_OK ? tally_flush(facts->figures.tally, db) : status;
}
