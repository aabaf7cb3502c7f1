#include "node/learn/import/import_sequencing.h"

#include <string.h>

struct sequencing {
    struct import_source *source;
    xmlNode *manifest, *node; /* node: the item or organization */
    json_t *out;
};

static json_t *text_json(struct bytes text)
{
    return json_stringn(text.size ? (const char *)text.data : "", text.size);
}

static json_t *attributes_json(struct import_source *source, xmlNode *node)
{
    json_t *object = json_object();

    for (xmlAttr *attribute = node ? node->properties : NULL; attribute; attribute = attribute->next) {
        const char *name = (const char *)attribute->name;
        json_object_set_new(object, name, text_json(import_xml_attribute(source, node, name)));
    }
    return object;
}

static bool is_empty(xmlNode *node)
{
    return !node || (!node->properties && !node->children);
}

xmlNode *import_sequencing_of(struct import_source *source, xmlNode *manifest, xmlNode *node,
                              const char *name)
{
    xmlNode *own = import_xml_child(node, "sequencing");
    struct bytes wanted = import_xml_attribute(source, own, "IDRef");
    xmlNode *other = import_xml_child(import_xml_child(manifest, "sequencingCollection"), "sequencing");

    if (wanted.size == 0 || import_xml_child(own, name)) {
        return own;
    }
    while (other && !bytes_equal(import_xml_attribute(source, other, "ID"), wanted)) {
        other = import_xml_next(other, "sequencing");
    }
    return other;
}

/* The element called `name`, the item's own or of its collection. */
static xmlNode *part(const struct sequencing *sequencing, const char *name)
{
    return import_xml_child(
        import_sequencing_of(sequencing->source, sequencing->manifest, sequencing->node, name), name);
}

static void attributes_add(const struct sequencing *sequencing, const char *name)
{
    xmlNode *node = part(sequencing, name);

    if (!is_empty(node)) {
        json_object_set_new(sequencing->out, name, attributes_json(sequencing->source, node));
    }
}

/* Attributes of all children called `name`. */
static json_t *list_json(struct import_source *source, xmlNode *parent, const char *name)
{
    json_t *list = json_array();

    for (xmlNode *node = import_xml_child(parent, name); node && json_array_size(list) < SEQUENCING_RULES_MAX;
         node = import_xml_next(node, name)) {
        json_array_append_new(list, attributes_json(source, node));
    }
    return list;
}

/* A rule of sequencing or of rollup: its own attributes, its conditions, its action. */
static json_t *rule_json(struct import_source *source, xmlNode *rule, const char *const names[3])
{
    xmlNode *conditions = import_xml_child(rule, names[0]);
    json_t *object = attributes_json(source, rule);
    struct bytes combination = import_xml_attribute(source, conditions, "conditionCombination");

    if (combination.size > 0) {
        json_object_set_new(object, "conditionCombination", text_json(combination));
    }
    json_object_set_new(object, "conditions", list_json(source, conditions, names[1]));
    json_object_set_new(object, "action",
                        text_json(import_xml_attribute(source, import_xml_child(rule, names[2]), "action")));
    return object;
}

static json_t *rules_json(struct import_source *source, xmlNode *parent, const char *name,
                          const char *const names[3])
{
    json_t *list = json_array();

    for (xmlNode *rule = import_xml_child(parent, name); rule && json_array_size(list) < SEQUENCING_RULES_MAX;
         rule = import_xml_next(rule, name)) {
        json_array_append_new(list, rule_json(source, rule, names));
    }
    return list;
}

static void rules_add(const struct sequencing *sequencing)
{
    static const char *const kinds[] = {"preConditionRule", "exitConditionRule", "postConditionRule"};
    static const char *const names[3] = {"ruleConditions", "ruleCondition", "ruleAction"};
    static const char *const rollup_names[3] = {"rollupConditions", "rollupCondition", "rollupAction"};
    xmlNode *rules = part(sequencing, "sequencingRules"), *rollup = part(sequencing, "rollupRules");

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (import_xml_child(rules, kinds[i])) {
            json_object_set_new(sequencing->out, kinds[i],
                                rules_json(sequencing->source, rules, kinds[i], names));
        }
    }
    if (!is_empty(rollup)) {
        json_t *object = attributes_json(sequencing->source, rollup);
        json_object_set_new(object, "rules",
                            rules_json(sequencing->source, rollup, "rollupRule", rollup_names));
        json_object_set_new(sequencing->out, "rollup", object);
    }
}

static json_t *objective_json(struct import_source *source, xmlNode *node, xmlNode *extensions)
{
    json_t *object = attributes_json(source, node);
    struct bytes id = import_xml_attribute(source, node, "objectiveID");
    struct bytes measure = import_xml_text(source, import_xml_child(node, "minNormalizedMeasure"));
    json_t *maps = list_json(source, node, "mapInfo");

    if (import_xml_is(node, "primaryObjective")) {
        json_object_set_new(object, "primary", json_true());
    }
    if (measure.size > 0) {
        json_object_set_new(object, "minNormalizedMeasure", text_json(measure));
    }
    /* 4th edition: adlseq:objectives map raw scores, completion and progress of the same objective. */
    for (xmlNode *more = import_xml_child(extensions, "objective"); more;
         more = import_xml_next(more, "objective")) {
        if (bytes_equal(import_xml_attribute(source, more, "objectiveID"), id)) {
            json_t *own = list_json(source, more, "mapInfo");
            for (size_t i = 0; i < json_array_size(own); i++) {
                json_object_set_new(json_array_get(own, i), "adl", json_true());
            }
            json_array_extend(maps, own);
            json_decref(own);
        }
    }
    if (json_array_size(maps) > 0) {
        json_object_set(object, "maps", maps);
    }
    json_decref(maps);
    return object;
}

/* The element imsss:objectives of a sequencing element, and adlseq:objectives: the one with a
 * primaryObjective is the first kind, which stands first (CAM 5.1.7). */
static void objectives_add(const struct sequencing *sequencing)
{
    xmlNode *objectives = part(sequencing, "objectives");
    xmlNode *extensions = objectives ? import_xml_next(objectives, "objectives") : NULL;
    xmlNode *primary = import_xml_child(objectives, "primaryObjective");
    json_t *list = json_array();

    if (primary) {
        json_array_append_new(list, objective_json(sequencing->source, primary, extensions));
    }
    for (xmlNode *node = import_xml_child(objectives, "objective");
         node && json_array_size(list) < SEQUENCING_RULES_MAX; node = import_xml_next(node, "objective")) {
        json_array_append_new(list, objective_json(sequencing->source, node, extensions));
    }
    if (json_array_size(list) > 0) {
        json_object_set(sequencing->out, "objectives", list);
    }
    json_decref(list);
}

/* What stands beside the sequencing element: adlnav:presentation, isvisible, completionThreshold, adlcp:data.
 */
static void presentation_add(const struct sequencing *sequencing)
{
    struct import_source *source = sequencing->source;
    xmlNode *interface =
        import_xml_child(import_xml_child(sequencing->node, "presentation"), "navigationInterface");
    xmlNode *threshold = import_xml_child(sequencing->node, "completionThreshold");
    xmlNode *data = import_xml_child(sequencing->node, "data");
    json_t *hide = json_array();

    for (xmlNode *node = import_xml_child(interface, "hideLMSUI");
         node && json_array_size(hide) < SEQUENCING_RULES_MAX; node = import_xml_next(node, "hideLMSUI")) {
        json_array_append_new(hide, text_json(import_xml_text(source, node)));
    }
    if (json_array_size(hide) > 0) {
        json_object_set(sequencing->out, "hide", hide);
    }
    json_decref(hide);
    if (bytes_equal(import_xml_attribute(source, sequencing->node, "isvisible"), bytes_text("false"))) {
        json_object_set_new(sequencing->out, "visible", json_false());
    }
    if (threshold && threshold->properties) {
        json_object_set_new(sequencing->out, "completionThreshold", attributes_json(source, threshold));
    }
    if (import_xml_child(data, "map")) {
        json_object_set_new(sequencing->out, "data", list_json(source, data, "map"));
    }
}

json_t *import_sequencing_json(struct import_source *source, xmlNode *manifest, xmlNode *node)
{
    static const char *const plain[] = {"controlMode",           "limitConditions",
                                        "randomizationControls", "deliveryControls",
                                        "rollupConsiderations",  "constrainedChoiceConsiderations"};
    struct sequencing sequencing = {source, manifest, node, json_object()};

    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        attributes_add(&sequencing, plain[i]);
    }
    rules_add(&sequencing);
    objectives_add(&sequencing);
    presentation_add(&sequencing);
    return sequencing.out;
}

bool import_sequencing_is_in(xmlNode *organization)
{
    xmlNode *node = import_xml_child(organization, "item");
    bool has_any = import_xml_child(organization, "sequencing") != NULL;
    unsigned opened = 0;

    while (node) {
        xmlNode *child = import_xml_child(node, "item");

        has_any = has_any || import_xml_child(node, "sequencing") || import_xml_child(node, "presentation");
        opened += child ? 0 : 1;
        if (child) {
            node = child;
            continue;
        }
        while (node != organization && !import_xml_next(node, "item")) {
            node = node->parent;
        }
        node = node == organization ? NULL : import_xml_next(node, "item");
    }
    return has_any && opened > 1;
}
