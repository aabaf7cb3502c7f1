#include "node/learn/import/import_link.h"

/* `top`: the first element of the link's own XML. */
static struct bytes link_in(struct import_source *source, xmlNode *top)
{
    static const char *const tools[] = {"secure_launch_url", "launch_url"};
    struct bytes href = import_xml_attribute(source, import_xml_child(top, "url"), "href"), entry;

    for (size_t i = 0; href.size == 0 && i < sizeof tools / sizeof *tools; i++) {
        href = import_xml_text(source, import_xml_child(top, tools[i]));
    }
    return import_source_resolve(source, bytes_of("", 0), href, &entry) == TARGET_OUTSIDE ? entry : bytes_of("", 0);
}

struct bytes import_link_of_file(struct import_source *source, struct bytes path)
{
    const struct import_file *file = import_source_find(source, path);
    xmlDoc *doc = file && file->content.data ? import_xml_parse(file, NULL) : NULL;
    struct bytes link = doc ? link_in(source, xmlDocGetRootElement(doc)) : bytes_of("", 0);

    xmlFreeDoc(doc);
    return link;
}

struct bytes import_link_of_resource(struct import_source *source, xmlNode *resource)
{
    struct bytes link = bytes_of("", 0);

    for (xmlNode *node = resource->children; node && link.size == 0; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            link = link_in(source, node);
        }
    }
    return link;
}
