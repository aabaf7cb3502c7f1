/* peer.c: `qanat peer`: who belongs to the federation, and putting somebody out of it. */
#include <jansson.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/status.h"
#include "node/store/own.h"
#include "node/store/peer_status.h"
#include "node/store/roster.h"
#include "replication/crdt/cell.h"
#include "replication/peer/peer.h"
#include "replication/trust/statement.h"

/* --- list ----------------------------------------------------------------------------------------------- */

static const char *state_word(const struct roster_node *node, const struct peer_status *row)
{
    if (node->is_revoked) {
        return "revoked";
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

static json_t *row_json(struct db *db, const struct roster *roster, const struct roster_node *node,
                        uint64_t now_ms)
{
    const struct roster_node *parent = roster_uplink(roster, &node->node);
    struct peer_status row;
    char id[ID_HEX_SIZE], ago[64];

    if (!peer_status_find(db, &node->node, &row)) {
        memset(&row, 0, sizeof row);
    }
    id_hex(&node->node, id);
    status_ago(row.last_success_ms, now_ms, ago, sizeof ago);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:I, s:s, s:s}", "name", node->name, "id", id,
                     "kind", node_kind_name(node->kind), "country", node->country, "parent",
                     parent ? parent->name : "", "endpoint", node->endpoint, "revoked", node->is_revoked,
                     "state", state_word(node, &row), "last_success_ms", (json_int_t)row.last_success_ms,
                     "last_success", ago, "error", row.error);
}

static enum status peer_list_run(struct command_context *context)
{
    static const struct table_column columns[] = {
        {"name", "NAME", false},       {"kind", "KIND", false},   {"country", "CC", false},
        {"parent", "BELOW", false},    {"state", "STATE", false}, {"last_success", "IN STEP", false},
        {"endpoint", "ADDRESS", false}};
    struct roster *roster;
    uint64_t now_ms = local_time_now();

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
    json_t *rows = json_array();
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (!id_equal(&node->node, &context->identity->node)) {
            json_array_append_new(rows, row_json(db, roster, node, now_ms));
        }
    }
    store_read_end(context->store, db);
    roster_free(roster);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "peers", rows));
        return S_OK;
    }
    table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    json_decref(rows);
    return S_OK;
}

/* --- revoke --------------------------------------------------------------------------------------------- */

struct revocation {
    struct buffer key, value;
};

static enum status revocation_put(struct db *db, void *arg)
{
    const struct revocation *revocation = arg;

    return own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&revocation->key), buffer_bytes(&revocation->value));
}

static enum status revoke_write(struct command_context *context, const struct id *node, const char *reason)
{
    struct signer signer = {.node = context->identity->node};
    struct revocation revocation;
    struct buffer statement;
    uint64_t now_ms = local_time_now();

    memcpy(signer.sign_secret, context->identity->sign_secret, sizeof signer.sign_secret);
    buffer_init(&statement);
    buffer_init(&revocation.key);
    buffer_init(&revocation.value);
    enum status status =
        statement_revoke(&context->federation->id, node, now_ms, reason, &signer, &statement);
    if (status == S_OK) {
        status = statement_cell_key(buffer_bytes(&statement), &revocation.key);
    }
    if (status == S_OK) {
        cell_value_register(&revocation.value, hlc_tick(0, now_ms), buffer_bytes(&statement));
        status = store_write_wait(context->store, revocation_put, &revocation);
    }
    buffer_release(&statement);
    buffer_release(&revocation.key);
    buffer_release(&revocation.value);
    if (status != S_OK) {
        return report_set(&context->report, status, "the revocation could not be written: %s",
                          status_text(status));
    }
    return S_OK;
}

/* Finds the node and checks that it is below us, or that we are a hub. */
static enum status revoke_check(struct command_context *context, const char *name, struct id *node_out)
{
    struct roster *roster;
    const struct id *self = &context->identity->node;
    struct db *db = store_read_begin(context->store);
    enum status status = roster_load(db, context->federation, &roster, &context->report);

    store_read_end(context->store, db);
    if (status != S_OK) {
        return status;
    }
    const struct roster_node *node = roster_find_name(roster, name);
    if (!node) {
        status = report_set(&context->report, S_NOT_FOUND,
                            "there is no node '%s' in the roster: see qanat peer list", name);
    } else if (node->is_revoked) {
        status = report_set(&context->report, S_EXISTS, "'%s' was revoked already", name);
    } else if (id_equal(&node->node, self)) {
        status = report_set(&context->report, S_DENIED, "a node cannot revoke itself: ask the node above");
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

const struct command peer_commands[] = {
    {"peer list", NEEDS_READ, "[--json]",
     "who belongs to the federation, and when each was last in step with this node",
     "One line for each node of the roster but this one. \"in step\" is said of a connected peer that holds "
     "the same facts; the\n"
     "column IN STEP says when that was last so.",
     peer_list_run},
    {"peer revoke", NEEDS_WRITE, "NAME [--reason TEXT]", "put a node below this one out of the federation",
     "Writes a signed revocation. It travels before everything else, by any path; each node cuts that peer "
     "off at its next\n"
     "message. What the node published until now stays.\n\n"
     "  qanat peer revoke --dir /var/lib/qanat \"Lost Laptop\" --reason \"stolen in May\"",
     peer_revoke_run},
    {0},
};
