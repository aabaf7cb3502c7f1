#include "node/learn/import/import_submanifest.h"

#include <strings.h>

xmlNode *import_organization_of(struct import_source *source, xmlNode *manifest, struct bytes *missing_out)
{
    xmlNode *list = import_xml_child(manifest, "organizations");
    xmlNode *first = import_xml_child(list, "organization");
    struct bytes wanted = import_xml_attribute(source, list, "default");

    for (xmlNode *node = first; node && wanted.size > 0; node = import_xml_next(node, "organization")) {
        if (bytes_equal(import_xml_attribute(source, node, "identifier"), wanted)) {
            return node;
        }
    }
    if (first && wanted.size > 0 && missing_out) {
        *missing_out = wanted;
    }
    return first;
}

struct nested {
    struct bytes id;
    xmlNode *manifest;
};

static size_t find_nested(struct import_source *source, xmlNode *manifest, struct nested *list)
{
    size_t count = 0;

    for (xmlNode *node = import_xml_walk(manifest, manifest); node && count < SUBMANIFESTS_MAX; node = import_xml_walk(node, manifest)) {
        if (import_xml_is(node, "manifest")) {
            list[count++] = (struct nested){import_xml_attribute(source, node, "identifier"), node};
        }
    }
    return count;
}

static bool is_inside(const xmlNode *node, const xmlNode *of)
{
    while (node && node != of) {
        node = node->parent;
    }
    return node != NULL;
}

static void remove_attribute(xmlNode *node, const char *name)
{
    xmlAttr *attribute = node->properties;

    while (attribute && strcasecmp((const char *)attribute->name, name) != 0) {
        attribute = attribute->next;
    }
    if (attribute) {
        xmlRemoveProp(attribute);
    }
}

/* An item inside of the manifest that it refers to would hold itself. */
static void unfold(struct import_source *source, xmlNode *item, xmlNode *nested)
{
    xmlNode *organization = import_organization_of(source, nested, NULL), *node;

    if (is_inside(item, nested)) {
        return;
    }
    while ((node = import_xml_child(organization, "item"))) {
        xmlUnlinkNode(node);
        xmlAddChild(item, node);
    }
    remove_attribute(item, "identifierref");
}

void import_submanifests_unfold(struct import_source *source, xmlNode *manifest)
{
    static struct nested list[SUBMANIFESTS_MAX];
    size_t count = find_nested(source, manifest, list);

    for (xmlNode *node = manifest; count > 0 && node; node = import_xml_walk(node, manifest)) {
        struct bytes reference = import_xml_is(node, "item") ? import_xml_attribute(source, node, "identifierref") : bytes_of("", 0);

        for (size_t i = 0; reference.size > 0 && i < count; i++) {
            if (bytes_equal(reference, list[i].id)) {
                unfold(source, node, list[i].manifest);
                break;
            }
        }
    }
}
