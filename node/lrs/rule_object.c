/* What a statement is about: xAPI 1.0.3 part 2 section 2.4.4, IEEE 9274.1.1 section 4.2.2.3. */
#include "node/lrs/rule.h"

static bool rule_activity_type(struct rules *rules, const struct tree *value)
{
    return tree_is_text(value, "Activity") || rule_fault(rules, "must be \"Activity\"");
}

/* --- interactions --- */

/* Each type with the lists of components it may bring. */
static const struct interaction {
    const char *type;
    const char *lists[2];
} interactions[] = {
    {"choice", {"choices", NULL}},    {"sequencing", {"choices", NULL}},
    {"likert", {"scale", NULL}},      {"matching", {"source", "target"}},
    {"performance", {"steps", NULL}}, {"true-false", {NULL, NULL}},
    {"fill-in", {NULL, NULL}},        {"long-fill-in", {NULL, NULL}},
    {"numeric", {NULL, NULL}},        {"other", {NULL, NULL}},
};

enum { INTERACTION_COUNT = sizeof interactions / sizeof *interactions, COMPONENTS_MAX = 4096 };

static const struct interaction *interaction_find(const struct tree *type)
{
    for (size_t i = 0; type && i < INTERACTION_COUNT; i++) {
        if (tree_is_text(type, interactions[i].type)) {
            return &interactions[i];
        }
    }
    return NULL;
}

static bool rule_interaction_type(struct rules *rules, const struct tree *value)
{
    return interaction_find(value) || rule_fault(rules, "is no type of interaction");
}

static bool rule_patterns(struct rules *rules, const struct tree *value)
{
    return rule_array(rules, value, rule_string);
}

static bool rule_component(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "id", .check = rule_string, .is_required = true},
        {.name = "description", .check = rule_language_map},
    };

    return RULE_OBJECT(rules, value, table);
}

static bool rule_components(struct rules *rules, const struct tree *value)
{
    if (!rule_array(rules, value, rule_component)) {
        return false;
    }
    if (value->count > COMPONENTS_MAX) {
        return rule_fault(rules, "has too many components");
    }
    for (const struct tree *a = value->first; a; a = a->next) {
        for (const struct tree *b = a->next; b; b = b->next) {
            if (bytes_equal(tree_text(a, "id"), tree_text(b, "id"))) {
                return rule_fault(rules, "has two components of one id");
            }
        }
    }
    return true;
}

/* Lists of components only beside a type that has them. */
static bool interaction_fits(struct rules *rules, const struct tree *definition)
{
    static const char *const lists[] = {"choices", "scale", "source", "target", "steps"};
    const struct interaction *interaction = interaction_find(tree_find(definition, "interactionType"));

    if (!interaction && tree_find(definition, "correctResponsesPattern")) {
        return rule_fault(rules, "a correctResponsesPattern needs an interactionType");
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (!tree_find(definition, lists[i])) {
            continue;
        }
        bool is_known = false;
        for (size_t k = 0; interaction && k < 2; k++) {
            is_known = is_known || (interaction->lists[k] &&
                                    bytes_equal(bytes_text(interaction->lists[k]), bytes_text(lists[i])));
        }
        if (!is_known) {
            return rule_fault(rules, "a list of components does not go with this interactionType");
        }
    }
    return true;
}

bool rule_definition(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "name", .check = rule_language_map},
        {.name = "description", .check = rule_language_map},
        {.name = "type", .check = rule_iri},
        {.name = "moreInfo", .check = rule_iri},
        {.name = "extensions", .check = rule_extensions},
        {.name = "interactionType", .check = rule_interaction_type},
        {.name = "correctResponsesPattern", .check = rule_patterns},
        {.name = "choices", .check = rule_components},
        {.name = "scale", .check = rule_components},
        {.name = "source", .check = rule_components},
        {.name = "target", .check = rule_components},
        {.name = "steps", .check = rule_components},
    };

    return RULE_OBJECT(rules, value, table) && interaction_fits(rules, value);
}

/* --- kinds of objects --- */

bool rule_activity(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "objectType", .check = rule_activity_type},
        {.name = "id", .check = rule_iri, .is_required = true},
        {.name = "definition", .check = rule_definition},
    };

    return RULE_OBJECT(rules, value, table);
}

static bool rule_reference_type(struct rules *rules, const struct tree *value)
{
    return tree_is_text(value, "StatementRef") || rule_fault(rules, "must be \"StatementRef\"");
}

bool rule_reference(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "objectType", .check = rule_reference_type, .is_required = true},
        {.name = "id", .check = rule_uuid, .is_required = true},
    };

    return RULE_OBJECT(rules, value, table);
}

bool rule_part_object(struct rules *rules, const struct tree *value)
{
    const struct tree *type = tree_find(value, "objectType");

    if (!type || tree_is_text(type, "Activity")) {
        return rule_activity(rules, value);
    }
    if (tree_is_text(type, "Agent") || tree_is_text(type, "Group")) {
        return rule_actor(rules, value);
    }
    return tree_is_text(type, "StatementRef")
               ? rule_reference(rules, value)
               : rule_fault(rules, "has an objectType that may not stand here");
}

static bool rule_part_type(struct rules *rules, const struct tree *value)
{
    (void)rules, (void)value;
    return true; /* the caller has looked */
}

static bool rule_part(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "objectType", .check = rule_part_type, .is_required = true},
        {.name = "actor", .check = rule_actor, .is_required = true},
        {.name = "verb", .check = rule_verb, .is_required = true},
        {.name = "object", .check = rule_part_object, .is_required = true},
        {.name = "result", .check = rule_result},
        {.name = "context", .check = rule_context},
        {.name = "timestamp", .check = rule_time},
        {.name = "attachments", .check = rule_attachments},
    };

    return RULE_OBJECT(rules, value, table) && rule_together(rules, value);
}

bool rule_any_object(struct rules *rules, const struct tree *value)
{
    return tree_is_text(tree_find(value, "objectType"), "SubStatement") ? rule_part(rules, value)
                                                                        : rule_part_object(rules, value);
}

bool rule_is_activity(const struct tree *object)
{
    const struct tree *type = tree_find(object, "objectType");

    return !type || tree_is_text(type, "Activity");
}

bool rule_together(struct rules *rules, const struct tree *whole)
{
    const struct tree *object = tree_find(whole, "object"), *context = tree_find(whole, "context");

    if (!rule_is_activity(object) && (tree_find(context, "revision") || tree_find(context, "platform"))) {
        return rule_fault(rules, "context.revision and context.platform may only stand beside an activity");
    }
    if (tree_is_text(tree_find(tree_find(whole, "verb"), "id"), RULE_VOIDED) &&
        !tree_is_text(tree_find(object, "objectType"), "StatementRef")) {
        return rule_fault(rules, "what is voided must be a StatementRef");
    }
    return true;
}
