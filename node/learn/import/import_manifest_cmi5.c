/* cmi5.xml: the course structure of a cmi5 package: blocks and assignable units (AU). Source: cmi5 Quartz,
 * section 13. */
#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_xml.h"

/* The first language text of `node`'s child `name`. */
static struct bytes lang_text(struct import_source *source, xmlNode *node, const char *name,
                              struct bytes *lang_out)
{
    xmlNode *text = import_xml_child(import_xml_child(node, name), "langstring");

    if (lang_out) {
        *lang_out = import_xml_attribute(source, text, "lang");
    }
    return import_xml_text(source, text);
}

/* What the LMS tells the unit and judges it by. */
static struct bytes unit_details(struct import_source *source, xmlNode *node, double mastery)
{
    xmlNode *course = import_xml_child(xmlDocGetRootElement(node->doc), "course");
    const struct import_detail details[] = {
        {.name = "course", .text = import_xml_attribute(source, course, "id"), .number = -1},
        {.name = "moveOn", .text = import_xml_attribute(source, node, "moveOn"), .number = -1},
        {.name = "launchMethod", .text = import_xml_attribute(source, node, "launchMethod"), .number = -1},
        {.name = "launchParameters", .text = import_xml_text(source, import_xml_child(node, "launchParameters")), .number = -1},
        {.name = "entitlementKey", .text = import_xml_text(source, import_xml_child(node, "entitlementKey")), .number = -1},
        {.name = "activityType", .text = import_xml_attribute(source, node, "activityType"), .number = -1},
        {.name = "masteryScore", .number = mastery},
        {.name = NULL},
    };

    return import_source_details(source, details);
}

static enum status open_unit(struct import_source *source, xmlNode *node, struct course_item *item,
                             struct report *report)
{
    struct bytes url = import_xml_text(source, import_xml_child(node, "url"));
    double mastery = -1;

    item->kind = bytes_text("au");
    if (import_xml_number(import_xml_attribute(source, node, "masteryScore"), &mastery)) {
        if (mastery < 0 || mastery > 1) {
            return report_set(report, S_INVALID,
                              "cmi5.xml: the mastery score of \"%.*s\" is not between 0 and 1",
                              (int)item->title.size, (const char *)item->title.data);
        }
        item->mastery_percent = (int32_t)(mastery * 100 + 0.5);
    } else {
        mastery = -1;
    }
    item->details = unit_details(source, node, mastery);
    if (import_source_resolve(source, source->root, url, &item->entry) == TARGET_MISSING) {
        return report_set(
            report, S_INVALID, "cmi5.xml: unit \"%.*s\" opens \"%.*s\", which is not in the package",
            (int)item->title.size, (const char *)item->title.data, (int)url.size, (const char *)url.data);
    }
    return S_OK;
}

static enum status add_node(struct import_source *source, xmlNode *node, uint32_t depth,
                            struct report *report)
{
    struct course_item item = {
        .depth = depth, .mastery_percent = -1, .entry = bytes_of("", 0), .kind = bytes_text("heading")};
    enum status status = S_OK;

    item.id = import_xml_attribute(source, node, "id");
    item.title = lang_text(source, node, "title", NULL);
    item.title = item.title.size > 0 ? item.title : item.id;
    if (import_xml_is(node, "au")) {
        status = open_unit(source, node, &item, report);
    }
    import_source_add_item(source, item);
    return status;
}

/* The first of `node` and its later siblings that is a block or a unit. */
static xmlNode *part_from(xmlNode *node)
{
    while (node && !import_xml_is(node, "block") && !import_xml_is(node, "au")) {
        node = node->next;
    }
    return node;
}

static enum status add_parts(struct import_source *source, xmlNode *top, struct report *report)
{
    xmlNode *node = part_from(top->children);
    uint32_t depth = 0;

    while (node) {
        xmlNode *child = import_xml_is(node, "block") ? part_from(node->children) : NULL;
        enum status status = add_node(source, node, depth, report);

        if (status != S_OK) {
            return status;
        }
        if (child) {
            node = child;
            depth++;
            continue;
        }
        while (node != top && !part_from(node->next)) {
            node = node->parent;
            depth -= node != top ? 1 : 0;
        }
        node = node == top ? NULL : part_from(node->next);
    }
    return S_OK;
}

enum status import_manifest_cmi5(struct import_source *source, const struct import_file *file,
                                 struct report *report)
{
    struct import_description *description = &source->description;
    xmlDoc *doc = import_xml_parse(file, report);
    xmlNode *top;
    struct bytes lang;
    enum status status;

    if (!doc) {
        return report->status;
    }
    top = xmlDocGetRootElement(doc);
    description->format = PACKAGE_CMI5;
    if (!top || !import_xml_is(top, "courseStructure") || !import_xml_child(top, "course")) {
        status = report_set(report, S_INVALID,
                            "cmi5.xml does not begin with a <courseStructure> that holds a <course>");
    } else {
        description->title = lang_text(source, import_xml_child(top, "course"), "title", &lang);
        description->lang = lang.size <= LANG_MAX ? lang : bytes_of("", 0);
        status = add_parts(source, top, report);
        if (status == S_OK && source->items.size == 0) {
            status = report_set(report, S_INVALID, "cmi5.xml has no assignable unit");
        }
    }
    xmlFreeDoc(doc);
    return status;
}
