/* authority.c: `qanat authority`: the federation's highest voice, and handing it on. */
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "node/cmd/authority_print.h"
#include "node/cmd/authority_propose.h"
#include "node/cmd/table.h"
#include "node/json.h"
#include "node/local_time.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/unheard.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { HASH_PREFIX_MIN = 8 };

/* --- show --------------------------------------------------------------------------------------------------- */

static json_t *keys_json(const struct authority *authority)
{
    json_t *list = json_array();

    for (size_t i = 0; i < authority->key_count; i++) {
        json_array_append_new(list, authority_hex(authority->keys[i]));
    }
    return list;
}

static json_t *rivals_json(const struct authority *authority)
{
    json_t *list = json_array();

    for (size_t i = 0; i < authority->rival_count && i < AUTHORITY_RIVALS_MAX; i++) {
        const struct authority_rival *rival = &authority->rivals[i];
        json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "generation", (json_int_t)rival->generation, "at", json_time(rival->at_ms),
                                              "statement", authority_hex(rival->hash.b)));
    }
    return list;
}

/* What would stand otherwise, had it been known to whoever handed the authority on. */
struct unheard_list {
    struct unheard items[UNHEARD_MAX];
    size_t count;
    struct unheard_late late;
};

static void unheard_load(struct command_context *context, const struct roster *roster, struct unheard_list *list)
{
    struct db *db = store_read_begin(context->store);

    list->count = unheard_find(db, roster, &context->identity->node, local_time_now(), list->items);
    list->late = unheard_late(db, roster, local_time_now());
    store_read_end(context->store, db);
}

static void unheard_print(struct command_context *context, const struct roster *roster, const struct unheard_list *list)
{
    char text[UNHEARD_TEXT_MAX], at[TIMESTAMP_TEXT_SIZE];

    for (size_t i = 0; i < list->count; i++) {
        unheard_text(roster, &list->items[i], text);
        timestamp_format((int64_t)list->items[i].at_ms, at);
        fprintf(context->out, "WITHOUT EFFECT: '%s' %s, signed %s and not known when it was handed on: where it is still meant, say it anew\n",
                list->items[i].name, text, at);
    }
}

static json_t *unheard_json(const struct roster *roster, const struct unheard_list *list)
{
    json_t *rows = json_array();
    char text[UNHEARD_TEXT_MAX];

    for (size_t i = 0; i < list->count; i++) {
        unheard_text(roster, &list->items[i], text);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:o}", "node", list->items[i].name, "word", text, "at", json_time(list->items[i].at_ms)));
    }
    return rows;
}

/* What a former president signed after the handover stays, and is a warning while it goes on. */
static void late_print(FILE *out, const struct authority *authority, const struct unheard_late *late)
{
    char at[TIMESTAMP_TEXT_SIZE];

    if (late->count > 0) {
        timestamp_format((int64_t)late->last_ms, at);
        fprintf(out, "WARNING: %zu of them are stamped after the handover, the latest %s: somebody still signs with a former key\n", authority->late_count, at);
    } else if (authority->late_count > 0) {
        fprintf(out, "%zu of them are stamped after the handover, none in the last %d days\n", authority->late_count, UNHEARD_TOLD_DAYS);
    }
}

static void authority_print(struct command_context *context, const struct authority *authority, const struct unheard_late *late)
{
    FILE *out = context->out;
    char hex[65];

    fprintf(out, "generation %llu: %u of %zu keys sign\n", (unsigned long long)authority->generation, (unsigned)authority->threshold,
            authority->key_count);
    for (size_t i = 0; i < authority->key_count; i++) {
        sodium_bin2hex(hex, sizeof hex, authority->keys[i], SIGN_PUBLIC_SIZE);
        fprintf(out, "  key %s\n", hex);
    }
    sodium_bin2hex(hex, sizeof hex, authority->hash.b, sizeof authority->hash.b);
    fprintf(out, "statement %s\n", authority->generation > 0 ? hex : "none: the founding key");
    if (authority->waiting_count > 0) {
        fprintf(out, "%zu statements wait for signatures\n", authority->waiting_count);
    }
    if (authority->left_count > 0) {
        fprintf(out, "%zu statements of former generations are without effect: replaced, or not known when it was handed on\n",
                authority->left_count);
    }
    late_print(out, authority, late);
    if (authority->rival_count > 0) {
        fprintf(out, "WARNING: DISPUTED: %zu other successors were signed with the same keys:\n", authority->rival_count);
    }
    for (size_t i = 0; i < authority->rival_count && i < AUTHORITY_RIVALS_MAX; i++) {
        sodium_bin2hex(hex, sizeof hex, authority->rivals[i].hash.b, sizeof authority->rivals[i].hash.b);
        fprintf(out, "  generation %llu, statement %s\n", (unsigned long long)authority->rivals[i].generation, hex);
    }
}

static bool has_anchor(const struct federation *federation)
{
    return !sodium_is_zero(federation->anchor.b, sizeof federation->anchor.b);
}

static void authority_json(struct command_context *context, const struct roster *roster, const struct unheard_list *unheard)
{
    const struct authority *authority = roster_authority(roster);
    const struct federation *federation = context->federation;

    table_print_json(context->out,
                     json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "federation", federation->name,
                               "generation", (json_int_t)authority->generation, "threshold", (json_int_t)authority->threshold, "keys",
                               keys_json(authority), "since", json_time(authority->at_ms), "statement", authority_hex(authority->hash.b),
                               "kept", (json_int_t)authority->ratified_count, "waiting", (json_int_t)authority->waiting_count, "left",
                               (json_int_t)authority->left_count, "late", (json_int_t)authority->late_count, "rival_count",
                               (json_int_t)authority->rival_count, "rivals", rivals_json(authority), "anchor",
                               has_anchor(federation) ? authority_hex(federation->anchor.b) : json_null(), "unheard",
                               unheard_json(roster, unheard)));
}

static enum status show_run(struct command_context *context)
{
    struct roster *roster = NULL;
    struct paper *paper = NULL;
    struct unheard_list unheard;
    enum status status = command_words(context, 0, 1);

    if (status == S_OK) {
        status = command_roster(context, &roster);
    }
    if (status == S_OK && context->argc == 1) {
        status = paper_load(context->argv[0], &paper, &context->report);
    }
    if (status == S_OK) {
        unheard_load(context, roster, &unheard);
    }
    if (status == S_OK && paper) {
        paper_print(context, paper, roster, false);
    } else if (status == S_OK && context->is_json) {
        authority_json(context, roster, &unheard);
    } else if (status == S_OK) {
        authority_print(context, roster_authority(roster), &unheard.late);
        unheard_print(context, roster, &unheard);
    }
    if (status == S_OK && !paper && roster_authority(roster)->rival_count > 0) {
        status = report_set(&context->report, S_FORKED,
                            "the authority is disputed: agree which handover holds, then qanat authority trust STATEMENT at every node");
    }
    paper_free(paper);
    roster_free(roster);
    return status;
}

/* --- keys, papers ------------------------------------------------------------------------------------------- */

static enum status new_key_run(struct command_context *context)
{
    uint8_t public_key[SIGN_PUBLIC_SIZE], secret[SIGN_SECRET_SIZE];

    (void)command_option(context, "dir"); /* not needed, and no harm */
    enum status status = command_words(context, 1, 1);

    if (status == S_OK) {
        status = authority_key_make(context->argv[0], public_key, secret, &context->report);
        sodium_memzero(secret, sizeof secret);
    }
    if (status != S_OK) {
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o, s:o}", "file", json_file_name(context->argv[0]), "key", authority_hex(public_key)));
    } else {
        char hex[65];
        sodium_bin2hex(hex, sizeof hex, public_key, sizeof public_key);
        fprintf(context->out, "%s\n", hex);
    }
    fprintf(context->err, "'%s' is the secret half: keep it offline, with a copy elsewhere. Give the line of digits to who writes the handover.\n",
            context->argv[0]);
    return S_OK;
}

static enum status propose_run(struct command_context *context)
{
    struct proposal proposal;
    const char *keys = command_option(context, "keys"), *threshold = command_option(context, "threshold");
    enum status status = proposal_open(context, &proposal);

    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status == S_OK && !keys) {
        status = report_set(&context->report, S_USAGE, "whose keys are next? say --keys KEY,KEY,... as qanat authority new-key prints them");
    }
    if (status == S_OK) {
        status = proposal_hand_on(&proposal, keys, threshold);
    }
    if (status == S_OK) {
        status = proposal_end(&proposal);
    }
    proposal_close(&proposal);
    return status;
}

static enum status sign_run(struct command_context *context)
{
    struct authority_keys keys;
    struct paper *paper = NULL;

    (void)command_option(context, "dir"); /* not needed, and no harm */
    enum status status = authority_keys_take(context, &keys);

    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    if (status == S_OK) {
        status = paper_load(context->argv[0], &paper, &context->report);
    }
    if (status == S_OK) {
        status = paper_sign(paper, &keys, local_time_now());
        report_set(&context->report, status, "the paper has no room for more signatures");
    }
    if (status == S_OK) {
        status = paper_save(paper, context->argv[0], &context->report);
    }
    if (status == S_OK) {
        paper_print(context, paper, NULL, false);
        fprintf(context->err, "Signed. What the paper still lacks: qanat authority show --dir D %s\n", context->argv[0]);
    }
    authority_keys_clear(&keys);
    paper_free(paper);
    return status;
}

static enum status publish_run(struct command_context *context)
{
    bool is_anyway = command_flag(context, "anyway");
    struct roster *roster = NULL;
    struct paper *paper = NULL;
    enum status status = command_words(context, 1, 1);

    if (status == S_OK) {
        status = paper_load(context->argv[0], &paper, &context->report);
    }
    if (status == S_OK) {
        status = command_roster(context, &roster); /* as it is before: who must sign */
    }
    if (status == S_OK) {
        status = paper_publish(context, paper, is_anyway);
    }
    if (status == S_OK) {
        paper_print(context, paper, roster, true);
        fprintf(context->err, "It holds at this node, and travels first with every sync. Where no link comes by, publish the file there too.\n");
    }
    roster_free(roster);
    paper_free(paper);
    return status;
}

static enum status revoke_run(struct command_context *context)
{
    struct proposal proposal;
    const char *reason = command_option(context, "reason");
    enum status status = proposal_open(context, &proposal);

    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    if (status == S_OK) {
        const struct roster_node *node = roster_member(proposal.roster, context->argv[0], &context->report);
        if (!node) {
            status = S_NOT_FOUND;
        } else if (node->is_revoked) {
            status = report_set(&context->report, S_EXISTS, "'%s' was revoked already", node->name);
        } else {
            status = proposal_revoke(&proposal, &node->node, reason ? reason : "");
        }
    }
    if (status == S_OK) {
        status = proposal_end(&proposal);
    }
    proposal_close(&proposal);
    return status;
}

/* --- trust -------------------------------------------------------------------------------------------------- */

static bool is_prefix(const char *prefix, const struct hash *hash)
{
    char hex[65];
    size_t size = strlen(prefix);

    sodium_bin2hex(hex, sizeof hex, hash->b, sizeof hash->b);
    return size >= HASH_PREFIX_MIN && size < sizeof hex && strncmp(hex, prefix, size) == 0;
}

/* The statement that `word` means: the present one, or one of its rivals. */
static enum status statement_choose(struct command_context *context, const struct authority *authority, const char *word, struct hash *out)
{
    bool is_found = !word || is_prefix(word, &authority->hash);

    *out = authority->hash;
    for (size_t i = 0; !is_found && i < authority->rival_count && i < AUTHORITY_RIVALS_MAX; i++) {
        *out = authority->rivals[i].hash;
        is_found = is_prefix(word, out);
    }
    if (!is_found) {
        return report_set(&context->report, S_NOT_FOUND, "'%s' is neither the present authority's statement nor a rival's: see qanat authority show",
                          word);
    }
    if (authority->generation == 0) {
        return report_set(&context->report, S_NOT_FOUND, "the authority was never handed on: there is nothing to begin at but the founding key");
    }
    return S_OK;
}

static enum status trust_run(struct command_context *context)
{
    bool is_founding = command_flag(context, "founding-key");
    struct federation federation = *context->federation;
    struct roster *roster = NULL;
    enum status status = command_words(context, 0, is_founding ? 0 : 1);

    if (status == S_OK) {
        status = command_roster(context, &roster);
    }
    if (status == S_OK && is_founding) {
        memset(&federation.anchor, 0, sizeof federation.anchor);
    } else if (status == S_OK) {
        status = statement_choose(context, roster_authority(roster), context->argc == 1 ? context->argv[0] : NULL, &federation.anchor);
    }
    if (status == S_OK) {
        status = dir_save_federation(context->dir, &federation, &context->report);
    }
    if (status == S_OK) {
        char hex[65];
        sodium_bin2hex(hex, sizeof hex, federation.anchor.b, sizeof federation.anchor.b);
        if (context->is_json) {
            table_print_json(context->out, json_pack("{s:b, s:s}", "founding_key", is_founding, "trusted", hex));
        } else {
            fprintf(context->out, "%s\n", is_founding ? "the founding key" : hex);
        }
        fprintf(context->err, "This node and whom it invites begin there: nothing signed by earlier generations can change it any more.%s\n",
                context->app ? " Restart the node now." : "");
    }
    sodium_memzero(&federation, sizeof federation);
    roster_free(roster);
    return status;
}

const struct command authority_commands[] = {
    {"authority show", NEEDS_READ, "[FILE] [--json]", "who speaks for the federation now, or what a paper says",
     "The authority signs hubs in and out and moves nodes (promote, demote). It begins with one key, authority.key of the hub that\n"
     "founded the federation, and is handed on from presidency to presidency: each generation has n keys of which k must sign.\n"
     "With FILE: the statements in that paper and which signatures it has. Exit 1 when the authority is disputed: two handovers were\n"
     "signed with the same keys.\n\n"
     "  qanat authority show --dir /var/lib/qanat",
     show_run},
    {"authority new-key", NEEDS_NOTHING, "FILE [--json]", "draw a key for a president of the next generation",
     "Writes the secret half to FILE (mode 0600; it needs no node and no network) and prints the public half, which goes to who writes\n"
     "the handover.\n\n"
     "  qanat authority new-key /media/stick/asia.key",
     new_key_run},
    {"authority propose", NEEDS_WRITE, "--keys KEY,KEY,... --threshold K --key FILE [--key FILE]... [--out FILE] [--anyway]",
     "hand the authority on to the next generation",
     "Names the next generation's keys and how many of them must sign. The handover holds when as many keys of the present generation\n"
     "signed it as must, and as many of the new ones as must from then on: so nobody hands on to mistyped keys. With --out it becomes a\n"
     "paper that is carried from president to president; without, all --key files are at hand and it holds at once. The federation, its\n"
     "members and their figures stay as they are; the former keys say nothing more, not even with an old date. Let all presidents sign,\n"
     "not only as many as must: two handovers signed with the same keys are a dispute, which the one with more signatures wins.\n\n"
     "  qanat authority propose --dir D --keys 1f..,a0..,77.. --threshold 2 --key authority.key --out handover.paper\n"
     "  qanat authority sign handover.paper --key asia.key       (each new president, each on a machine of their own)\n"
     "  qanat authority publish --dir D handover.paper           (at any node)\n"
     "  qanat authority trust --dir D                            (at every node, some time later)",
     propose_run},
    {"authority sign", NEEDS_NOTHING, "FILE --key FILE [--key FILE]... [--json]", "add a signature to a paper",
     "Prints what the paper says, read from the signed bytes, and signs all of it with the key. It needs no node and no network.\n\n"
     "  qanat authority sign /media/stick/handover.paper --key /media/stick/asia.key",
     sign_run},
    {"authority publish", NEEDS_WRITE, "FILE [--anyway] [--json]", "make a paper with enough signatures hold",
     "Checks the signatures and puts the statements into the roster; they travel before everything else, by any path, and the same file\n"
     "may be published at several nodes. Refused when signatures are missing, or when it would put members out of the federation that\n"
     "no statement in it revokes (a handover written before an admission): propose it anew, or say --anyway.\n\n"
     "  qanat authority publish --dir /var/lib/qanat /media/stick/handover.paper",
     publish_run},
    {"authority revoke", NEEDS_WRITE, "NAME --key FILE [--key FILE]... [--reason TEXT] [--out FILE]",
     "put any node out of the federation, a hub too",
     "As qanat peer revoke, but signed by the authority: also for nodes above this one, and for hubs. Of its results stays what this node\n"
     "holds: give it at the node that holds most, a hub. Before a hub goes, promote another.\n\n"
     "  qanat authority revoke --dir /var/lib/qanat \"Old Hub\" --key authority.key",
     revoke_run},
    {"authority trust", NEEDS_WRITE, "[STATEMENT] [--founding-key]", "hold to the present generation for good",
     "From here on this node, and whom it invites, begin at the authority's present statement (or at the one named, which settles a\n"
     "dispute here): nothing that keys of earlier generations sign can change it. Without it a node follows the chain of handovers from\n"
     "the founding key on. --founding-key takes it back.\n\n"
     "  qanat authority trust --dir /var/lib/qanat",
     trust_run},
    {0},
};
