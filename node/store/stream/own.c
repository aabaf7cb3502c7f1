#include "node/store/stream/own_engine.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "node/store/engine.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/past.h"
#include "replication/base/check.h"

/* One own stream of the living incarnation, as the open transaction sees it. */
struct own_stream {
    bool is_loaded;
    bool is_changed; /* by the running job: not yet certified */
    int64_t number;
    struct stream_head head;
    struct lthash state;
    struct hash key;
    struct cell_rows rows;
};

/* Since when the living incarnation is decided: what is younger than the job or transaction being undone goes
 * with it. */
enum own_decision { UNDECIDED, DECIDED_IN_JOB, DECIDED_IN_TRANSACTION, DECIDED };

struct own {
    struct anchor *anchor;
    enum own_decision decision;
    struct id incarnation;
    hlc drawn; /* when it was drawn */
    hlc since; /* when it counts as begun: not before (heard.h) */
    hlc clock;
    bool is_ahead; /* the open transaction issued seqs or an incarnation */
    bool is_damaged; /* one of its streams is not what was signed: nothing is written on top of it */
    bool is_left;    /* another stream adopted it, or it was idle for long: the next job that writes draws another */
    bool is_looked_at; /* by the running job, whether it was idle for long: what it reads and what it writes is of one incarnation */
    struct own_stream streams[TOPIC_LAST + 1];
};

static const char since_name[] = "incarnation_since", drawn_name[] = "incarnation_drawn";

struct own *own_new(struct anchor *anchor)
{
    struct own *own = calloc(1, sizeof *own);

    CHECK(own);
    own->anchor = anchor;
    return own;
}

static void streams_forget(struct own *own)
{
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        struct own_stream *stream = &own->streams[topic];
        if (stream->is_loaded) {
            cell_rows_release(&stream->rows);
        }
        stream->is_loaded = stream->is_changed = false;
    }
}

void own_free(struct own *own)
{
    if (own) {
        streams_forget(own);
        anchor_close(own->anchor);
        free(own);
    }
}

static struct own *own_of(struct db *db)
{
    return db_store(db)->own;
}

const struct identity *own_identity(struct db *db, struct id *federation_out)
{
    struct store *store = db_store(db);

    pthread_mutex_lock(&store->lock);
    const struct identity *identity = store->identity;
    if (federation_out) {
        *federation_out = store->federation;
    }
    pthread_mutex_unlock(&store->lock);
    CHECK(identity); /* store_set_identity() comes first */
    return identity;
}

static struct stream_id own_stream_id(const struct own *own, const struct identity *identity,
                                      enum topic topic)
{
    return (struct stream_id){identity->node, own->incarnation, topic};
}

/* How far the database says the incarnation own->incarnation has come. */
static struct anchor_mark own_mark(struct db *db)
{
    struct own *own = own_of(db);
    struct anchor_mark mark = {.incarnation = own->incarnation};
    struct id federation;
    const struct identity *identity = own_identity(db, &federation);

    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        struct stream_id id = own_stream_id(own, identity, (enum topic)topic);
        struct head_row row;
        if (own->streams[topic].is_loaded) {
            mark.seq[topic] = own->streams[topic].head.seq;
        } else if (head_find(db, &id, &row)) {
            mark.seq[topic] = row.certificate.head.seq;
        }
    }
    return mark;
}

bool own_is_self(struct db *db, const struct id *node)
{
    struct store *store = db_store(db);

    pthread_mutex_lock(&store->lock);
    bool is_self = store->identity && id_equal(&store->identity->node, node);
    pthread_mutex_unlock(&store->lock);
    return is_self;
}

/* The own clock is never behind a stamp of one of this node's streams here, whatever this machine's clock says. */
static void clock_catch_up(struct db *db)
{
    struct own *own = own_of(db);
    struct id federation;
    struct stream_id id = {.node = own_identity(db, &federation)->node};
    uint8_t after[STREAM_ID_SIZE];
    struct head_row row;

    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        stream_id_encode(&(struct stream_id){.node = id.node, .topic = (enum topic)topic}, after);
        while (head_after(db, bytes_of(after, sizeof after), &row)) {
            const struct stream_head *head = &row.certificate.head;
            if ((int)head->stream.topic != topic || !id_equal(&head->stream.node, &id.node)) {
                break;
            }
            own->clock = head->stamp > own->clock ? head->stamp : own->clock;
            stream_id_encode(&head->stream, after);
        }
    }
}

static enum status stamp_put(struct db *db, const char *name, hlc stamp)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(stamp >> (8 * i));
    }
    return property_put(db, name, bytes_of(bytes, sizeof bytes));
}

/* Stores the incarnation that begins now, and when. */
static enum status incarnation_put(struct db *db)
{
    struct own *own = own_of(db);
    struct id federation;

    clock_catch_up(db);
    own->clock = own->since = own->drawn = hlc_tick(own->clock, engine_wall_ms());
    enum status status = past_note(db, &own_identity(db, &federation)->node, &own->incarnation);
    status = status == S_OK ? property_put(db, "incarnation", bytes_of(own->incarnation.b, sizeof own->incarnation.b)) : status;
    status = status == S_OK ? stamp_put(db, drawn_name, own->drawn) : status;
    return status == S_OK ? stamp_put(db, since_name, own->since) : status;
}

static hlc stamp_get(struct db *db, const char *name, hlc otherwise)
{
    uint8_t bytes[8];
    hlc stamp = 0;

    if (!property_get(db, name, bytes, sizeof bytes)) {
        return otherwise;
    }
    for (unsigned i = 0; i < sizeof bytes; i++) {
        stamp |= (hlc)bytes[i] << (8 * i);
    }
    return stamp;
}

/* It goes on: no stamp of it is before its beginning, whatever this machine's clock says now. */
static void stamps_load(struct db *db)
{
    struct own *own = own_of(db);

    own->since = stamp_get(db, since_name, 0);
    own->drawn = stamp_get(db, drawn_name, own->since); /* databases of before have one stamp */
    own->clock = own->since > own->clock ? own->since : own->clock;
}

enum status own_note_recovered(struct db *db, uint64_t until_ms)
{
    uint64_t known_ms;
    uint8_t bytes[8];

    if (own_recovered(db, &known_ms) && known_ms >= until_ms) {
        return db_status(db);
    }
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(until_ms >> (8 * i));
    }
    return property_put(db, "results_recovered", bytes_of(bytes, sizeof bytes));
}

bool own_recovered(struct db *db, uint64_t *until_ms_out)
{
    uint8_t bytes[8];

    *until_ms_out = 0;
    if (!property_get(db, "results_recovered", bytes, sizeof bytes)) {
        return false;
    }
    for (unsigned i = 0; i < sizeof bytes; i++) {
        *until_ms_out |= (uint64_t)bytes[i] << (8 * i);
    }
    return true;
}

enum status own_renew(struct db *db)
{
    struct own *own = own_of(db);
    char hex[ID_HEX_SIZE];

    streams_forget(own);
    randombytes_buf(own->incarnation.b, sizeof own->incarnation.b);
    enum status status = incarnation_put(db);
    own->decision = DECIDED_IN_JOB;
    own->is_ahead = true;
    own->is_damaged = own->is_left = false;
    id_hex(&own->incarnation, hex);
    log_event(LOG_INFO, "incarnation_drawn", "incarnation=%s", hex);
    return status;
}

/* The running job wrote cells that are not certified yet. */
static bool has_changes(const struct own *own)
{
    bool has_any = false;

    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        has_any |= own->streams[topic].is_changed;
    }
    return has_any;
}

/* Does another stream say that one of this incarnation is counted in it? Then what is added here would count nowhere. */
static bool is_displaced(struct db *db)
{
    struct own *own = own_of(db);
    struct id federation;
    const struct identity *identity = own_identity(db, &federation);
    bool is = false;

    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST && !is; topic++) {
        struct stream_id id = own_stream_id(own, identity, (enum topic)topic);
        struct head_row row;
        is = head_find(db, &id, &row) && row.adopted > 0;
    }
    return is;
}

/* Were its figures left alone for so long that another machine may take them for over (past.h)? */
static bool is_idle(struct db *db)
{
    struct own *own = own_of(db);
    struct own_stream *loaded = &own->streams[TOPIC_RESULTS];
    struct id federation;
    struct stream_id id = own_stream_id(own, own_identity(db, &federation), TOPIC_RESULTS);
    struct head_row row;

    if (loaded->is_loaded) {
        return loaded->head.seq > 0 && past_is_left(loaded->head.stamp, engine_wall_ms());
    }
    return head_find(db, &id, &row) && row.certificate.head.seq > 0 && past_is_left(row.certificate.head.stamp, engine_wall_ms());
}

void own_displaced(struct db *db, const struct id *incarnation)
{
    if (own_goes_on(db) && id_equal(&own_of(db)->incarnation, incarnation)) {
        own_of(db)->is_left = true;
    }
}

void own_adopted(struct db *db, const struct id *incarnation)
{
    anchor_forget(own_of(db)->anchor, incarnation);
}

bool own_goes_on(struct db *db)
{
    struct own *own = own_of(db);

    if (own->decision != UNDECIDED || own->is_damaged || own->is_left) {
        return !own->is_damaged && !own->is_left;
    }
    if (property_get(db, "incarnation", own->incarnation.b, sizeof own->incarnation.b)) {
        struct anchor_mark mark = own_mark(db);
        if (db_status(db) == S_OK && anchor_matches(own->anchor, &mark) && !is_displaced(db) && !is_idle(db)) {
            own->decision = DECIDED_IN_JOB;
            stamps_load(db);
        }
    }
    return own->decision != UNDECIDED;
}

static enum status own_decide(struct db *db)
{
    struct own *own = own_of(db);

    if (own->decision != UNDECIDED && !own->is_looked_at) {
        own->is_left = own->is_left || is_idle(db);
    }
    own->is_looked_at = true;
    if ((own->is_damaged || own->is_left) && !has_changes(own)) {
        return own_renew(db);
    }
    if (own->decision != UNDECIDED || own_goes_on(db)) {
        return S_OK;
    }
    return db_status(db) == S_OK ? own_renew(db) : db_status(db);
}

/* Is the row what this node signed, and the running sum the one it signed? A wrong one would be signed on with the next
 * cell, and no peer would ever take it. */
static enum status row_check(struct db *db, const struct head_row *row, const struct lthash *state)
{
    const struct stream_head *head = &row->certificate.head;
    struct hash digest = lthash_digest(state);
    struct id federation;
    const struct identity *identity = own_identity(db, &federation);

    if (head->seq == 0) {
        return S_OK;
    }
    bool is_sound = hash_equal(&digest, &head->digest) &&
                    certificate_verify(&row->certificate, &federation, identity->sign_public) == S_OK;
    return is_sound ? S_OK : S_CORRUPT;
}

static enum status row_load(struct db *db, enum topic topic, struct head_row *row_out, struct lthash *state_out)
{
    struct id federation;
    struct stream_id id = own_stream_id(own_of(db), own_identity(db, &federation), topic);
    enum status status = head_make(db, &id, row_out);

    if (status == S_OK) {
        status = head_state(db, row_out, state_out);
    }
    return status == S_OK ? row_check(db, row_out, state_out) : status;
}

/* A damaged stream is left as it is, for scrub, and a fresh incarnation begins: now, or with the next job when this one
 * wrote into other streams already. */
static enum status damage_leave(struct db *db, enum topic topic, struct head_row *row_out, struct lthash *state_out)
{
    struct own *own = own_of(db);

    log_event(LOG_ERROR, "own_stream_damaged", "topic=%s next=\"a fresh incarnation; qanat scrub --repair\"", topic_name(topic));
    own->is_damaged = true;
    if (db_status(db) != S_OK || has_changes(own)) {
        return S_CORRUPT;
    }
    enum status status = own_renew(db);
    return status == S_OK ? row_load(db, topic, row_out, state_out) : status;
}

static enum status stream_load(struct db *db, enum topic topic, struct own_stream **stream_out)
{
    struct own *own = own_of(db);
    struct own_stream *stream = &own->streams[topic];
    struct head_row row;
    enum status status = own_decide(db);

    CHECK((int)topic >= TOPIC_FIRST && (int)topic <= TOPIC_LAST);
    *stream_out = stream;
    if (status != S_OK || stream->is_loaded) {
        return status;
    }
    status = row_load(db, topic, &row, &stream->state);
    if (status == S_CORRUPT) {
        status = damage_leave(db, topic, &row, &stream->state);
    }
    if (status == S_OK) {
        struct id federation;
        struct stream_id id = own_stream_id(own, own_identity(db, &federation), topic);
        stream->number = row.number;
        stream->head = row.certificate.head;
        stream->key = lthash_key(&federation, &id);
        cell_rows_init(&stream->rows, db, row.number, false);
        stream->is_loaded = true;
        own->clock = stream->head.stamp > own->clock ? stream->head.stamp : own->clock;
    }
    return status;
}

enum status own_cell_put(struct db *db, enum topic topic, struct bytes key, struct bytes value)
{
    struct own_stream *stream;
    struct cell old;
    enum status status = stream_load(db, topic, &stream);

    if (status != S_OK) {
        return status;
    }
    struct cell cell = {stream->head.seq + 1, key, value};
    status = cell_check(&cell);
    if (status != S_OK) {
        return status;
    }
    status = cell_row_find(&stream->rows, key, &old);
    if (status != S_OK && status != S_NOT_FOUND) {
        return status;
    }
    bool is_found = status == S_OK;
    if (is_found && bytes_equal(old.value, value)) {
        return S_OK;
    }
    status = cell_row_replace(&stream->rows, is_found ? &old : NULL, &cell);
    if (status != S_OK) {
        return status;
    }
    if (is_found) {
        lthash_subtract(&stream->state, &stream->key, &old);
    }
    lthash_add(&stream->state, &stream->key, &cell);
    stream->head.seq = cell.seq;
    stream->head.count += !is_found;
    stream->is_changed = own_of(db)->is_ahead = true;
    return S_OK;
}

enum status own_cell_get(struct db *db, enum topic topic, struct bytes key, struct bytes *value_out)
{
    struct own_stream *stream;
    struct cell cell;
    enum status status = stream_load(db, topic, &stream);

    if (status == S_OK) {
        status = cell_row_find(&stream->rows, key, &cell);
    }
    if (status == S_OK) {
        *value_out = cell.value;
    }
    return status;
}

enum status own_incarnation(struct db *db, struct id *incarnation_out)
{
    enum status status = own_decide(db);

    if (status == S_OK) {
        *incarnation_out = own_of(db)->incarnation;
    }
    return status;
}

bool own_living(struct store *store, struct id *incarnation_out)
{
    pthread_mutex_lock(&store->lock);
    bool has_living = store->has_living;
    *incarnation_out = store->living;
    pthread_mutex_unlock(&store->lock);
    return has_living;
}

hlc own_living_since(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    hlc since = store->living_since;
    pthread_mutex_unlock(&store->lock);
    return since;
}

hlc own_living_drawn(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    hlc drawn = store->living_drawn;
    pthread_mutex_unlock(&store->lock);
    return drawn;
}

bool own_began_before(struct db *db, hlc stamp)
{
    return own_of(db)->since < stamp;
}

enum status own_begin_after(struct db *db, hlc stamp)
{
    struct own *own = own_of(db);

    own->since = stamp;
    own->clock = stamp > own->clock ? stamp : own->clock;
    return stamp_put(db, since_name, stamp);
}

static enum status stream_certify(struct db *db, struct own_stream *stream)
{
    struct own *own = own_of(db);
    struct id federation;
    const struct identity *identity = own_identity(db, &federation);

    own->clock = hlc_tick(own->clock, engine_wall_ms());
    stream->head.stamp = own->clock;
    stream->head.digest = lthash_digest(&stream->state);
    struct certificate certificate = certificate_sign(&federation, &stream->head, identity->sign_secret);
    stream->is_changed = false;
    return head_put(db, stream->number, &certificate, &stream->state);
}

enum status own_job_end(struct db *db)
{
    struct own *own = own_of(db);
    enum status status = S_OK;

    own->is_looked_at = false;
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST && status == S_OK; topic++) {
        if (own->streams[topic].is_changed) {
            status = stream_certify(db, &own->streams[topic]);
        }
    }
    if (status == S_OK && own->decision == DECIDED_IN_JOB) {
        own->decision = DECIDED_IN_TRANSACTION;
    }
    return status;
}

void own_job_undo(struct db *db)
{
    struct own *own = own_of(db);

    own->is_looked_at = false;
    streams_forget(own); /* read again when needed: other jobs of the transaction may stand */
    if (own->decision == DECIDED_IN_JOB) {
        own->decision = UNDECIDED;
    }
}

void own_commit_begin(struct db *db)
{
    struct own *own = own_of(db);

    if (own->is_ahead && own->decision != UNDECIDED) {
        struct anchor_mark mark = own_mark(db);
        anchor_write(own->anchor, &mark);
    }
}

void own_commit_end(struct db *db, bool is_durable)
{
    struct store *store = db_store(db);
    struct own *own = store->own;
    bool was_ahead = own->is_ahead;

    own->is_ahead = false;
    if (is_durable) {
        own->decision = own->decision == DECIDED_IN_TRANSACTION ? DECIDED : own->decision;
        if (own->decision == DECIDED) {
            pthread_mutex_lock(&store->lock);
            store->living = own->incarnation;
            store->living_since = own->since;
            store->living_drawn = own->drawn;
            store->has_living = true;
            pthread_mutex_unlock(&store->lock);
        }
        return;
    }
    streams_forget(own);
    if (own->decision != DECIDED) {
        own->decision = UNDECIDED;
    } else if (was_ahead) { /* nobody saw what was undone: the incarnation goes on from what the database says
                               now */
        struct anchor_mark mark = own_mark(db);
        if (db_status(db) == S_OK) {
            anchor_write(own->anchor, &mark);
        }
    }
}
