/* Context: xAPI 1.0.3 part 2 section 2.4.6, IEEE 9274.1.1 section 4.2.2.5. */
#include "node/lrs/rule.h"

static bool rule_activities(struct rules *rules, const struct tree *value)
{
    return value->type == TREE_ARRAY ? rule_array(rules, value, rule_activity) : rule_activity(rules, value);
}

static bool rule_context_activities(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "parent", .check = rule_activities},
        {.name = "grouping", .check = rule_activities},
        {.name = "category", .check = rule_activities},
        {.name = "other", .check = rule_activities},
    };

    return RULE_OBJECT(rules, value, table) && (value->count > 0 || rule_fault(rules, "must not be empty"));
}

static bool rule_relevant_types(struct rules *rules, const struct tree *value)
{
    return rule_array(rules, value, rule_iri) && (value->count > 0 || rule_fault(rules, "must not be empty"));
}

static bool rule_context_agent_type(struct rules *rules, const struct tree *value)
{
    return tree_is_text(value, "contextAgent") || rule_fault(rules, "must be \"contextAgent\"");
}

static bool rule_context_agent(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "objectType", .check = rule_context_agent_type, .is_required = true},
        {.name = "agent", .check = rule_agent, .is_required = true},
        {.name = "relevantTypes", .check = rule_relevant_types},
    };

    return RULE_OBJECT(rules, value, table);
}

static bool rule_context_group_type(struct rules *rules, const struct tree *value)
{
    return tree_is_text(value, "contextGroup") || rule_fault(rules, "must be \"contextGroup\"");
}

static bool rule_context_group(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "objectType", .check = rule_context_group_type, .is_required = true},
        {.name = "group", .check = rule_group, .is_required = true},
        {.name = "relevantTypes", .check = rule_relevant_types},
    };

    return RULE_OBJECT(rules, value, table);
}

static bool rule_context_agents(struct rules *rules, const struct tree *value)
{
    return rule_array(rules, value, rule_context_agent);
}

static bool rule_context_groups(struct rules *rules, const struct tree *value)
{
    return rule_array(rules, value, rule_context_group);
}

bool rule_context(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "registration", .check = rule_uuid},
        {.name = "instructor", .check = rule_actor},
        {.name = "team", .check = rule_group},
        {.name = "contextActivities", .check = rule_context_activities},
        {.name = "contextAgents", .check = rule_context_agents, .is_new = true},
        {.name = "contextGroups", .check = rule_context_groups, .is_new = true},
        {.name = "revision", .check = rule_string},
        {.name = "platform", .check = rule_string},
        {.name = "language", .check = rule_language},
        {.name = "statement", .check = rule_reference},
        {.name = "extensions", .check = rule_extensions},
    };

    return RULE_OBJECT(rules, value, table);
}
