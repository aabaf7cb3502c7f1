#include "node/store/stream/alarm.h"

#include <string.h>

#include "node/log.h"
#include "node/store/operation/act.h"
#include "node/store/stream/head.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/crdt/cell.h"
#include "replication/trust/roster_keys.h"

/* --- noticing ------------------------------------------------------------------------------------------- */

/* The proof published here about the node of `fork`; false when there is none. */
static bool published_get(struct db *db, struct bytes key, struct fork *fork_out)
{
    struct bytes value, proof;
    hlc stamp;

    return own_cell_get(db, TOPIC_ROSTER, key, &value) == S_OK && cell_value_get_register(value, &stamp, &proof) &&
           fork_decode(proof, fork_out) == S_OK;
}

enum status alarm_raise(struct db *db, const struct fork *fork)
{
    struct id node = fork_node(fork);
    struct buffer key, proof, value;
    struct fork published;
    enum status status = S_OK;
    char hex[ID_HEX_SIZE];

    if (!fork_is_shown(fork)) {
        return S_INVALID;
    }
    buffer_init(&key), buffer_init(&proof), buffer_init(&value);
    fork_key(&node, &key);
    bool is_known = published_get(db, buffer_bytes(&key), &published) &&
                    hlc_wall_ms(fork_stamp(fork)) < hlc_wall_ms(fork_stamp(&published)) + ALARM_REPEAT_MS;
    if (!is_known) {
        id_hex(&node, hex);
        log_event(LOG_ERROR, "two_writers", "node=%s kind=%s topic=%s effect=\"two machines write with this node's key\"", hex,
                  fork->kind == FORK_SAME_SEQ ? "same_seq" : "turns",
                  topic_name(fork->certificates[0].head.stream.topic));
        fork_encode(fork, &proof);
        cell_value_register(&value, fork_stamp(fork), buffer_bytes(&proof));
        status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
        status = status == S_OK ? act_decided(db, "alarm: two writers", hex, "") : status;
    }
    buffer_release(&key), buffer_release(&proof), buffer_release(&value);
    return status;
}

enum status alarm_look(struct db *db, const struct certificate *before, const struct certificate *after)
{
    struct stream_id at = {.node = before->head.stream.node, .topic = before->head.stream.topic};
    struct fork fork = {.kind = FORK_TURNS, .certificates = {*before, {.head = {.seq = 0}}, *after}};
    struct head_row row;

    while (before->head.seq > 0 && head_between_after(db, &at, before->head.stamp, after->head.stamp, &row)) {
        at = row.certificate.head.stream;
        fork.certificates[1] = row.certificate;
        if (fork_is_shown(&fork)) {
            return alarm_raise(db, &fork);
        }
    }
    return db_status(db);
}

enum status alarm_contradict(struct db *db, const struct stream_id *stream, struct bytes certificate)
{
    struct fork fork = {.kind = FORK_SAME_SEQ};
    struct id living;

    if (!stream_find(db, stream, &fork.certificates[0]) ||
        certificate_decode(certificate, stream, &fork.certificates[1]) != S_OK || !fork_is_shown(&fork)) {
        return db_status(db);
    }
    enum status status = alarm_raise(db, &fork);
    if (status == S_OK && own_is_self(db, &stream->node) && own_incarnation(db, &living) == S_OK &&
        id_equal(&living, &stream->incarnation)) {
        status = own_renew(db);
    }
    return status;
}

enum status alarm_settle(struct db *db, const struct id *node, hlc stamp)
{
    struct buffer key, value;
    uint8_t content[8];

    for (unsigned i = 0; i < sizeof content; i++) {
        content[i] = (uint8_t)(stamp >> (8 * i));
    }
    buffer_init(&key), buffer_init(&value);
    fork_settle_key(node, &key);
    cell_value_register(&value, stamp, bytes_of(content, sizeof content));
    enum status status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
    buffer_release(&key), buffer_release(&value);
    return status;
}

/* --- reading -------------------------------------------------------------------------------------------- */

struct reading {
    const struct id *federation;
    const struct roster *roster;
    struct alarm *alarms;
    size_t count;
    hlc settled[ALARMS_MAX]; /* by alarm */
    bool is_settling; /* the proofs are read: what is settled of them */
};

/* The place of `node` among the alarms; `count` when it has none. */
static size_t place_find(const struct reading *reading, const struct id *node)
{
    size_t at = 0;

    while (at < reading->count && !id_equal(&reading->alarms[at].node, node)) {
        at++;
    }
    return at;
}

/* The same, kept free for it when it has none; ALARMS_MAX when there is no more room. */
static size_t place_of(struct reading *reading, const struct id *node)
{
    size_t at = place_find(reading, node);

    if (at == reading->count && reading->count < ALARMS_MAX) {
        memset(&reading->alarms[at], 0, sizeof reading->alarms[at]);
        reading->alarms[at].node = *node;
        reading->settled[at] = 0;
        reading->count++;
    }
    return at;
}

/* What `by` says counts from a node above `node`, or from a hub; 0: it does not. */
static hlc settle_read(const struct roster *roster, const struct id *by, const struct id *node, struct bytes content)
{
    const struct roster_node *reporter = roster_find(roster, by);
    hlc stamp = 0;

    if (content.size != 8 || !reporter || reporter->is_revoked ||
        (reporter->kind != NODE_HUB && !roster_is_above(roster, by, node))) {
        return 0;
    }
    for (unsigned i = 0; i < 8; i++) {
        stamp |= (hlc)content.data[i] << (8 * i);
    }
    return stamp;
}

/* Of what was proven only: whoever stands above many nodes may settle what nobody proved of them, and shall not take the room of proofs. */
static void settle_take(struct reading *reading, const struct id *by, const struct id *node, struct bytes content)
{
    size_t at = place_find(reading, node);
    hlc stamp = at < reading->count ? settle_read(reading->roster, by, node, content) : 0;

    if (stamp > 0 && stamp > reading->settled[at]) {
        reading->settled[at] = stamp;
    }
}

/* By the node's keys, each as far as it was good: what a key signed after its end proves nothing (trust/rekey.h). */
static bool is_signed(const struct reading *reading, const struct fork *fork)
{
    bool is_good = true;

    for (unsigned i = 0; i < (fork->kind == FORK_SAME_SEQ ? 2 : FORK_CERTIFICATES_MAX); i++) {
        is_good = is_good && roster_certificate_check(reading->roster, &fork->certificates[i], true) == S_OK;
    }
    return is_good;
}

static void proof_take(struct reading *reading, const struct id *by, const struct id *node, struct bytes content)
{
    const struct roster_node *accused = roster_find(reading->roster, node);
    struct fork fork;

    if (!accused || accused->is_revoked || fork_decode(content, &fork) != S_OK) {
        return;
    }
    struct id about = fork_node(&fork);
    if (!id_equal(&about, node) || !is_signed(reading, &fork)) {
        return;
    }
    size_t at = place_of(reading, node);
    uint64_t at_ms = hlc_wall_ms(fork_stamp(&fork));
    if (at < ALARMS_MAX && at_ms >= reading->alarms[at].at_ms) {
        reading->alarms[at] = (struct alarm){*node, *by, fork, at_ms};
    }
}

/* A cell of the roster that speaks of two machines: a proof about `node`, or that it is settled. */
struct note {
    struct id node;
    bool is_settle;
    struct bytes content; /* of the cell */
};

static bool note_read(const struct cell *cell, struct note *out)
{
    hlc stamp;

    return fork_key_parse(cell->key, &out->node, &out->is_settle) && cell_value_get_register(cell->value, &stamp, &out->content);
}

static enum status cell_take(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct reading *reading = ctx;
    struct note note;

    if (!note_read(cell, &note) || note.is_settle != reading->is_settling) {
        return S_OK;
    }
    if (note.is_settle) {
        settle_take(reading, &head->stream.node, &note.node, note.content);
    } else {
        proof_take(reading, &head->stream.node, &note.node, note.content);
    }
    return S_OK;
}

size_t alarm_list(struct db *db, const struct id *federation, const struct roster *roster, struct alarm *alarms_out)
{
    struct reading reading = {.federation = federation, .roster = roster, .alarms = alarms_out};
    size_t kept = 0;

    (void)stream_cells_each(db, TOPIC_ROSTER, cell_take, &reading);
    reading.is_settling = true;
    if (reading.count > 0) {
        (void)stream_cells_each(db, TOPIC_ROSTER, cell_take, &reading);
    }
    for (size_t i = 0; i < reading.count; i++) {
        if (alarms_out[i].at_ms > 0 && fork_stamp(&alarms_out[i].fork) > reading.settled[i]) {
            alarms_out[kept++] = alarms_out[i];
        }
    }
    return kept;
}

/* --- who was settled ------------------------------------------------------------------------------------ */

struct settling {
    const struct roster *roster;
    const struct id *node;
    hlc stamp;
};

static enum status settling_take(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct settling *settling = ctx;
    struct note note;

    if (note_read(cell, &note) && note.is_settle && id_equal(&note.node, settling->node)) {
        hlc stamp = settle_read(settling->roster, &head->stream.node, &note.node, note.content);
        settling->stamp = stamp > settling->stamp ? stamp : settling->stamp;
    }
    return S_OK;
}

hlc alarm_settled(struct db *db, const struct roster *roster, const struct id *node)
{
    struct settling settling = {.roster = roster, .node = node};

    (void)stream_cells_each(db, TOPIC_ROSTER, settling_take, &settling);
    return settling.stamp;
}
