#include "node/learn/import/import_cmi5_structure.h"

#include <string.h>
#include <strings.h>

enum { PARTS_MAX = 8 };

/* What may stand in an element. */
static const struct element {
    const char *name;
    const char *once[PARTS_MAX], *often[PARTS_MAX]; /* each ends in NULL */
    const char *needed;                             /* must be there, or NULL */
} elements[] = {
    {"courseStructure", {"course", "objectives"}, {"block", "au"}, "course"},
    {"course", {"title", "description"}, {NULL}, NULL},
    {"objectives", {NULL}, {"objective"}, NULL},
    {"objective", {"title", "description"}, {NULL}, NULL},
    {"block", {"title", "description", "objectives"}, {"block", "au"}, NULL},
    {"au", {"title", "description", "objectives", "url", "launchParameters", "entitlementKey"}, {NULL}, "url"},
    {"title", {NULL}, {"langstring"}, NULL},
    {"description", {NULL}, {"langstring"}, NULL},
};

static const char *const unit_attributes[] = {"id", "moveOn", "masteryScore", "launchMethod", "activityType", NULL};

static bool is_in(const char *const *list, const char *name, bool is_any_case)
{
    while (*list && (is_any_case ? strcasecmp(*list, name) : strcmp(*list, name)) != 0) {
        list++;
    }
    return *list != NULL;
}

static const struct element *element_find(const char *name)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        if (strcmp(elements[i].name, name) == 0) {
            return &elements[i];
        }
    }
    return NULL;
}

/* An element of the structure's own namespace. */
static bool is_own(const xmlNode *node, const xmlNode *top)
{
    const char *name = node->ns && node->ns->href ? (const char *)node->ns->href : "", *own = top->ns && top->ns->href ? (const char *)top->ns->href : "";

    return node->type == XML_ELEMENT_NODE && strcmp(name, own) == 0;
}

/* Tells the element to a person: <au> "https://example.org/1". */
static enum status refuse(struct import_source *source, const xmlNode *node, const char *what, const char *name, struct report *report)
{
    const struct bytes id = import_xml_attribute(source, node, "id");

    return report_set(report, S_INVALID, "cmi5.xml, line %u: <%s>%s%.*s%s %s %s", (unsigned)node->line, (const char *)node->name,
                      id.size ? " \"" : "", (int)id.size, (const char *)id.data, id.size ? "\"" : "", what, name);
}

static enum status parts_check(struct import_source *source, const xmlNode *node, const xmlNode *top, const struct element *element, struct report *report)
{
    char text[80];
    bool has_needed = !element->needed;

    for (const xmlNode *part = node->children; part; part = part->next) {
        if (!is_own(part, top)) {
            continue;
        }
        const char *name = (const char *)part->name;
        snprintf(text, sizeof text, "<%.60s>", name);
        if (!is_in(element->once, name, false) && !is_in(element->often, name, false)) {
            return refuse(source, node, "cannot hold", text, report);
        }
        for (const xmlNode *other = part->prev; is_in(element->once, name, false) && other; other = other->prev) {
            if (is_own(other, top) && strcmp((const char *)other->name, name) == 0) {
                return refuse(source, node, "has more than one", text, report);
            }
        }
        has_needed = has_needed || strcmp(name, element->needed) == 0;
    }
    snprintf(text, sizeof text, "<%s>", has_needed ? "" : element->needed);
    return has_needed ? S_OK : refuse(source, node, "lacks its", text, report);
}

static enum status attributes_check(struct import_source *source, const xmlNode *node, struct report *report)
{
    char text[80];

    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        if (!attribute->ns && !is_in(unit_attributes, (const char *)attribute->name, true)) {
            snprintf(text, sizeof text, "\"%.60s\"", (const char *)attribute->name);
            return refuse(source, node, "cannot have the attribute", text, report);
        }
    }
    return S_OK;
}

enum status import_cmi5_structure_check(struct import_source *source, xmlNode *top, struct report *report)
{
    enum status status = S_OK;

    for (xmlNode *node = top; node && status == S_OK; node = import_xml_walk(node, top)) {
        const struct element *element = is_own(node, top) ? element_find((const char *)node->name) : NULL;
        if (element) {
            status = parts_check(source, node, top, element, report);
        }
        if (status == S_OK && element && strcmp(element->name, "au") == 0) {
            status = attributes_check(source, node, report);
        }
    }
    return status;
}
