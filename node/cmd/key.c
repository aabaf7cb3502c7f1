/* key.c: `qanat key`: a node changes its keys and stays who it is. */
#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/app.h"
#include "node/cmd/authority_propose.h"
#include "node/cmd/command.h"
#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/store/stream/rotation.h"
#include "node/store/stream/rotation_vain.h"
#include "node/timestamp.h"
#include "replication/base/check.h"
#include "replication/trust/roster_keys.h"

enum { FINGERPRINT_SIZE = 2 * SIGN_PUBLIC_SIZE + 1, FINGERPRINT_SHOWN = 16, FINGERPRINT_MIN = 8 };

static void fingerprint_of(const uint8_t sign_public[SIGN_PUBLIC_SIZE], char out[FINGERPRINT_SIZE])
{
    sodium_bin2hex(out, FINGERPRINT_SIZE, sign_public, SIGN_PUBLIC_SIZE);
}

/* --- show -------------------------------------------------------------------------------------------------
 */

static json_t *key_json(const struct roster_node *node, const uint8_t sign_public[SIGN_PUBLIC_SIZE],
                        const char *state, uint64_t at_ms)
{
    char fingerprint[FINGERPRINT_SIZE], shown[FINGERPRINT_SHOWN + 1], at[TIMESTAMP_TEXT_SIZE];

    fingerprint_of(sign_public, fingerprint);
    snprintf(shown, sizeof shown, "%.*s", FINGERPRINT_SHOWN, fingerprint);
    timestamp_format((int64_t)at_ms, at);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "node", node->name, "state", state, "key", fingerprint,
                     "shown", shown, "since", at);
}

static void node_rows(const struct roster *roster, const struct roster_node *node, json_t *rows)
{
    struct bytes asked = roster_rekey_asked(roster, &node->node), closing;
    struct statement statement;

    if (asked.size > 0) {
        statement_read(asked, &statement);
        const uint8_t *key = statement.admitted.sign_public;
        const char *state = !roster_key_in_vain(roster, &node->node, key, &closing) ? "asked for"
                            : closing.size > 0                                      ? "admitted in vain"
                                                                                    : "admitted in vain, not used";
        json_array_append_new(rows, key_json(node, key, state, statement.at_ms));
    }
    json_array_append_new(rows, key_json(node, node->sign_public, node->is_revoked ? "revoked" : "present",
                                         node->keys_since_ms));
    for (size_t i = node->former_count; i-- > 0;) {
        bool is_ended = node->former[i].closing.size > 0;
        json_array_append_new(rows, key_json(node, node->former[i].sign_public,
                                             is_ended ? "given up" : "until it is given up",
                                             i > 0 ? node->former[i - 1].until_ms : node->admitted_ms));
    }
}

static enum status show_run(struct command_context *context)
{
    static const struct table_column columns[] = {{"node", "NODE", false},
                                                  {"state", "STATE", false},
                                                  {"shown", "KEY", false},
                                                  {"since", "SINCE", false}};
    const char *name = NULL;
    bool is_all = command_flag(context, "all");
    struct roster *roster;
    enum status status = command_words(context, 0, 1);

    if (status == S_OK) {
        name = context->argc > 0 ? context->argv[0] : NULL;
        status = command_roster(context, &roster);
    }
    if (status != S_OK) {
        return status;
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        bool is_asking = !node->is_revoked && roster_rekey_asked(roster, &node->node).size > 0;
        if (name ? strcmp(node->name, name) == 0
                 : is_all || is_asking || id_equal(&node->node, &context->identity->node)) {
            node_rows(roster, node, rows);
        }
    }
    bool is_found = json_array_size(rows) > 0;
    if (!is_found) {
        status = report_set(&context->report, S_NOT_FOUND,
                            "there is no node '%s' in the roster: see qanat peer list", name ? name : "");
        json_decref(rows);
    } else if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "keys", rows));
    } else {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
        json_decref(rows);
    }
    roster_free(roster);
    return status;
}

/* --- rotate -----------------------------------------------------------------------------------------------
 */

/* The next keys: those that wait from an earlier attempt, or new ones, on the disk before anything is said of
 * them. */
static enum status next_prepare(struct command_context *context, struct identity *next)
{
    struct report ignored = {.status = S_OK};
    uint8_t seed[IDENTITY_SEED_SIZE];
    enum status status = dir_load_next_identity(context->dir, next, &ignored);

    if (status == S_NOT_FOUND) {
        randombytes_buf(seed, sizeof seed);
        identity_derive(next, seed);
        sodium_memzero(seed, sizeof seed);
        next->node = context->identity->node;
        return dir_save_next_identity(context->dir, next, &context->report);
    }
    next->node = context->identity->node;
    return report_set(&context->report, status, "%s", ignored.text);
}

static const char *above_name(const struct roster *roster, const struct id *self)
{
    const struct roster_node *above = roster_uplink(roster, self);
    return above ? above->name : NULL;
}

static void next_step_print(struct command_context *context, const struct roster *roster,
                            const struct identity *next)
{
    const struct roster_node *self = roster_find(roster, &next->node);
    const char *above = above_name(roster, &next->node);
    char fingerprint[FINGERPRINT_SIZE];

    fingerprint_of(next->sign_public, fingerprint);
    if (above) {
        fprintf(context->err,
                "Asked for a new key. It is admitted at '%s', or a node above that, once the news is there "
                "(with the next sync, or\n"
                "a bundle):\n\n  qanat key admit --dir D \"%s\" --key-begins %.*s\n\n",
                above, self->name, FINGERPRINT_SHOWN, fingerprint);
    } else {
        fprintf(context->err,
                "Asked for a new key. Nobody stands above this node, so the authority admits it, here or "
                "anywhere:\n\n"
                "  qanat key admit --dir D \"%s\" --key authority.key\n\n",
                self->name);
    }
    fputs("Then this node changes its key by itself. Until then, and where nobody admits it, the key of "
          "today goes on.\n",
          context->err);
}

static void foreign_print(struct command_context *context)
{
    struct db *db = store_read_begin(context->store);
    uint64_t cells = rotation_foreign(db, &context->identity->node);

    store_read_end(context->store, db);
    if (cells > 0) {
        fprintf(context->err,
                "warning: %llu cells of results were written by another machine with this node's key, and count no more once it changes.\n"
                "Was it a copy of yours (which has a key of its own now), so say: qanat key rotate --keep-results\n\n",
                (unsigned long long)cells);
    }
}

/* One at a time: of two that drew keys at once in a running node, one would ask for a key that the other's file took the place of. */
static enum status next_ask(struct command_context *context, struct rotation *rotation, struct identity *next, bool is_keeping)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    enum status status = next_prepare(context, next);
    if (status == S_OK && is_keeping) {
        status = store_write_wait(context->store, rotation_keep, rotation);
    }
    if (status == S_OK) {
        status = store_write_wait(context->store, rotation_ask, rotation);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

static enum status rotate_run(struct command_context *context)
{
    bool is_keeping = command_flag(context, "keep-results");
    struct identity next;
    struct roster *roster;
    struct rotation rotation = {.federation = context->federation,
                                .identity = context->identity,
                                .next = &next,
                                .now_ms = (uint64_t)local_time_now(),
                                .report = &context->report};
    enum status status = command_words(context, 0, 0);

    if (status == S_OK) {
        status = next_ask(context, &rotation, &next, is_keeping);
    }
    if (status == S_OK) {
        status = command_roster(context, &roster);
    }
    if (status == S_OK) {
        char fingerprint[FINGERPRINT_SIZE];
        fingerprint_of(next.sign_public, fingerprint);
        if (context->is_json) {
            table_print_json(context->out, json_pack("{s:s}", "key", fingerprint));
        } else {
            fprintf(context->out, "%s\n", fingerprint);
        }
        foreign_print(context);
        next_step_print(context, roster, &next);
        roster_free(roster);
    }
    identity_clear(&next);
    return report_set(&context->report, status, "the change of keys could not be asked for: %s",
                      status_text(status));
}

/* --- admit ------------------------------------------------------------------------------------------------
 */

/* Is it the key that the node's people read out? */
static enum status asked_check(struct command_context *context, const struct roster *roster,
                               const struct roster_node *node, const char *begins)
{
    struct bytes asked = roster_rekey_asked(roster, &node->node);
    struct statement statement;
    char fingerprint[FINGERPRINT_SIZE];

    if (node->is_revoked) {
        return report_set(&context->report, S_DENIED, "'%s' was revoked", node->name);
    }
    if (asked.size == 0) {
        return report_set(&context->report, S_NOT_FOUND,
                          "'%s' asks for no new key, or the news of it is not here yet: qanat key rotate "
                          "there, then a sync",
                          node->name);
    }
    statement_read(asked, &statement);
    fingerprint_of(statement.admitted.sign_public, fingerprint);
    if (begins && (strlen(begins) < FINGERPRINT_MIN || strncmp(fingerprint, begins, strlen(begins)) != 0)) {
        return report_set(&context->report, S_DENIED,
                          "'%s' asks for the key %s, not for one that begins with '%s' (at least %d digits): "
                          "ask its people which one they see",
                          node->name, fingerprint, begins, FINGERPRINT_MIN);
    }
    return S_OK;
}

static enum status node_take(struct command_context *context, const struct roster *roster, const char *begins,
                             const struct roster_node **node_out)
{
    const struct roster_node *node = roster_find_name(roster, context->argv[0]);

    *node_out = node;
    return node ? asked_check(context, roster, node, begins)
                : report_set(&context->report, S_NOT_FOUND,
                             "there is no node '%s' in the roster: see qanat peer list", context->argv[0]);
}

/* Signed by the authority. */
static enum status authority_admit(struct command_context *context, const char *begins, bool is_unused)
{
    struct proposal proposal;
    const struct roster_node *node = NULL;
    enum status status = proposal_open(context, &proposal);

    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    if (status == S_OK) {
        status = node_take(context, proposal.roster, begins, &node);
    }
    if (status == S_OK) {
        struct db *db = store_read_begin(context->store);
        status = rotation_vain_check(db, proposal.roster, &node->node, is_unused, &context->report);
        store_read_end(context->store, db);
    }
    if (status == S_OK) {
        status = proposal_grant(&proposal, &node->node);
    }
    if (status == S_OK) {
        status = proposal_end(&proposal);
    }
    proposal_close(&proposal);
    return status;
}

/* Signed by this node. */
static enum status own_admit(struct command_context *context, const char *begins, bool is_unused)
{
    struct rotation rotation = {.federation = context->federation,
                                .identity = context->identity,
                                .now_ms = (uint64_t)local_time_now(),
                                .is_unused = is_unused,
                                .report = &context->report};
    const struct roster_node *node = NULL;
    struct roster *roster;
    enum status status = command_words(context, 1, 1);

    if (status == S_OK) {
        status = command_roster(context, &roster);
    }
    if (status != S_OK) {
        return status;
    }
    status = node_take(context, roster, begins, &node);
    if (status == S_OK) {
        rotation.node = node->node;
        status = store_write_wait(context->store, rotation_grant, &rotation);
    }
    if (status == S_OK) {
        fprintf(context->err,
                "The new key of '%s' is admitted: it changes to it when the news is there, and the key of "
                "before ends.\n",
                node->name);
    }
    roster_free(roster);
    return report_set(&context->report, status, "the new key could not be admitted: %s", status_text(status));
}

static bool has_option(const struct command_context *context, const char *name)
{
    size_t size = strlen(name);

    for (int i = 0; i < context->argc; i++) {
        if (strncmp(context->argv[i], name, size) == 0 &&
            (context->argv[i][size] == '\0' || context->argv[i][size] == '=')) {
            return true;
        }
    }
    return false;
}

static enum status admit_run(struct command_context *context)
{
    const char *begins = command_option(context, "key-begins");
    bool is_unused = command_flag(context, "unused");
    return has_option(context, "--key") ? authority_admit(context, begins, is_unused) : own_admit(context, begins, is_unused);
}

const struct command key_commands[] = {
    {"key show", NEEDS_READ, "[NAME] [--all]", "show the keys of this node, and who asks for a new one",
     "The signing key is shown; the transport key (CURVE) changes with it. \"asked for\": admit it with "
     "qanat key admit. \"admitted in vain\": by a hub before,\n"
     "which had not heard of the handover; admit it anew. \"until it is given up\":\n"
     "the new key is admitted, and the node has not said yet where the old one ends. \"given up\": nobody is "
     "let in with it any more.\n\n"
     "  qanat key show --dir /var/lib/qanat --all",
     show_run},
    {"key rotate", NEEDS_WRITE, "[--keep-results]", "change this node's keys: it stays who it is",
     "For a yearly habit, and when a copy of the key may be in other hands (a stolen backup). Draws new keys "
     "and asks for them, signed with the\n"
     "key of today; prints the new key. A node above (or the authority, for a node without one above) admits "
     "it: qanat key admit. Both may\n"
     "happen without a link: the request and the answer travel with any sync and any bundle. When the answer "
     "is here, the node begins to use the\n"
     "new keys by itself; name, place, figures, people and courses stay. Whoever comes with the old key is "
     "refused from then on, by everybody the news\n"
     "has reached, and counted in qanat status. Nodes that were away find their way by the old key "
     "(D/node.key.former, keep it) to the news.\n"
     "What another machine wrote with the key since this one lives is left out of the figures then, for it may be a thief's; "
     "--keep-results\n"
     "says that it was a copy of yours (qanat rekey), and its results stay.\n"
     "Make a new backup afterwards. A machine that was lost with its key: qanat invite --replaces "
     "instead.\n\n"
     "  qanat key rotate --dir /var/lib/qanat",
     rotate_run},
    {"key admit", NEEDS_WRITE, "NAME [--key-begins DIGITS] [--unused] [--key FILE]... [--out FILE]",
     "admit the new key that a node below asks for",
     "Who stole a node's key can ask for another one too: so ask its people on the phone which key qanat key "
     "rotate printed, and say how it\n"
     "begins (8 digits or more). With --key FILE the authority signs (for the hub, or when the node above is "
     "away); several keys: see\n"
     "qanat authority propose. Where a hub before had admitted the key and had not heard of the handover, it is "
     "admitted anew when the node has named all\n"
     "that is held here (let it come in step); --unused: its people see \"admitted in vain, not used\" in qanat "
     "key show. Was a wrong one admitted, revoke the\n"
     "node and let it join anew (qanat invite --replaces).\n\n"
     "  qanat key admit --dir /var/lib/qanat \"Addis Ababa University\" --key-begins 3f9a01c2",
     admit_run},
    {0},
};
