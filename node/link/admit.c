#include "node/link/admit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/incident.h"
#include "node/link/welcome.h"
#include "node/log.h"
#include "node/store/operation/act.h"
#include "node/store/operation/invite.h"
#include "node/store/stream/expel.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"
#include "replication/trust/consent.h"
#include "replication/trust/roster_keys.h"
#include "replication/trust/roster_room.h"
#include "replication/trust/statement.h"
#include "replication/wire/message.h"

struct admit {
    struct store *store;
    struct members *members;
    const struct federation *federation;
    const struct identity *identity;
    size_t running;
};

/* One join on its way through the store. */
struct admission {
    struct admit *admit;
    struct socket *socket;
    struct route route;
    uint8_t key[CURVE_KEY_SIZE];
    struct roster_node node;
    uint64_t after_ms; /* when it was admitted before: of two admissions the later one holds */
    struct report report;
};

static uint64_t wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct admit *admit_new(struct store *store, struct members *members, const struct federation *federation,
                        const struct identity *identity)
{
    struct admit *admit = calloc(1, sizeof *admit);

    CHECK(admit != NULL);
    *admit = (struct admit){store, members, federation, identity, 0};
    return admit;
}

void admit_free(struct admit *admit)
{
    CHECK(admit == NULL || admit->running == 0);
    free(admit);
}

bool admit_is_idle(const struct admit *admit)
{
    return admit->running == 0;
}

bool admit_knows(struct admit *admit, const uint8_t key[CURVE_KEY_SIZE])
{
    struct invite invite;
    struct db *db = store_read_begin(admit->store);
    bool is_open = invite_find(db, key, &invite) && invite_is_open(&invite, wall_ms());

    store_read_end(admit->store, db);
    return is_open;
}

/* --- the transaction ------------------------------------------------------------------------------------ */

enum status admit_put(struct db *db, const struct federation *federation, const struct identity *identity,
                      const struct roster_node *node)
{
    struct signer signer = {.node = identity->node};
    struct buffer statement;

    memcpy(signer.sign_secret, identity->sign_secret, sizeof signer.sign_secret);
    buffer_init(&statement);
    enum status status = statement_admit(&federation->id, node, &signer, &statement);
    if (status == S_OK) {
        status = roster_statement_put(db, buffer_bytes(&statement), node->admitted_ms);
    }
    buffer_release(&statement);
    return status;
}

enum status admit_replace(struct db *db, const struct federation *federation, const struct identity *identity,
                          const struct roster_node *node, const struct id *replaced)
{
    struct expulsion expulsion = {.federation = &federation->id,
                                  .by = identity,
                                  .node = *replaced,
                                  .successor = node->node,
                                  .reason = "its machine was replaced",
                                  .now_ms = node->admitted_ms};
    return expel_put(db, &expulsion);
}

/* Whoever comes with the key of the node that is replaced is that node again; it must not have been revoked. With another key it
 * follows that node. */
static enum status admission_replace(struct db *db, struct admission *admission)
{
    const struct admit *admit = admission->admit;
    struct id replaced;

    if (!invite_replaced(db, admission->key, &replaced)) {
        return db_status(db);
    }
    if (!id_equal(&replaced, &admission->node.node)) {
        return admit_replace(db, admit->federation, admit->identity, &admission->node, &replaced);
    }
    struct roster *roster;
    enum status status = roster_load(db, admit->federation, &roster, &admission->report);
    if (status == S_OK) {
        const struct roster_node *known = roster_find(roster, &replaced);
        if (known && known->is_revoked) {
            status = report_set(&admission->report, S_DENIED, "the key of '%s' was revoked: join without it, a new one is drawn then",
                                admission->node.name);
        }
        roster_free(roster);
    }
    return status;
}

/* Checks the request against the invitation and admits. */
static enum status admission_run(struct db *db, void *arg)
{
    struct admission *admission = arg;
    struct roster_node *node = &admission->node;
    struct invite invite;

    if (!invite_find(db, admission->key, &invite)) {
        return report_set(&admission->report, S_NOT_FOUND, "this invitation is not known here");
    }
    if (strcmp(invite.name, node->name) != 0 || invite.kind != node->kind) {
        return report_set(&admission->report, S_DENIED,
                          "the invitation is for the %s '%s', not for the %s '%s'",
                          node_kind_name(invite.kind), invite.name, node_kind_name(node->kind), node->name);
    }
    bool is_again = invite.is_used && id_equal(&invite.used_by, &node->node);
    enum status status = invite_use(db, admission->key, &node->node, wall_ms());
    if (status == S_DENIED) {
        return report_set(&admission->report, S_DENIED,
                          "this invitation was used already, by another node; ask for a new one");
    }
    if (status == S_STALE) {
        return report_set(&admission->report, S_STALE, "this invitation has expired; ask for a new one");
    }
    if (status != S_OK || is_again) {
        return status;
    }
    snprintf(node->country, sizeof node->country, "%s",
             invite.country[0] != '\0' ? invite.country : node->country);
    snprintf(node->region, sizeof node->region, "%s",
             invite.region[0] != '\0' ? invite.region : node->region);
    uint64_t now_ms = wall_ms();
    node->admitted_ms = now_ms > admission->after_ms ? now_ms : admission->after_ms + 1;
    status = admission_replace(db, admission);
    bool is_later_key = false;
    if (status == S_OK) {
        struct id first = identity_node(node->sign_public);
        is_later_key = !id_equal(&first, &node->node); /* it changed its keys: its admission stands, with the first ones */
    }
    if (status == S_OK && !is_later_key) {
        status = admit_put(db, admission->admit->federation, admission->admit->identity, node);
    }
    char hex[ID_HEX_SIZE];
    id_hex(&node->node, hex);
    return status == S_OK ? act_decided(db, "admitted", node->name, hex) : status;
}

/* --- the answer ----------------------------------------------------------------------------------------- */

static void answer(struct socket *socket, const struct route *route, const struct welcome_message *welcome)
{
    struct message message = {.type = MESSAGE_WELCOME, .welcome = *welcome};
    struct buffer frame;

    buffer_init(&frame);
    enum status status = message_encode(&message, &frame);
    if (status == S_OK) {
        status = socket_send(socket, route, buffer_bytes(&frame));
    }
    if (status != S_OK) {
        log_event(LOG_WARNING, "welcome_lost", "error=\"%s\"", status_text(status));
    }
    buffer_release(&frame);
}

static void answer_refusal(struct socket *socket, const struct route *route, const char *reason)
{
    struct welcome_message welcome = {.refusal = bytes_text(reason)};

    if (welcome.refusal.size > REASON_MAX) {
        welcome.refusal.size = REASON_MAX;
    }
    answer(socket, route, &welcome);
}

/* Takes the admission over. */
static enum status refusal_note(struct db *db, void *arg)
{
    const struct admission *admission = arg;

    return act_decided(db, "refused to admit", admission->node.name, admission->report.text);
}

static void refusal_noted(void *arg, enum status status)
{
    struct admission *admission = arg;
    (void)status;

    admission->admit->running--;
    free(admission);
}

static void admission_done(void *arg, enum status status)
{
    struct admission *admission = arg;
    struct admit *admit = admission->admit;
    char node[ID_HEX_SIZE];

    admit->running--;
    id_hex(&admission->node.node, node);
    if (status == S_OK) {
        struct welcome_message welcome;
        struct bytes *statements = calloc(STATEMENTS_MAX, sizeof *statements);
        CHECK(statements != NULL);
        members_refresh(admit->members);
        log_event(LOG_INFO, "node_admitted", "name=\"%s\" node=%s", admission->node.name, node);
        welcome_fill(members_roster(admit->members), admit->federation, &admission->node.node, statements, &welcome);
        answer(admission->socket, &admission->route, &welcome);
        free(statements);
    } else {
        const char *reason = admission->report.status != S_OK ? admission->report.text : status_text(status);
        incident_add(INCIDENT_JOINS, 1);
        log_event(LOG_WARNING, "join_refused", "name=\"%s\" reason=\"%s\"", admission->node.name, reason);
        answer_refusal(admission->socket, &admission->route, reason);
        report_set(&admission->report, status, "%s", status_text(status));
        admit->running++;
        store_write(admit->store, refusal_note, admission, refusal_noted);
        return;
    }
    free(admission);
}

/* --- the request ---------------------------------------------------------------------------------------- */

static bool take_text(struct bytes text, char *out, size_t size)
{
    if (text.size >= size) {
        return false;
    }
    if (text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    out[text.size] = '\0';
    return true;
}

static bool take_key(struct bytes bytes, uint8_t *out, size_t size)
{
    if (bytes.size != size) {
        return false;
    }
    memcpy(out, bytes.data, size);
    return true;
}

/* True when the invitation is for who takes that node's place. */
static bool is_replaced(const struct admit *admit, const uint8_t key[CURVE_KEY_SIZE], const struct id *node)
{
    struct db *db = store_read_begin(admit->store);
    struct id replaced;
    bool is_replaced = invite_replaced(db, key, &replaced) && id_equal(&replaced, node);

    store_read_end(admit->store, db);
    return is_replaced;
}

/* The node that asks, with its signature checked. */
static enum status request_read(const struct admit *admit, const uint8_t key[CURVE_KEY_SIZE],
                                const struct join_message *join, struct roster_node *node, uint64_t *after_ms,
                                struct report *report)
{
    if (!take_text(join->name, node->name, sizeof node->name) ||
        !take_text(join->country, node->country, sizeof node->country) ||
        !take_text(join->endpoint, node->endpoint, sizeof node->endpoint) ||
        !take_text(join->region, node->region, sizeof node->region) ||
        !take_key(join->sign_public, node->sign_public, sizeof node->sign_public) ||
        !take_key(join->curve_public, node->curve_public, sizeof node->curve_public) ||
        !take_key(join->signature, node->consent, sizeof node->consent)) {
        return report_set(report, S_INVALID, "the request to join is malformed");
    }
    node->kind = (enum node_kind)join->kind;
    enum status status = roster_node_check(node, report);
    if (status != S_OK) {
        return status;
    }
    const struct roster_node *known = roster_find_sign(members_roster(admit->members), node->sign_public);
    if (known != NULL && memcmp(known->sign_public, node->sign_public, sizeof known->sign_public) != 0) {
        return report_set(report, S_DENIED, "this key was given up by '%s': join with the one it has now, or without a key", known->name);
    }
    node->node = known != NULL ? known->node : identity_node(node->sign_public);
    node->parent = admit->identity->node;
    memcpy(node->token_public, key, sizeof node->token_public);
    if (consent_verify(&admit->federation->id, node) != S_OK) {
        return report_set(report, S_BAD_SIGNATURE, "the signature under the request to join does not match");
    }
    if (!roster_may_admit(members_roster(admit->members), &admit->identity->node, &node->parent,
                          node->kind)) {
        return report_set(report, S_DENIED, "this node has no right to admit a %s",
                          node_kind_name(node->kind));
    }
    const struct roster_node *namesake = roster_find_name(members_roster(admit->members), node->name);
    if (namesake != NULL && !namesake->is_revoked && !id_equal(&namesake->node, &node->node) && !is_replaced(admit, key, &namesake->node)) {
        return report_set(report, S_DENIED,
                          "there is a node '%s' already, with another key: only that one can join with this token. A node that changed its key cannot come "
                          "this way: invite it under another name, as a new node",
                          node->name);
    }
    const struct roster_node *member = roster_find(members_roster(admit->members), &node->node);
    *after_ms = member != NULL ? member->admitted_ms : 0;
    return member != NULL ? S_OK : roster_room_check(members_roster(admit->members), &node->parent, (size_t)admit->running, report);
}

bool admit_receive(struct admit *admit, struct socket *socket, const struct packet *packet)
{
    struct report report = {.status = S_OK};
    struct message message;
    struct arena arena;

    if (!admit_knows(admit, packet->key)) {
        return false;
    }
    if (admit->running == ADMITS_MAX) {
        answer_refusal(socket, &packet->route, "too many nodes join at once; try again");
        return true;
    }
    arena_init(&arena, BODY_SIZE_MAX);
    bool is_join = message_decode(packet->body, &arena, &message) == S_OK && message.type == MESSAGE_JOIN;
    if (is_join) {
        struct admission *admission = calloc(1, sizeof *admission);
        CHECK(admission != NULL);
        *admission = (struct admission){.admit = admit, .socket = socket, .route = packet->route};
        memcpy(admission->key, packet->key, sizeof admission->key);
        if (request_read(admit, packet->key, &message.join, &admission->node, &admission->after_ms, &report) == S_OK) {
            admit->running++;
            store_write(admit->store, admission_run, admission, admission_done);
        } else {
            answer_refusal(socket, &packet->route, report.text);
            free(admission);
        }
    }
    arena_release(&arena);
    return is_join;
}
