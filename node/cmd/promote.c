/* promote.c: `qanat promote`, `qanat demote`: another node becomes the hub, and the former one something else. */
#include <stdlib.h>
#include <string.h>

#include "node/cmd/authority_propose.h"
#include "node/link/endpoint.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

/* One promotion on its way. */
struct promotion {
    struct proposal proposal;
    const struct roster_node *node; /* who becomes the hub */
    const struct roster_node *old;  /* the root above it until now, or NULL */
    const char *endpoint;           /* --endpoint, or NULL */
    bool is_without;                /* --endpoint none: nobody dials it */
    bool is_lost;                   /* the old one is gone */
    enum node_kind old_kind;
};

/* What is said now of `node` holds rather than what was said before, also where that was stamped by a clock that is ahead of this one. A stamp beyond the years
 * of clocks was chosen: nothing is said after it, about that node alone. */
static uint64_t stamp_after(const struct roster_node *node, uint64_t now_ms)
{
    uint64_t latest_ms = node->admitted_ms > node->placed_ms ? node->admitted_ms : node->placed_ms;

    return latest_ms >= now_ms && latest_ms <= (uint64_t)TIMESTAMP_MS_MAX ? latest_ms + 1 : now_ms;
}

/* An entry that the authority signs now: no consent, for that was to another place; later than what it said before. */
static enum status readmit(struct promotion *promotion, const struct roster_node *node, enum node_kind kind, const struct id *parent,
                           const char *endpoint)
{
    struct roster_node entry = *node;

    entry.kind = kind;
    entry.parent = parent ? *parent : id_none;
    entry.admitted_ms = stamp_after(node, promotion->proposal.now_ms);
    memset(entry.consent, 0, sizeof entry.consent);
    if (endpoint) {
        if (strlen(endpoint) >= sizeof entry.endpoint) {
            return report_set(&promotion->proposal.context->report, S_TOO_LARGE, "--endpoint is longer than %zu bytes", sizeof entry.endpoint - 1);
        }
        snprintf(entry.endpoint, sizeof entry.endpoint, "%s", endpoint);
    }
    return proposal_admit(&promotion->proposal, &entry);
}

/* --- who moves ------------------------------------------------------------------------------------------------ */

/* The statements in effect that rest on the old hub: admissions of its children (they go below the new one), and what it signed
 * about nodes further down, where it stands above no more, and about keys (they stay as they are, by the authority's word). */
struct moving {
    struct hash *children, *others;
    size_t child_count, other_count;
    size_t moved; /* of the children, without those whose places others took */
    uint64_t at_ms; /* stamp of what is said of all of them */
};

static bool is_signed_by(const struct statement *statement, const struct roster_node *node)
{
    bool is_signed = memcmp(statement->signer_public, node->sign_public, SIGN_PUBLIC_SIZE) == 0;

    for (size_t i = 0; i < node->former_count; i++) {
        is_signed = is_signed || memcmp(statement->signer_public, node->former[i].sign_public, SIGN_PUBLIC_SIZE) == 0;
    }
    return is_signed;
}

/* Does this one go below the new hub? Its own campuses stay with the former one. */
static bool is_child_moving(const struct promotion *promotion, const struct roster_node *member)
{
    const struct id *old = &promotion->old->node;
    bool stays = member->kind == NODE_CAMPUS && !promotion->is_lost && !promotion->old->is_revoked;

    return !member->is_revoked && member != promotion->node && member != promotion->old && id_equal(&member->parent, old) && !stays;
}

/* Whose place was taken goes where who took it goes, for its figures are that one's only below the same node (roster_standing()). */
static bool is_following(const struct promotion *promotion, const struct roster_node *member)
{
    const struct roster_node *standing = roster_standing(promotion->proposal.roster, &member->node);

    return member->is_revoked && standing != member && id_equal(&member->parent, &promotion->old->node) &&
           (standing == promotion->node || is_child_moving(promotion, standing));
}

static void admission_sort(const struct promotion *promotion, const struct statement *statement, struct moving *moving)
{
    const struct roster_node *member = roster_find(promotion->proposal.roster, &statement->node);

    if (!member || member == promotion->node || member == promotion->old) {
        return;
    }
    if (is_child_moving(promotion, member) || is_following(promotion, member)) {
        moving->children[moving->child_count++] = statement->hash;
        moving->at_ms = stamp_after(member, moving->at_ms);
        moving->moved += !member->is_revoked;
    } else if (!member->is_revoked && !id_equal(&member->parent, &promotion->old->node) && is_signed_by(statement, promotion->old) &&
               id_equal(&member->parent, &member->stated_parent)) {
        moving->others[moving->other_count++] = statement->hash;
    }
}

static void revocation_sort(const struct promotion *promotion, const struct statement *statement, struct moving *moving)
{
    const struct roster_node *member = roster_find(promotion->proposal.roster, &statement->node);

    if (member && (!id_equal(&member->parent, &promotion->old->node) || is_following(promotion, member)) && is_signed_by(statement, promotion->old)) {
        moving->others[moving->other_count++] = statement->hash;
    }
}

/* Without its word who changed keys would be thrown back to those of before, stolen ones perhaps, and be refused with the present ones. */
static void grant_sort(const struct promotion *promotion, const struct statement *statement, struct moving *moving)
{
    if (is_signed_by(statement, promotion->old)) {
        moving->others[moving->other_count++] = statement->hash;
    }
}

static enum status everybody_move(struct promotion *promotion, size_t *moved_out)
{
    const struct roster *roster = promotion->proposal.roster;
    size_t count = roster_statement_count(roster);
    struct moving moving = {.children = calloc(count + 1, sizeof(struct hash)), .others = calloc(count + 1, sizeof(struct hash)),
                            .at_ms = promotion->proposal.now_ms};
    struct statement statement;

    CHECK(moving.children && moving.others);
    for (size_t i = 0; i < count; i++) {
        statement_read(roster_statement_at(roster, i), &statement);
        if (statement.kind == STATEMENT_ADMIT) {
            admission_sort(promotion, &statement, &moving);
        } else if (statement.kind == STATEMENT_REVOKE) {
            revocation_sort(promotion, &statement, &moving);
        } else if (statement.kind == STATEMENT_GRANT) {
            grant_sort(promotion, &statement, &moving);
        }
    }
    enum status status = proposal_adopt(&promotion->proposal, &promotion->node->node, moving.children, moving.child_count, moving.at_ms);
    if (status == S_OK) {
        status = proposal_adopt(&promotion->proposal, &id_none, moving.others, moving.other_count, moving.at_ms);
    }
    *moved_out = moving.moved;
    free(moving.children);
    free(moving.others);
    return status;
}

/* --- promote -------------------------------------------------------------------------------------------------- */

/* The root above `node`; for a root another hub that is one, the member admitted first. NULL: nobody. */
static const struct roster_node *old_hub_find(const struct roster *roster, const struct roster_node *node)
{
    const struct roster_node *above = roster_uplink(roster, &node->node), *found = NULL;

    for (int step = 0; step <= ROSTER_DEPTH_MAX && above; step++) {
        found = above;
        above = roster_uplink(roster, &above->node);
    }
    for (size_t i = 0; !found && i < roster_count(roster); i++) {
        const struct roster_node *other = roster_at(roster, i);
        bool is_candidate = other != node && other->kind == NODE_HUB && !other->is_revoked && !roster_is_above(roster, &node->node, &other->node);
        found = is_candidate ? other : NULL;
    }
    return found;
}

static enum status old_take(struct promotion *promotion, const char *word)
{
    struct report *report = &promotion->proposal.context->report;

    promotion->old = old_hub_find(promotion->proposal.roster, promotion->node);
    promotion->old_kind = promotion->old && !(word && strcmp(word, "lost") == 0) ? promotion->old->kind : NODE_NATIONAL;
    promotion->is_lost = word && strcmp(word, "lost") == 0;
    bool is_kind = promotion->is_lost || !word || node_kind_parse(word, &promotion->old_kind);
    if (!is_kind || promotion->old_kind == NODE_CAMPUS) {
        return report_set(report, S_USAGE, "--old-hub '%s': what it becomes (hub, national, training or regional), or lost", word);
    }
    if (!promotion->old) {
        return report_set(report, S_EXISTS, "'%s' is the hub already: nobody stands above or beside it", promotion->node->name);
    }
    return S_OK;
}

static enum status node_take(struct promotion *promotion, const char *name)
{
    struct report *report = &promotion->proposal.context->report;
    const struct roster_node *node = roster_member(promotion->proposal.roster, name, report);

    if (promotion->endpoint && !endpoint_is_dialable(promotion->endpoint)) {
        return report_set(report, S_USAGE, "--endpoint '%s': where the others shall dial it, as tcp://hub.example.org:7700", promotion->endpoint);
    }
    promotion->node = node;
    if (!node) {
        return S_NOT_FOUND;
    }
    if (node->is_revoked) {
        return report_set(report, S_DENIED, "'%s' was revoked", name);
    }
    if (!node->endpoint[0] && !promotion->endpoint && !promotion->is_without) {
        return report_set(report, S_INVALID,
                          "no address is known of '%s', where the others shall dial it: set listen there, and say --endpoint tcp://HOST:PORT, or "
                          "--endpoint none where sticks alone go there",
                          name);
    }
    if (node->endpoint[0] && promotion->is_without) {
        return report_set(report, S_USAGE, "--endpoint none: '%s' is dialed at %s", name, node->endpoint);
    }
    return S_OK;
}

static enum status promotion_write(struct promotion *promotion, size_t *moved_out)
{
    enum status status = readmit(promotion, promotion->node, NODE_HUB, NULL, promotion->endpoint);

    if (status == S_OK) {
        status = everybody_move(promotion, moved_out);
    }
    if (status == S_OK && !promotion->old->is_revoked) {
        status = readmit(promotion, promotion->old, promotion->old_kind, &promotion->node->node, promotion->is_lost ? "" : NULL);
    }
    return status;
}

static enum status promote_run(struct command_context *context)
{
    struct promotion promotion = {.endpoint = command_option(context, "endpoint")};
    const char *old = command_option(context, "old-hub");
    size_t moved = 0;
    enum status status = proposal_open(context, &promotion.proposal);

    promotion.is_without = promotion.endpoint && strcmp(promotion.endpoint, "none") == 0;
    promotion.endpoint = promotion.is_without ? NULL : promotion.endpoint;

    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    if (status == S_OK) {
        status = node_take(&promotion, context->argv[0]);
    }
    if (status == S_OK) {
        status = old_take(&promotion, old);
    }
    if (status == S_OK) {
        status = promotion_write(&promotion, &moved);
    }
    if (status == S_OK) {
        status = proposal_end(&promotion.proposal);
    }
    if (status == S_OK) {
        fprintf(context->err, "'%s' is the hub%s; %zu nodes move below it from '%s', which is %s.\n", promotion.node->name,
                promotion.proposal.out ? ", once the paper is published" : "", moved, promotion.old->name,
                promotion.old->is_revoked ? "revoked" : node_kind_name(promotion.old_kind));
        if (promotion.is_lost && !promotion.old->is_revoked) {
            fprintf(context->err,
                    "'%s' stays a member whose figures are late. When it is gone for good, qanat peer revoke it at '%s', or let another machine\n"
                    "take its place (qanat invite --replaces), once every node below was in step there.\n",
                    promotion.old->name, promotion.node->name);
        }
        if (!promotion.is_lost && promotion.old_kind == NODE_HUB && !promotion.old->is_revoked) {
            fprintf(context->err, "It stays a hub until qanat demote: wait until '%s' is in step with it.\n", promotion.node->name);
        }
    }
    proposal_close(&promotion.proposal);
    return status;
}

/* --- demote --------------------------------------------------------------------------------------------------- */

static enum status demote_check(struct promotion *promotion, const char *name, const char *word, enum node_kind *kind_out)
{
    struct report *report = &promotion->proposal.context->report;
    const struct roster_node *node;

    if (!word || !node_kind_parse(word, kind_out) || *kind_out == NODE_HUB || *kind_out == NODE_CAMPUS) {
        return report_set(report, S_USAGE, "what does it become? say --kind national|training|regional");
    }
    node = roster_member(promotion->proposal.roster, name, report);
    if (!node) {
        return S_NOT_FOUND;
    }
    if (node->is_revoked || node->kind != NODE_HUB) {
        return report_set(report, S_EXISTS, "'%s' is no hub any more", name);
    }
    if (!roster_uplink(promotion->proposal.roster, &node->node)) {
        return report_set(report, S_DENIED, "'%s' has no hub above it: qanat promote another node first", name);
    }
    promotion->node = node;
    return S_OK;
}

static enum status demote_run(struct command_context *context)
{
    struct promotion promotion = {0};
    const char *word = command_option(context, "kind");
    enum node_kind kind;
    enum status status = proposal_open(context, &promotion.proposal);

    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    if (status == S_OK) {
        status = demote_check(&promotion, context->argv[0], word, &kind);
    }
    if (status == S_OK) {
        status = readmit(&promotion, promotion.node, kind, &promotion.node->parent, NULL);
    }
    if (status == S_OK) {
        status = proposal_end(&promotion.proposal);
    }
    proposal_close(&promotion.proposal);
    return status;
}

const struct command promote_commands[] = {
    {"promote", NEEDS_WRITE, "NAME --key FILE [--key FILE]... [--old-hub KIND|lost] [--endpoint tcp://HOST:PORT|none] [--out FILE]",
     "make another node the hub",
     "Signed by the authority, at any node that runs or does not. NAME becomes the hub; the nodes below the former hub go below it\n"
     "(but its own campuses stay, unless it is lost), dial it from then on, and their results come up to it. The former hub stays\n"
     "a hub below the new one, so that nothing is lost;\n"
     "qanat demote makes it something else once the new one is in step with it (or at once: --old-hub national). When the former hub is\n"
     "lost for good, say --old-hub lost: it is a centre without an address then, and every node below brings its results anew. Do that at\n"
     "the node that becomes the hub: it calls the others by itself where their address is known. Where it is not, carry a paper (--out, then qanat\n"
     "authority publish there). Where sticks alone go there say --endpoint none: the news is in every bundle.\n"
     "With several keys to an authority, see qanat authority propose for signing in turns.\n\n"
     "  qanat promote --dir /var/lib/qanat \"Ain Shams University\" --key /media/stick/authority.key --old-hub lost",
     promote_run},
    {"demote", NEEDS_WRITE, "NAME --kind KIND --key FILE [--key FILE]... [--out FILE]", "make a former hub something else",
     "For the hub before, once the new one holds all that it held (qanat status there says in step): as national, training or regional\n"
     "centre it keeps its own figures and those of the nodes below it, and is sent no others any more. What it holds of others already\n"
     "stays a copy: should the new hub be lost, whoever is promoted next is brought it.\n\n"
     "  qanat demote --dir /var/lib/qanat \"IIOE\" --kind training --key /media/stick/authority.key",
     demote_run},
    {0},
};
