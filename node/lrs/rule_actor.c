/* Agents and groups: xAPI 1.0.3 part 2 section 2.4.2, IEEE 9274.1.1 section 4.2.2.1. */
#include "node/lrs/rule.h"

static bool rule_mbox(struct rules *rules, const struct tree *value)
{
    return (value->type == TREE_STRING && format_is_mailto(value->text)) ||
           rule_fault(rules, "must be an IRI \"mailto:NAME@DOMAIN\"");
}

static bool rule_mbox_sum(struct rules *rules, const struct tree *value)
{
    return (value->type == TREE_STRING && format_is_hex(value->text, 40)) ||
           rule_fault(rules, "must be a SHA-1 of 40 hexadecimal digits");
}

static bool rule_account(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "homePage", .check = rule_iri, .is_required = true},
        {.name = "name", .check = rule_string, .is_required = true},
    };

    return RULE_OBJECT(rules, value, table);
}

static bool rule_agent_type(struct rules *rules, const struct tree *value)
{
    return tree_is_text(value, "Agent") || rule_fault(rules, "must be \"Agent\"");
}

static bool rule_group_type(struct rules *rules, const struct tree *value)
{
    return tree_is_text(value, "Group") || rule_fault(rules, "must be \"Group\"");
}

/* How many inverse functional identifiers it has. */
static int identifiers(const struct tree *actor)
{
    static const char *const names[] = {"mbox", "mbox_sha1sum", "openid", "account"};
    int count = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        count += tree_find(actor, names[i]) != NULL;
    }
    return count;
}

bool rule_agent(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "objectType", .check = rule_agent_type},
        {.name = "name", .check = rule_string},
        {.name = "mbox", .check = rule_mbox},
        {.name = "mbox_sha1sum", .check = rule_mbox_sum},
        {.name = "openid", .check = rule_iri},
        {.name = "account", .check = rule_account},
    };

    if (!RULE_OBJECT(rules, value, table)) {
        return false;
    }
    return identifiers(value) == 1 ||
           rule_fault(rules, "must have exactly one of mbox, mbox_sha1sum, openid, account");
}

static bool rule_members(struct rules *rules, const struct tree *value)
{
    return rule_array(rules, value, rule_agent);
}

bool rule_group(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "objectType", .check = rule_group_type, .is_required = true},
        {.name = "name", .check = rule_string},
        {.name = "member", .check = rule_members},
        {.name = "mbox", .check = rule_mbox},
        {.name = "mbox_sha1sum", .check = rule_mbox_sum},
        {.name = "openid", .check = rule_iri},
        {.name = "account", .check = rule_account},
    };

    if (!RULE_OBJECT(rules, value, table)) {
        return false;
    }
    int count = identifiers(value);
    const struct tree *member = tree_find(value, "member");
    if (count > 1) {
        return rule_fault(rules, "must have at most one of mbox, mbox_sha1sum, openid, account");
    }
    return count == 1 || (member && member->count > 0) ||
           rule_fault(rules, "a group without identifier must have members");
}

bool rule_actor(struct rules *rules, const struct tree *value)
{
    return tree_is_text(tree_find(value, "objectType"), "Group") ? rule_group(rules, value)
                                                                 : rule_agent(rules, value);
}

bool rule_authority(struct rules *rules, const struct tree *value)
{
    if (!rule_actor(rules, value)) {
        return false;
    }
    if (!tree_is_text(tree_find(value, "objectType"), "Group")) {
        return true;
    }
    const struct tree *member = tree_find(value, "member");
    return (identifiers(value) == 0 && member && member->count == 2) ||
           rule_fault(rules, "a group as authority must be anonymous and have two members");
}

bool rule_agent_parameter(struct rules *rules, const struct tree *agent)
{
    if (!rule_actor(rules, agent)) {
        return false;
    }
    return identifiers(agent) == 1 || rule_fault(rules, "must be an agent or an identified group");
}
