#include "node/learn/attempt/fact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/event_tally.h"
#include "node/learn/result_fold.h"
#include "node/learn/tally.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { KIND_NONE = -1, DIMS_SIZE = 1024 };

struct facts {
    struct result_keys keys;
    struct hash secret; /* of ids */
    struct tally *tally;
};

struct facts *facts_new(const struct federation *federation)
{
    struct facts *facts = calloc(1, sizeof *facts);

    CHECK(facts);
    result_keys_init(&facts->keys, federation);
    facts->secret =
        hash_of(bytes_of(federation->secret, sizeof federation->secret), bytes_text("qanat facts"));
    facts->tally = tally_new();
    return facts;
}

void facts_free(struct facts *facts)
{
    tally_free(facts->tally);
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

/* --- dimensions under which it was counted
 * ----------------------------------------------------------------------- */

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

/* --- facts
 * ------------------------------------------------------------------------------------------------------ */

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

static enum status fact_insert(struct facts *facts, struct db *db, const struct fact *fact,
                               struct event *event)
{
    enum event_outcome outcome;
    enum status status = event_group_get(db, &fact->dims, &event->group);

    if (status == S_OK) {
        status = event_put(db, event, event_last(db) + 1, &outcome);
    }
    if (status != S_OK) {
        return status;
    }
    if (outcome != EVENT_STORED) {
        return S_OK; /* it was of somebody erased who had this id: counted once for ever */
    }
    event_tally(facts->tally, &fact->dims, event, 1);
    tally_person(event_tally_group(facts->tally, &fact->dims, event->at_ms),
                 people_hash(facts->keys.person, fact->person_id));
    return S_OK;
}

/* Can what is stored have been counted? */
static bool is_countable(const struct event *event, const struct dims_copy *copy)
{
    bool is_kind = event->kind == KIND_NONE || (event->kind >= 0 && event->kind < EVENT_KIND_COUNT);

    return is_kind && !copy->is_damaged && dims_are_known(copy->dims.role, copy->dims.gender) &&
           (event->score == EVENT_NO_SCORE || (event->score >= 0 && event->score <= 100 * 100));
}

/* What is stored becomes `event`; figures follow. */
static enum status fact_revise(struct facts *facts, struct db *db, const struct event *stored,
                               const struct event *event)
{
    struct dims_copy copy = {.used = 0};

    if (!event_group_find(db, stored->group, dims_take, &copy) || !is_countable(stored, &copy)) {
        return S_CORRUPT;
    }
    if (stored->kind != KIND_NONE) {
        event_tally(facts->tally, &copy.dims, stored, -1);
    }
    if (event->kind != KIND_NONE) {
        event_tally(facts->tally, &copy.dims, event, 1);
    }
    return event_revise(db, stored->row, event);
}

enum status fact_put(struct facts *facts, struct db *db, const struct fact *fact)
{
    struct event event = {.id = bytes_text(fact->id),
                          .person = fact->person,
                          .kind = (int)fact->kind,
                          .at_ms = fact->at_ms,
                          .score = fact->score,
                          .minutes = fact->minutes};
    struct event stored;

    event.hash = result_event_hash(&facts->keys, event.id);
    event.content = content_of(facts, &event);
    if (!event_find(db, event.id, event.hash, &stored)) {
        return db_status(db) == S_OK ? fact_insert(facts, db, fact, &event) : db_status(db);
    }
    bool is_same = stored.kind == event.kind && stored.at_ms == event.at_ms && stored.score == event.score &&
                   stored.minutes == event.minutes;
    if (is_same || (fact->is_lasting && stored.kind == event.kind)) {
        return S_OK;
    }
    event.hash = stored.hash;
    return fact_revise(facts, db, &stored, &event);
}

enum status fact_drop(struct facts *facts, struct db *db, const char *id)
{
    struct event stored, event;
    uint64_t hash = result_event_hash(&facts->keys, bytes_text(id));

    if (!event_find(db, bytes_text(id), hash, &stored) || stored.kind == KIND_NONE) {
        return db_status(db);
    }
    event = stored;
    event.kind = KIND_NONE;
    event.content = content_of(facts, &event);
    return fact_revise(facts, db, &stored, &event);
}

enum status facts_flush(struct facts *facts, struct db *db)
{
    return tally_flush(facts->tally, db);
}
