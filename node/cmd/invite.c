/* invite.c: `qanat invite`: a token for one newcomer, or a file that needs no link. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "node/cmd/invitation.h"
#include "node/cmd/table.h"
#include "node/link/admit.h"
#include "node/link/endpoint.h"
#include "node/link/welcome.h"
#include "node/local_time.h"
#include "node/store/operation/invite.h"
#include "node/store/stream/quarantine.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"
#include "replication/trust/authority.h"
#include "replication/trust/roster_room.h"
#include "replication/wire/message.h"

enum { EXPIRES_DAYS = 30, DAY_S = 24 * 3600, EXPIRES_S_MAX = 3650 * DAY_S };

/* What one invitation consists of, on its way. */
struct invite_work {
    struct command_context *context;
    struct token token;
    struct invite invite;
    struct roster_node node; /* --file: the newcomer, admitted at once */
    bool is_admitting, is_filed;
    struct draft *draft; /* of that file */
    struct invitation *invitation;
    bool is_replacing, is_moving;
    struct id known; /* whom one of both is about */
};

/* "30d", "12h", "90m", "45s"; in milliseconds. */
static enum status expires_parse(struct command_context *context, const char *text, uint64_t *ms_out)
{
    static const struct {
        char unit;
        long seconds;
    } units[] = {{'d', DAY_S}, {'h', 3600}, {'m', 60}, {'s', 1}};
    char *end;
    long number = strtol(text, &end, 10);

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (*text >= '0' && *text <= '9' && end[0] == units[i].unit && end[1] == '\0' && number > 0 &&
            number <= EXPIRES_S_MAX / units[i].seconds) {
            *ms_out = (uint64_t)(number * units[i].seconds) * 1000;
            return S_OK;
        }
    }
    return report_set(&context->report, S_USAGE, "--expires '%s': a number and d, h, m or s, as in 30d",
                      text);
}

static enum status text_take(struct command_context *context, const char *name, char *out, size_t size)
{
    const char *text = command_option(context, name);

    if (text && strlen(text) >= size) {
        return report_set(&context->report, S_USAGE, "--%s is longer than %zu bytes", name, size - 1);
    }
    snprintf(out, size, "%s", text ? text : "");
    return S_OK;
}

static enum status options_take(struct command_context *context, struct token *token)
{
    const char *kind = token->kind ? node_kind_name(token->kind) : command_option(context, "kind");
    const char *expires = command_option(context, "expires");
    uint64_t lasts_ms = (uint64_t)EXPIRES_DAYS * DAY_S * 1000;
    enum status status = token->name[0] ? S_OK : text_take(context, "name", token->name, sizeof token->name);

    if (status == S_OK) {
        status = token->country[0] ? S_OK : text_take(context, "country", token->country, sizeof token->country);
    }
    if (status == S_OK) {
        status = token->region[0] ? S_OK : text_take(context, "region", token->region, sizeof token->region);
    }
    if (status == S_OK && expires) {
        status = expires_parse(context, expires, &lasts_ms);
    }
    if (status == S_OK && !kind) {
        status =
            report_set(&context->report, S_USAGE, "say what it is: --kind " NODE_KINDS);
    }
    if (status == S_OK && !node_kind_parse(kind, &token->kind)) {
        status = report_set(&context->report, S_USAGE,
                            "'%s' is no kind of node: --kind " NODE_KINDS, kind);
    }
    if (status == S_OK && node_name_check(bytes_text(token->name)) != S_OK) {
        status = token->name[0] ? report_set(&context->report, S_USAGE, "--name '%s': " NODE_NAME_RULE, token->name, (int)NODE_NAME_MAX)
                                : report_set(&context->report, S_USAGE, "the newcomer needs a name: --name NAME");
    }
    if (status == S_OK && !country_take(token->country)) {
        status = report_set(&context->report, S_USAGE, "'%s' is no country code: two letters, as in EG", token->country);
    }
    token->expires_ms = local_time_now() + lasts_ms;
    return status;
}

/* The token is for a node of this name, kind and place. */
static void token_name(struct token *token, const struct roster_node *node)
{
    token->kind = node->kind;
    memcpy(token->name, node->name, sizeof token->name);
    memcpy(token->country, node->country, sizeof token->country);
    memcpy(token->region, node->region, sizeof token->region);
}

/* --replaces NAME: the newcomer is called and placed as that node, which stands directly below this one. */
static enum status replaced_take(struct invite_work *work, const struct roster_node *node)
{
    struct command_context *context = work->context;

    if (!id_equal(&node->parent, &context->identity->node)) {
        return report_set(&context->report, S_DENIED, "'%s' is not directly below this node: invite at the node above it", node->name);
    }
    work->is_replacing = true;
    return S_OK;
}

/* A node whose place this one took; NULL: none. Its figures are the follower's only below the same node (roster_standing()). */
static const struct roster_node *followed_find(const struct roster *roster, const struct roster_node *node)
{
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *at = roster_at(roster, i);
        if (at->is_revoked && roster_standing(roster, &at->node) == node) {
            return at;
        }
    }
    return NULL;
}

/* Whose word set it aside stands above it no more once it is here, and its figures count again: people are told before that. */
static void quarantine_warn(struct command_context *context, const struct roster *roster, const struct roster_node *node)
{
    const struct id *self = &context->identity->node;
    struct quarantine_list list;

    struct db *db = store_read_begin(context->store);
    bool is_read = quarantine_load(db, roster, &list) == S_OK;
    store_read_end(context->store, db);
    const struct quarantine *aside = is_read ? quarantine_find(&list, &node->node) : NULL;
    const struct roster_node *by = aside ? roster_find(roster, &aside->by) : NULL;
    if (by && by->kind != NODE_HUB && !id_equal(&by->node, self) && !roster_is_above(roster, &by->node, self)) {
        fprintf(context->err,
                "WARNING: '%s' is in quarantine: '%s' set its figures aside%s%s. That ends when it stands here: ask there why, and qanat peer\n"
                "quarantine '%s' here once it came, if they are not to count.\n",
                node->name, by->name, *aside->reason ? ": " : "", aside->reason, node->name);
    }
    quarantine_free(&list);
}

/* --moves NAME: that node, below another one until now, comes below this one. */
static enum status moved_take(struct invite_work *work, const struct roster *roster, const struct roster_node *node)
{
    struct command_context *context = work->context;
    const struct id *self = &context->identity->node;

    if (node->is_revoked) {
        return report_set(&context->report, S_DENIED, "'%s' was revoked, and does not come back: invite it under another name, as a new node", node->name);
    }
    if (id_equal(&node->node, self) || roster_is_above(roster, &node->node, self)) {
        return report_set(&context->report, S_USAGE, "'%s' stands above this node, or is this node itself", node->name);
    }
    if (id_equal(&node->parent, self)) {
        return report_set(&context->report, S_EXISTS, "'%s' is directly below this node already", node->name);
    }
    if (node->kind == NODE_HUB) {
        return report_set(&context->report, S_DENIED, "'%s' is a hub: see qanat promote and qanat demote", node->name);
    }
    if (node->former_count > 0) {
        return report_set(&context->report, S_DENIED, "'%s' changed its keys, so that it cannot sign for its move: invite it under another name, as a new node",
                          node->name);
    }
    if (node->placed_ms > 0) {
        return report_set(&context->report, S_DENIED,
                          "the authority put '%s' where it is (qanat promote), which its move cannot undo: let it become a new node here, under another name "
                          "(qanat rekey there)",
                          node->name);
    }
    const struct roster_node *followed = followed_find(roster, node);
    if (followed) {
        return report_set(&context->report, S_DENIED, "'%s' took the place of '%s', whose figures stay where that one was: it cannot leave them", node->name,
                          followed->name);
    }
    quarantine_warn(context, roster, node);
    work->is_moving = true;
    return S_OK;
}

/* Of several that were put out under one name the first has it: who followed it, and was put out last, is meant. */
static const struct roster_node *last_find(const struct roster *roster, const struct roster_node *node)
{
    const struct roster_node *last = roster_standing(roster, &node->node);

    return node->is_revoked && last->is_revoked ? last : node;
}

/* --replaces or --moves. */
static enum status known_take(struct invite_work *work)
{
    struct command_context *context = work->context;
    const char *replaces = command_option(context, "replaces"), *moves = command_option(context, "moves");
    struct roster *roster;

    if (!replaces && !moves) {
        return S_OK;
    }
    if (replaces && moves) {
        return report_set(&context->report, S_USAGE, "--replaces is for a lost machine, --moves for one that goes on: say one of them");
    }
    enum status status = command_roster(context, &roster);
    if (status != S_OK) {
        return status;
    }
    const struct roster_node *node = roster_member(roster, replaces ? replaces : moves, &context->report);
    if (!node) {
        status = S_NOT_FOUND;
    } else {
        status = replaces ? replaced_take(work, node) : moved_take(work, roster, node);
        work->known = replaces ? last_find(roster, node)->node : node->node;
        token_name(&work->token, node);
    }
    roster_free(roster);
    return status;
}

static bool is_invited(const struct invite_work *work, const struct id *node)
{
    return (work->is_replacing || work->is_moving) && id_equal(node, &work->known);
}

/* Fills the rest of the token; the name must be free and the right to admit there. */
static enum status token_make(struct invite_work *work, struct token *token)
{
    struct command_context *context = work->context;
    struct roster *roster;
    enum status status = command_roster(context, &roster);

    if (status != S_OK) {
        return status;
    }
    const struct roster_node *there = roster_find_name(roster, token->name);
    if (there && !there->is_revoked && !is_invited(work, &there->node)) {
        status = report_set(&context->report, S_EXISTS,
                            "there is a node '%s' already: choose another name, or say --replaces if its machine is lost, --moves if it comes here",
                            token->name);
    } else if (!roster_may_admit(roster, &context->identity->node, &context->identity->node, token->kind)) {
        status =
            report_set(&context->report, S_DENIED, "this node has no right to admit a %s: ask the node above",
                       node_kind_name(token->kind));
    } else if (!work->is_replacing && !work->is_moving) { /* who replaces may be the same node again */
        status = roster_room_check(roster, &context->identity->node, 0, &context->report);
    }
    if (roster_authority(roster)->generation > 0) {
        token->anchor = roster_authority(roster)->hash;
    }
    roster_free(roster);
    token->federation = context->federation->id;
    token->inviter = context->identity->node;
    memcpy(token->inviter_curve, context->identity->curve_public, sizeof token->inviter_curve);
    memcpy(token->authority_public, context->federation->authority_public, sizeof token->authority_public);
    randombytes_buf(token->seed, sizeof token->seed);
    return status;
}

/* The file stands before the admission does: a newcomer whose keys nobody has would hold its name for ever. */
static enum status file_write(struct db *db, struct invite_work *work)
{
    struct command_context *context = work->context;
    struct message message = {.type = MESSAGE_WELCOME};
    struct bytes *statements = calloc(STATEMENTS_MAX, sizeof *statements);
    struct roster *roster = NULL;

    CHECK(statements);
    enum status status = roster_load(db, context->federation, &roster, &context->report);
    if (status == S_OK) {
        welcome_fill(roster, context->federation, &work->node.node, statements, &message.welcome);
        status = message_encode(&message, &work->invitation->welcome);
    }
    if (status == S_OK) {
        status = invitation_save(work->invitation, work->draft, &context->report);
        work->is_filed = status == S_OK;
    }
    roster_free(roster);
    free(statements);
    return status;
}

static enum status invite_write(struct db *db, void *arg)
{
    struct invite_work *work = arg;
    enum status status = invite_put(db, &work->invite);

    if (status == S_OK && work->is_replacing) {
        status = invite_set_replaced(db, work->invite.token, &work->known);
    }
    if (status == S_OK && work->is_admitting) {
        status = invite_use(db, work->invite.token, &work->node.node, work->invite.created_ms);
    }
    if (status == S_OK && work->is_admitting && work->is_replacing) {
        status = admit_replace(db, work->context->federation, work->context->identity, &work->node, &work->known);
    }
    if (status == S_OK && work->is_admitting) {
        status = admit_put(db, work->context->federation, work->context->identity, &work->node);
    }
    return status == S_OK && work->is_admitting ? file_write(db, work) : status;
}

/* Notes the invitation, and with --file also admits the newcomer. */
static enum status invite_store(struct invite_work *work)
{
    const struct token *token = &work->token;
    uint8_t secret[CURVE_SECRET_SIZE];

    token_curve_pair(token->seed, work->invite.token, secret);
    sodium_memzero(secret, sizeof secret);
    memcpy(work->invite.name, token->name, sizeof work->invite.name);
    memcpy(work->invite.country, token->country, sizeof work->invite.country);
    memcpy(work->invite.region, token->region, sizeof work->invite.region);
    work->invite.kind = token->kind;
    work->invite.created_ms = local_time_now();
    work->invite.expires_ms = token->expires_ms;
    enum status status = store_write_wait(work->context->store, invite_write, work);
    if (status != S_OK) {
        return report_set(&work->context->report, status, "the invitation could not be stored: %s",
                          status_text(status));
    }
    return S_OK;
}

/* The newcomer's keys are drawn here, its admission is signed, and all of it goes into the file. */
static enum status file_make(struct invite_work *work, struct draft *draft, struct invitation *invitation)
{
    struct identity newcomer;

    randombytes_buf(invitation->seed, sizeof invitation->seed);
    identity_derive(&newcomer, invitation->seed);
    enum status status = token_join(&work->token, &newcomer, "", &work->node);
    if (status == S_OK) {
        work->node.admitted_ms = local_time_now();
        work->is_admitting = true;
        work->draft = draft;
        work->invitation = invitation;
        status = invite_store(work);
    }
    if (status != S_OK && work->is_filed) {
        (void)unlink(draft->path); /* whom it makes was not admitted after all */
    }
    identity_clear(&newcomer);
    return status;
}

static void invite_print(struct command_context *context, const char *text)
{
    char fingerprint[2 * CURVE_PUBLIC_SIZE + 1];

    sodium_bin2hex(fingerprint, sizeof fingerprint, context->identity->curve_public, CURVE_PUBLIC_SIZE);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:s, s:s}", "token", text, "fingerprint", fingerprint));
    } else {
        fprintf(context->out, "%s\n", text);
    }
    fprintf(context->err,
            "This token is good for one node, once: hand it over like a key. Our fingerprint: %s\n",
            fingerprint);
}

static enum status invite_by_file(struct invite_work *work, const char *path)
{
    struct command_context *context = work->context;
    struct invitation invitation = {.uplink = ""};
    struct draft draft;

    buffer_init(&invitation.welcome);
    enum status status = invitation_begin(&draft, path, &context->report);
    if (status == S_OK) {
        status = token_encode(&work->token, invitation.token);
    }
    if (status == S_OK && work->token.endpoint_count > 0) {
        memcpy(invitation.uplink, work->token.endpoints[0], sizeof invitation.uplink);
    }
    if (status == S_OK) {
        status = file_make(work, &draft, &invitation);
    }
    if (status == S_OK) {
        fprintf(
            context->err,
            "'%s' makes one node, '%s': whoever has the file is that node. Carry it safely, delete it after "
            "qanat join --file.\n",
            path, work->token.name);
    }
    draft_close(&draft);
    sodium_memzero(invitation.seed, sizeof invitation.seed);
    buffer_release(&invitation.welcome);
    return status;
}

static enum status endpoint_take(struct command_context *context, struct token *token, const char *given,
                                 bool must_have)
{
    enum status status = S_OK;

    if (given && !config_is_endpoint(given)) {
        return report_set(&context->report, S_USAGE, "--endpoint '%s' is not tcp://HOST:PORT", given);
    }
    if (given) {
        snprintf(token->endpoints[0], sizeof token->endpoints[0], "%s", given);
    } else {
        status = endpoint_public(context->config, token->endpoints[0], &context->report);
    }
    token->endpoint_count = token->endpoints[0][0] != '\0';
    if (status == S_OK && must_have && token->endpoint_count == 0) {
        status = report_set(&context->report, S_INVALID,
                            "this node does not listen: set listen in qanat.conf, say --endpoint "
                            "tcp://HOST:PORT, or use --file F");
    }
    return status;
}

static enum status invite_run(struct command_context *context)
{
    struct invite_work work = {.context = context};
    char text[TOKEN_TEXT_MAX];
    const char *path = command_option(context, "file");
    const char *endpoint = command_option(context, "endpoint");

    enum status status = known_take(&work);
    if (status == S_OK && work.is_moving && path) {
        status = report_set(&context->report, S_USAGE, "--file: a node that moves signs for it itself, over a link");
    }
    if (status == S_OK) {
        status = options_take(context, &work.token);
    }
    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status == S_OK) {
        status = endpoint_take(context, &work.token, endpoint, path == NULL);
    }
    if (status == S_OK) {
        status = token_make(&work, &work.token);
    }
    if (status == S_OK && path) {
        status = invite_by_file(&work, path);
    } else if (status == S_OK) {
        status = token_encode(&work.token, text);
        if (status != S_OK) {
            status = report_set(&context->report, status,
                                "the token cannot be made: check --endpoint, --country and --region");
        }
        if (status == S_OK) {
            status = invite_store(&work);
        }
        if (status == S_OK) {
            invite_print(context, text);
        }
    }
    sodium_memzero(&work.token, sizeof work.token);
    return status;
}

const struct command invite_commands[] = {
    {"invite", NEEDS_WRITE,
     "--name NAME --kind KIND|--replaces NAME|--moves NAME [--country CC] [--region R] [--expires 30d] [--endpoint tcp://HOST:PORT] "
     "[--file F]",
     "print a token with which one node can join below this one",
     "Prints one line, the token, for `qanat join`; it works once and until it expires (30 days). It tells "
     "the newcomer where to\n"
     "connect and whom to insist on. This node must be running and reachable when the newcomer joins. Where "
     "there is no link,\n"
     "--file writes an invitation that needs none; it holds the newcomer's keys: carry it like a key.\n"
     "--replaces NAME, for a node directly below whose machine is lost: who joins with the token takes its place, under its name. With\n"
     "the old key (join --key node.key) it is the same node again; without it, it gets a new one and the old one is revoked as of\n"
     "what was accepted here. Either way all figures that were accepted stay counted, once.\n"
     "--moves NAME, for a node that stands below another one until now (that one closes, was revoked, or has a new machine with another\n"
     "key): with its node stopped, `qanat join` in its directory puts it below this one; it stays who it is, with its figures.\n"
     "KIND: " NODE_KINDS "; a hub is invited by a hub alone.\n\n"
     "  qanat invite --dir /var/lib/qanat --name \"Cairo\" --kind campus --country EG",
     invite_run},
    {0},
};
