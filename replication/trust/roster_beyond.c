#include "replication/trust/roster_beyond.h"

#include "replication/base/check.h"
#include "replication/trust/identity.h"
#include "replication/trust/statement.h"

/* Does `signer` stand at `node` or above it, or is what stands above it not known? By the places where nodes are, or where their admissions put them. */
static bool may_stand_above(const struct roster *roster, const struct id *signer, const struct id *node, bool is_as_stated)
{
    const struct roster_node *at = roster_find(roster, node);

    for (int step = 0; step <= ROSTER_DEPTH_MAX && at; step++) {
        const struct id *parent = is_as_stated ? &at->stated_parent : &at->parent;
        if (id_equal(&at->node, signer)) {
            return true;
        }
        if (id_is_none(parent)) {
            return false;
        }
        at = roster_find(roster, parent);
    }
    return true;
}

static bool stands_above(const struct roster *roster, const struct id *signer, const struct id *node)
{
    return may_stand_above(roster, signer, node, false) || may_stand_above(roster, signer, node, true);
}

/* A member that never had the rights of a hub. */
static const struct roster_node *common_member(const struct roster *roster, const struct id *who)
{
    const struct roster_node *member = roster_find(roster, who);

    return member && !member->is_revoked && member->kind != NODE_HUB && !roster_was_hub(roster, who) ? member : NULL;
}

bool roster_is_beyond_node(const struct roster *roster, const struct id *who, const struct id *node)
{
    return common_member(roster, who) && roster_find(roster, node) && !stands_above(roster, who, node);
}

/* The node whose subtree it is about: the parent of whom it admits, or of whom it speaks. */
static bool is_about_others(const struct roster *roster, const struct roster_node *signer, const struct id *parent)
{
    if (id_is_none(parent)) {
        return true; /* a root: the authority's affair */
    }
    return signer->kind == NODE_CAMPUS || !stands_above(roster, &signer->node, parent);
}

bool roster_is_beyond(const struct roster *roster, struct bytes statement, struct id *signer_out)
{
    struct statement said;
    const struct roster_node *signer, *subject;

    if (statement_claim(statement, &said) != S_OK) {
        return false;
    }
    *signer_out = identity_node(said.signer_public);
    signer = common_member(roster, signer_out);
    if (!signer || roster_is_in_effect(roster, &said.hash) || said.at_ms < signer->placed_ms) { /* it stood elsewhere when it said so */
        return false;
    }
    subject = roster_find(roster, &said.node);
    switch (said.kind) {
    case STATEMENT_ADMIT:
        return said.admitted.kind == NODE_HUB || is_about_others(roster, signer, &said.admitted.parent);
    case STATEMENT_REVOKE:
    case STATEMENT_GRANT:
        return subject && is_about_others(roster, signer, &subject->parent) && is_about_others(roster, signer, &subject->stated_parent);
    case STATEMENT_REKEY:
    case STATEMENT_CLOSE:
        return !id_equal(signer_out, &said.node);
    case STATEMENT_AUTHORITY:
    case STATEMENT_COSIGN:
    case STATEMENT_ADOPT:
        return true; /* with a key that is a node's */
    }
    CHECK_NEVER("a kind");
    return false;
}
