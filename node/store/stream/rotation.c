#include "node/store/stream/rotation.h"

#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "node/store/engine.h"
#include "node/store/operation/act.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/head.h"
#include "node/store/stream/heard.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/rotation_vain.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/peer/adopt.h"
#include "replication/trust/roster_keys.h"

enum rotation_state rotation_state_of(const struct roster *roster, const struct id *node,
                                      const struct identity *next)
{
    const struct roster_node *member = roster_find(roster, node);

    if (!member || !next) {
        return ROTATION_NONE;
    }
    if (memcmp(member->sign_public, next->sign_public, SIGN_PUBLIC_SIZE) != 0) {
        return roster_rekey_asked(roster, node).size > 0 ? ROTATION_ASKED : ROTATION_NONE;
    }
    bool is_ended = member->former_count == 0 || member->former[member->former_count - 1].closing.size > 0;
    return is_ended ? ROTATION_CLOSED : ROTATION_GRANTED;
}

static struct signer signer_of(const struct identity *identity)
{
    struct signer signer = {.node = identity->node};

    memcpy(signer.sign_secret, identity->sign_secret, sizeof signer.sign_secret);
    return signer;
}

/* --- ask ------------------------------------------------------------------------------------------------ */

/* What was asked before goes into the living stream: it may have been said in an earlier one. */
static enum status ask_again(struct db *db, struct bytes asked)
{
    struct statement statement;

    statement_read(asked, &statement);
    return roster_statement_put(db, asked, statement.at_ms);
}

/* The key that the roster knows is one that this node had before: its database was put back, or it was built anew, and nobody told it yet. */
static bool is_behind(const struct roster_node *self, const struct identity *identity)
{
    bool is_former = false;

    for (size_t i = 0; i < identity->former_count; i++) {
        is_former = is_former || memcmp(identity->former[i].curve_public, self->curve_public, CURVE_PUBLIC_SIZE) == 0;
    }
    return is_former;
}

enum status rotation_ask(struct db *db, void *arg)
{
    struct rotation *rotation = arg;
    struct signer signer = signer_of(rotation->identity);
    struct roster *roster;
    struct buffer statement;
    enum status status = roster_load(db, rotation->federation, &roster, rotation->report);

    if (status != S_OK) {
        return status;
    }
    const struct roster_node *self = roster_find(roster, &rotation->identity->node);
    struct rekey_terms terms = {.node = rotation->identity->node,
                                .turn = self ? (uint32_t)self->former_count + 1 : 1,
                                .next = rotation->next,
                                .at_ms = rotation->now_ms};
    struct bytes asked = roster_rekey_asked(roster, &terms.node);
    buffer_init(&statement);
    if (!self || self->is_revoked) {
        status = report_set(rotation->report, S_DENIED, "this node is no member of the federation any more");
    } else if (memcmp(self->sign_public, rotation->identity->sign_public, SIGN_PUBLIC_SIZE) != 0) {
        status = report_set(rotation->report, S_STALE,
                            is_behind(self, rotation->identity)
                                ? "the key in node.key is later than the one that this database knows of: it has not heard of it yet; "
                                  "let it reach its peers, then ask again"
                                : "the federation knows another key of this node than the one in node.key, a later one");
    } else if (terms.turn > ROSTER_TURNS_MAX) {
        status = report_set(rotation->report, S_TOO_LARGE,
                            "this node changed its keys %d times, the most there is", ROSTER_TURNS_MAX);
    } else if (asked.size > 0) {
        status = ask_again(db, asked);
    } else {
        status = statement_rekey(&rotation->federation->id, &terms, &signer, &statement);
        status = status == S_OK ? roster_statement_put(db, buffer_bytes(&statement), rotation->now_ms) : status;
        status = status == S_OK ? act_decided(db, "asked for a new key", self->name, "") : status;
    }
    buffer_release(&statement);
    roster_free(roster);
    return status == S_OK ? db_status(db) : status;
}

/* Something of the living incarnation in results: whoever says that it holds it was heard of since that
 * began. */
static enum status sign_put(struct db *db)
{
    struct bytes segments[] = {bytes_text("n"), bytes_text("software")},
                 known; /* as node/app_presence.c says it */
    struct buffer key, value;

    buffer_init(&key), buffer_init(&value);
    enum status status = cell_key_join(segments, sizeof segments / sizeof *segments, &key);
    if (status == S_OK) {
        status = own_cell_get(db, TOPIC_RESULTS, buffer_bytes(&key), &known);
    }
    if (status == S_NOT_FOUND) {
        cell_value_register(&value, 0, bytes_text(PACKAGE_VERSION));
        status = own_cell_put(db, TOPIC_RESULTS, buffer_bytes(&key), buffer_bytes(&value));
    }
    buffer_release(&key), buffer_release(&value);
    return status;
}

/* Something of it in its roster stream, which a former hub may hold and says so of: what was asked, once more. */
static enum status sign_former_put(struct db *db, const struct roster *roster, const struct rotation *rotation)
{
    struct bytes granted = roster_rekey_granted(roster, &rotation->identity->node);
    struct id living;
    enum status status = own_incarnation(db, &living);

    if (status == S_OK && granted.size > 0 && !heard_by_all(db, roster, &rotation->identity->node, &living)) {
        status = ask_again(db, granted);
    }
    return status;
}

enum status rotation_wait(struct db *db, void *arg)
{
    struct rotation *rotation = arg;
    struct roster *roster;
    struct id living;
    enum status status = own_incarnation(db, &living);

    if (status == S_OK) {
        status = roster_load(db, rotation->federation, &roster, rotation->report);
    }
    if (status != S_OK) {
        return status;
    }
    struct bytes asked = roster_rekey_asked(roster, &rotation->identity->node);
    if (asked.size > 0) {
        status = ask_again(db, asked);
    } else if (rotation_state_of(roster, &rotation->identity->node, rotation->next) == ROTATION_GRANTED) {
        status = sign_put(db);
        status = status == S_OK ? sign_former_put(db, roster, rotation) : status;
    }
    roster_free(roster);
    return status;
}

/* --- grant ---------------------------------------------------------------------------------------------- */

enum status rotation_grant(struct db *db, void *arg)
{
    struct rotation *rotation = arg;
    struct signer signer = signer_of(rotation->identity);
    struct statement asked;
    struct roster *roster;
    struct buffer statement;
    enum status status = roster_load(db, rotation->federation, &roster, rotation->report);

    if (status != S_OK) {
        return status;
    }
    struct bytes rekey = roster_rekey_asked(roster, &rotation->node);
    const struct roster_node *member = roster_find(roster, &rotation->node);
    buffer_init(&statement);
    if (rekey.size == 0) {
        status = report_set(rotation->report, S_NOT_FOUND, "'%s' asks for no new key",
                            member ? member->name : "?");
    } else if (!roster_may_grant(roster, &rotation->identity->node, &rotation->node)) {
        status = report_set(
            rotation->report, S_DENIED,
            "'%s' is not below this node: the node above it, or the authority (--key), admits its new key",
            member->name);
    } else if ((status = rotation_vain_check(db, roster, &rotation->node, rotation->is_unused, rotation->report)) == S_OK) {
        statement_read(rekey, &asked);
        status = statement_grant(&rotation->federation->id, &rotation->node, &asked.hash, rotation->now_ms,
                                 &signer, &statement);
        status = status == S_OK ? roster_statement_put(db, rekey, asked.at_ms) : status;
        status = status == S_OK ? roster_statement_put(db, buffer_bytes(&statement), rotation->now_ms) : status;
        status = status == S_OK ? act_decided(db, "admitted a new key of", member->name, "") : status;
    }
    buffer_release(&statement);
    roster_free(roster);
    return status == S_OK ? db_status(db) : status;
}

/* --- close ---------------------------------------------------------------------------------------------- */

struct closing {
    struct stream_end ends[STATEMENT_ENDS_MAX];
    size_t end_count;
    struct hash kept[CLOSE_KEPT_MAX];
    size_t kept_count; /* may be more than there is room for */
    uint64_t at_ms;
};

static bool is_of_open_key(const struct roster *roster, const struct roster_node *self,
                           const struct certificate *certificate)
{
    bool is_open = false;

    for (size_t i = 0; i < self->former_count; i++) {
        is_open = is_open || (self->former[i].closing.size == 0 &&
                              certificate_verify(certificate, roster_federation(roster),
                                                 self->former[i].sign_public) == S_OK);
    }
    return is_open;
}

/* Written by another machine since this one lives: by a thief, or by a copy. */
static bool is_foreign(struct db *db, const struct stream_head *head)
{
    struct id living;

    return own_living(db_store(db), &living) && !id_equal(&head->stream.incarnation, &living) && head->stamp > own_living_since(db_store(db));
}

uint64_t rotation_foreign(struct db *db, const struct id *self)
{
    struct stream_id at = {.node = *self, .topic = TOPIC_RESULTS};
    struct stream_head head;
    uint64_t cells = 0;

    while (stream_next(db, &at, &head) && head.stream.topic == at.topic && id_equal(&head.stream.node, self)) {
        at = head.stream;
        cells += is_foreign(db, &head) && adopted_seq(db, &head.stream) < head.seq ? head.count : 0;
    }
    return cells;
}

enum status rotation_keep(struct db *db, void *arg)
{
    (void)arg;
    return own_renew(db);
}

/* This node's streams of the keys before, as they are held here. What another machine wrote since this one
 * lives is not named. */
static enum status ends_collect(struct db *db, const struct roster *roster, const struct roster_node *self,
                                struct closing *closing)
{
    struct certificate certificate;
    struct stream_head head;

    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        struct stream_id after = {.node = self->node, .topic = (enum topic)topic};
        while (stream_next(db, &after, &head) && head.stream.topic == after.topic &&
               id_equal(&head.stream.node, &self->node)) {
            after = head.stream;
            if (is_foreign(db, &head) || !stream_find(db, &head.stream, &certificate) ||
                !is_of_open_key(roster, self, &certificate) || adopted_seq(db, &head.stream) >= head.seq) {
                continue;
            }
            if (closing->end_count == STATEMENT_ENDS_MAX) {
                return S_TOO_LARGE;
            }
            closing->ends[closing->end_count++] = (struct stream_end){head.stream, head.seq, head.digest};
        }
    }
    return db_status(db);
}

/* What was adopted, as far as it is still here and there is room, the latest first. Whatever the CLOSE does not name is dropped where it is heard
 * of, and there what adopted it may not have come yet; nor may a backup of before that is put back hold anything else of it. */
static enum status covered_collect(struct db *db, const struct roster *roster, const struct roster_node *self,
                                   struct closing *closing)
{
    struct certificate certificate;
    struct stream_id stream;

    for (size_t at = 0; closing->end_count < STATEMENT_ENDS_MAX && adopted_kept(db, at, &stream); at++) {
        if (id_equal(&stream.node, &self->node) && stream_find(db, &stream, &certificate) &&
            is_of_open_key(roster, self, &certificate)) {
            closing->ends[closing->end_count++] = (struct stream_end){stream, certificate.head.seq, certificate.head.digest};
        }
    }
    return db_status(db);
}

/* What this node said with the keys before and is in effect. Where that is too much for a list, stamps
 * decide: so the CLOSE has a later one than all of it, whatever this machine's clock says. */
static void kept_collect(const struct roster *roster, const struct roster_node *self, struct closing *closing)
{
    uint64_t last_ms;

    closing->kept_count = roster_kept(roster, self, closing->kept, &last_ms);
    closing->at_ms = last_ms > closing->at_ms ? last_ms : closing->at_ms;
}

static enum status close_write(struct db *db, struct rotation *rotation, const struct roster_node *self,
                               struct closing *closing)
{
    struct signer signer = signer_of(rotation->next);
    bool has_kept = closing->kept_count <= CLOSE_KEPT_MAX;
    struct close_terms terms = {
        .node = rotation->next->node,
        .turn = (uint32_t)self->former_count,
        .ends = closing->ends,
        .end_count = closing->end_count,
        .has_kept = has_kept,
        .kept = bytes_of(closing->kept, has_kept ? closing->kept_count * sizeof *closing->kept : 0),
        .at_ms = closing->at_ms};
    struct buffer statement;

    buffer_init(&statement);
    enum status status = own_renew(db);
    if (status == S_OK) {
        status = statement_close(&rotation->federation->id, &terms, &signer, &statement);
    }
    if (status == S_OK) {
        status = roster_statement_put(db, buffer_bytes(&statement), terms.at_ms);
    }
    if (status == S_OK) {
        status = property_put(db, "identity_key", bytes_of(rotation->next->sign_public, SIGN_PUBLIC_SIZE));
    }
    if (status == S_OK) {
        status = act_decided(db, "changed its key", self->name, "");
    }
    buffer_release(&statement);
    return status;
}

enum status rotation_close(struct db *db, void *arg)
{
    struct rotation *rotation = arg;
    struct closing *closing = calloc(1, sizeof *closing);
    struct roster *roster;
    enum status status = roster_load(db, rotation->federation, &roster, rotation->report);

    CHECK(closing);
    if (status == S_OK) {
        const struct roster_node *self = roster_find(roster, &rotation->next->node);
        closing->at_ms = rotation->now_ms;
        status = rotation_state_of(roster, &rotation->next->node, rotation->next) == ROTATION_GRANTED
                     ? S_OK
                     : S_STALE;
        if (status == S_OK) {
            status = ends_collect(db, roster, self, closing);
        }
        if (status == S_OK) {
            status = covered_collect(db, roster, self, closing);
        }
        if (status == S_OK) {
            kept_collect(roster, self, closing);
            status = close_write(db, rotation, self, closing);
        }
        log_event(status == S_OK ? LOG_WARNING : LOG_INFO,
                  status == S_OK ? "key_changed" : "key_change_put_off",
                  "streams=%zu statements=%zu status=\"%s\"", closing->end_count, closing->kept_count,
                  status_text(status));
        roster_free(roster);
    }
    free(closing);
    return status == S_OK ? db_status(db) : status;
}

/* --- is it done, may it be? ------------------------------------------------------------------------------
 */

bool rotation_is_done(struct store *store, const struct identity *next)
{
    uint8_t key[SIGN_PUBLIC_SIZE];
    struct db *db = store_read_begin(store);
    bool is_done =
        property_get(db, "identity_key", key, sizeof key) && memcmp(key, next->sign_public, sizeof key) == 0;

    store_read_end(store, db);
    return is_done;
}

/* Every holder holds this closed stream as it is held here. */
static bool is_acknowledged(struct db *db, const struct roster *roster, const struct stream_head *head)
{
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (adopt_is_holder(roster, node, &head->stream.node) && held_find_seq(db, &head->stream, &node->node) != head->seq) {
            return false;
        }
    }
    return true;
}

/* Every holder, and every former hub, was heard of since the living incarnation began: a database that was put back may have nothing left of
 * a closed stream that others hold. What it has of one that ends later by a CLOSE of before is all there is then: nobody takes that, so nobody
 * acknowledges it. */
bool rotation_is_safe(struct store *store, const struct roster *roster, const struct id *self)
{
    struct db *db = store_read_begin(store);
    struct stream_head head;
    struct id living;
    bool is_safe = own_living(store, &living) && heard_by_all(db, roster, self, &living);

    for (int topic = TOPIC_RESULTS; topic <= TOPIC_LAST && is_safe; topic++) {
        struct stream_id after = {.node = *self, .topic = (enum topic)topic};
        while (is_safe && stream_next(db, &after, &head) && head.stream.topic == after.topic &&
               id_equal(&head.stream.node, self)) {
            after = head.stream;
            is_safe = id_equal(&head.stream.incarnation, &living) ||
                      adopted_seq(db, &head.stream) >= head.seq ||
                      roster_is_before_end(roster, &head.stream, head.seq) ||
                      is_acknowledged(db, roster, &head);
        }
    }
    store_read_end(store, db);
    return is_safe;
}

const struct roster_node *rotation_awaited(struct store *store, const struct roster *roster, const struct id *self)
{
    struct id living;
    struct db *db = store_read_begin(store);
    bool has_any = own_living(store, &living) || property_get(db, "incarnation", living.b, sizeof living.b); /* of one that is stopped: the last */
    const struct roster_node *node = has_any ? heard_missing(db, roster, self, &living) : NULL;

    store_read_end(store, db);
    return node;
}

bool rotation_is_crowded(struct store *store, const struct roster *roster, const struct id *self)
{
    const struct roster_node *member = roster_find(roster, self);
    struct closing *closing = calloc(1, sizeof *closing);
    struct db *db = store_read_begin(store);

    CHECK(closing);
    bool is_crowded = member && ends_collect(db, roster, member, closing) == S_TOO_LARGE;
    store_read_end(store, db);
    free(closing);
    return is_crowded;
}
