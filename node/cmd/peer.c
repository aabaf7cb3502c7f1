/* peer.c: `qanat peer`: who belongs to the federation, and putting somebody out of it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/cmd/problem.h"
#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/status.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/doubled.h"
#include "node/store/stream/expel.h"
#include "node/store/stream/own.h"
#include "node/store/stream/quarantine.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/crdt/cell.h"
#include "replication/peer/peer.h"
#include "replication/trust/statement.h"

/* --- list ----------------------------------------------------------------------------------------------- */

/* What is shown of one node beside its roster row. */
struct listing {
    struct db *db;
    const struct roster *roster;
    const struct id *self;
    struct alarm alarms[ALARMS_MAX];
    size_t alarm_count;
    struct quarantine_list aside;
    struct doubled doubled[DOUBLED_MAX];
    size_t doubled_count;
    uint64_t now_ms;
};

static bool is_doubled(const struct listing *listing, const struct id *node)
{
    for (size_t i = 0; i < listing->doubled_count; i++) {
        if (id_equal(&listing->doubled[i].node, node)) {
            return true;
        }
    }
    return false;
}

static bool has_alarm(const struct listing *listing, const struct id *node)
{
    for (size_t i = 0; i < listing->alarm_count; i++) {
        if (id_equal(&listing->alarms[i].node, node)) {
            return true;
        }
    }
    return false;
}

/* As in the JSON of `peer list`; "" when there is none. */
static const char *alarm_word(const struct listing *listing, const struct id *node)
{
    return has_alarm(listing, node) ? "two_writers" : is_doubled(listing, node) ? "figures_doubled" : "";
}

static const char *state_word(const struct roster_node *node, const struct peer_status *row, const char *alarm, bool is_aside)
{
    if (node->is_revoked) {
        return "revoked";
    }
    if (*alarm) {
        return strcmp(alarm, "two_writers") == 0 ? "ALARM: two machines" : "ALARM: counts twice";
    }
    if (is_aside) {
        return "in quarantine";
    }
    switch ((enum peer_state)row->state) {
    case PEER_CLOSED:
        return row->last_attempt_ms == 0 ? "never met" : "not connected";
    case PEER_GREETING:
    case PEER_COMPARING:
    case PEER_MOVING:
        return "moving";
    case PEER_IN_STEP:
        return "in step";
    }
    return "?";
}

static json_t *row_json(const struct listing *listing, const struct roster_node *node)
{
    const struct roster_node *parent = roster_uplink(listing->roster, &node->node);
    const char *alarm = alarm_word(listing, &node->node);
    bool is_aside = quarantine_find(&listing->aside, &node->node) != NULL;
    struct peer_status row;
    char id[ID_HEX_SIZE], ago[64];

    if (!peer_status_find(listing->db, &node->node, &row)) {
        memset(&row, 0, sizeof row);
    }
    id_hex(&node->node, id);
    status_ago(row.last_success_ms, listing->now_ms, ago, sizeof ago);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:I, s:s, s:s, s:s, s:b, s:b}", "name", node->name, "id", id,
                     "kind", node_kind_name(node->kind), "country", node->country, "parent",
                     parent ? parent->name : "", "endpoint", node->endpoint, "revoked", node->is_revoked,
                     "state", state_word(node, &row, alarm, is_aside), "last_success_ms", (json_int_t)row.last_success_ms,
                     "last_success", ago, "error", row.error, "alarm", alarm, "quarantined", is_aside, "below",
                     roster_is_above(listing->roster, listing->self, &node->node));
}

static enum status peer_list_run(struct command_context *context)
{
    static const struct table_column columns[] = {
        {"name", "NAME", false},       {"kind", "KIND", false},   {"country", "CC", false},
        {"parent", "BELOW", false},    {"state", "STATE", false}, {"last_success", "IN STEP", false},
        {"endpoint", "ADDRESS", false}};
    struct roster *roster;

    enum status status = command_words(context, 0, 0);
    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    status = roster_load(db, context->federation, &roster, &context->report);
    if (status != S_OK) {
        store_read_end(context->store, db);
        return status;
    }
    struct listing *listing = calloc(1, sizeof *listing);
    CHECK(listing);
    listing->db = db;
    listing->roster = roster;
    listing->self = &context->identity->node;
    listing->now_ms = local_time_now();
    (void)quarantine_load(db, roster, &listing->aside);
    listing->doubled_count = doubled_list(db, listing->doubled);
    listing->alarm_count = alarm_list(db, &context->federation->id, roster, listing->alarms);
    json_t *rows = json_array();
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (!id_equal(&node->node, &context->identity->node)) {
            json_array_append_new(rows, row_json(listing, node));
        }
    }
    quarantine_free(&listing->aside);
    free(listing);
    store_read_end(context->store, db);
    roster_free(roster);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "peers", rows));
        return S_OK;
    }
    table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    if (json_array_size(rows) == 0) {
        problem_none(context, "No other node belongs to the federation yet, as far as this one knows.");
    }
    json_decref(rows);
    return S_OK;
}

/* --- revoke --------------------------------------------------------------------------------------------- */

static enum status revocation_put(struct db *db, void *arg)
{
    return expel_put(db, arg);
}

static enum status revoke_write(struct command_context *context, const struct id *node, const char *reason)
{
    struct expulsion expulsion = {.federation = &context->federation->id,
                                  .by = context->identity,
                                  .node = *node,
                                  .reason = reason,
                                  .now_ms = local_time_now()};
    enum status status = store_write_wait(context->store, revocation_put, &expulsion);

    if (status == S_OK && expulsion.left_out > 0) {
        fprintf(context->err, "warning: it left %zu more streams than a revocation can name: those, the smallest, are not kept\n", expulsion.left_out);
    }
    return report_set(&context->report, status, "the revocation could not be written: %s", status_text(status));
}

/* Finds the node and checks that it is below us, or that we are a hub. */
static enum status revoke_check(struct command_context *context, const char *name, struct id *node_out)
{
    struct roster *roster;
    const struct id *self = &context->identity->node;
    enum status status = command_roster(context, &roster);

    if (status != S_OK) {
        return status;
    }
    const struct roster_node *node = roster_member(roster, name, &context->report);
    if (!node) {
        status = S_NOT_FOUND;
    } else if (node->is_revoked) {
        status = report_set(&context->report, S_EXISTS, "'%s' was revoked already", name);
    } else if (id_equal(&node->node, self)) {
        status = report_set(&context->report, S_DENIED, "a node cannot revoke itself: %s",
                            node->kind == NODE_HUB ? "make another node the hub (qanat promote, there), which can" : "ask the node above");
    } else if (!roster_is_above(roster, self, &node->node)) {
        status = report_set(&context->report, S_DENIED, "'%s' is not below this node: ask the node above it",
                            name);
    } else {
        *node_out = node->node;
    }
    roster_free(roster);
    return status;
}

static enum status peer_revoke_run(struct command_context *context)
{
    const char *reason = command_option(context, "reason");
    struct id node;

    enum status status = command_words(context, 1, 1);
    if (status == S_OK) {
        status = revoke_check(context, context->argv[0], &node);
    }
    if (status == S_OK) {
        status = revoke_write(context, &node, reason ? reason : "");
    }
    if (status == S_OK) {
        fprintf(context->err,
                "'%s' is revoked: its connections are cut, and the news travels first with every sync.\n",
                context->argv[0]);
    }
    return status;
}

/* --- settle --------------------------------------------------------------------------------------------- */

struct settlement {
    struct id node;
    hlc stamp;
};

static enum status settle_put(struct db *db, void *arg)
{
    const struct settlement *settlement = arg;

    return alarm_settle(db, &settlement->node, settlement->stamp);
}

/* The latest stamp of the results of `node` that are held here. */
static hlc latest_stamp(struct db *db, const struct id *node)
{
    struct stream_id after = {.node = *node, .topic = TOPIC_RESULTS};
    struct stream_head head;
    hlc stamp = 0;

    while (stream_next(db, &after, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, node)) {
        stamp = head.stamp > stamp ? head.stamp : stamp;
        after = head.stream;
    }
    return stamp;
}

/* Up to where what is known of `node` is settled: the latest stamp in what is proven about it and of what it wrote. 0: there is nothing to settle. */
static hlc settle_stamp(struct command_context *context, struct db *db, const struct roster *roster, const struct id *node)
{
    struct alarm *alarms = calloc(ALARMS_MAX, sizeof *alarms);
    struct doubled doubled;
    hlc stamp = 0, latest = latest_stamp(db, node);

    CHECK(alarms);
    size_t count = alarm_list(db, &context->federation->id, roster, alarms);
    for (size_t i = 0; i < count; i++) {
        stamp = id_equal(&alarms[i].node, node) ? fork_stamp(&alarms[i].fork) : stamp;
    }
    free(alarms);
    bool is_due = stamp > 0 || doubled_find(db, node, &doubled);
    return is_due && latest > stamp ? latest : stamp;
}

/* What is to be settled about `name`, when this node may. */
static enum status settle_check(struct command_context *context, const char *name, struct settlement *out)
{
    struct roster *roster;
    struct db *db = store_read_begin(context->store);
    enum status status = roster_load(db, context->federation, &roster, &context->report);

    if (status == S_OK) {
        const struct roster_node *node = roster_member(roster, name, &context->report);
        const struct roster_node *self = roster_find(roster, &context->identity->node);
        out->stamp = node ? settle_stamp(context, db, roster, &node->node) : 0;
        if (!node) {
            status = S_NOT_FOUND;
        } else if (out->stamp == 0) {
            status = report_set(&context->report, S_NOT_FOUND, "there is no alarm about '%s'", name);
        } else if (!self || (self->kind != NODE_HUB && !roster_is_above(roster, &self->node, &node->node))) {
            status = report_set(&context->report, S_DENIED, "'%s' is not below this node: ask the node above it", name);
        } else {
            out->node = node->node;
        }
        roster_free(roster);
    }
    store_read_end(context->store, db);
    return status;
}

static enum status peer_settle_run(struct command_context *context)
{
    struct settlement settlement;

    enum status status = command_words(context, 1, 1);
    if (status == S_OK) {
        status = settle_check(context, context->argv[0], &settlement);
    }
    if (status == S_OK) {
        status = store_write_wait(context->store, settle_put, &settlement);
        report_set(&context->report, status, "the note could not be written: %s", status_text(status));
    }
    if (status == S_OK) {
        fprintf(context->err, "The alarm about '%s' is settled, here and wherever this node's roster comes; a newer proof raises it again. What counts twice "
                "of it counts once as soon as it runs and was in step.\n",
                context->argv[0]);
    }
    return status;
}

const struct command peer_commands[] = {
    {"peer list", NEEDS_READ, "[--json]",
     "who belongs to the federation, and when each was last in step with this node",
     "One line for each node of the roster but this one. \"in step\" is said of a connected peer that holds "
     "the same facts; the\n"
     "column IN STEP says when that was last so. \"ALARM: two machines\" is said of a node whose key two machines write with,\n"
     "\"ALARM: counts twice\" of one of which both took something over: see qanat peer settle.",
     peer_list_run},
    {"peer revoke", NEEDS_WRITE, "NAME [--reason TEXT]", "put a node below this one out of the federation",
     "Writes a signed revocation. It travels before everything else, by any path; each node cuts that peer "
     "off at its next\n"
     "message. It names the last state that this node accepted of each stream of that node: every node keeps exactly that, and\n"
     "nothing later. So revoke at the node directly above it, which has heard most. For a machine that is lost rather than\n"
     "distrusted: qanat invite --replaces.\n\n"
     "  qanat peer revoke --dir /var/lib/qanat \"Lost Laptop\" --reason \"stolen in May\"",
     peer_revoke_run},
    {"peer settle", NEEDS_WRITE, "NAME", "say that the alarm about a node below was dealt with",
     "Two machines that write with one node's key raise an alarm on every node: one of them is a copy. Find it, stop it, let it\n"
     "come in step once more when it still can, and either delete it or make it a node of its own there with `qanat rekey`;\n"
     "then say here that it is done. The machine that is left hears of it with its next sync and gives up what the other one\n"
     "counts too, so that nothing counts twice (qanat doctor: figures_doubled). If nobody says it, it takes over what the other one\n"
     "sent 30 days after that was heard last. Said too early it does no harm: both go on, and what they record counts once.\n\n"
     "  qanat peer settle --dir /var/lib/qanat \"Aswan Campus\"",
     peer_settle_run},
    {0},
};
