#include "node/learn/import/import_xml.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_SIZE = 64 };

static const double NUMBER_MAX = 1e12;

/* Some tools put an empty line before the XML declaration, which XML does not allow. */
static struct bytes without_leading_space(struct bytes content)
{
    struct bytes text = import_source_unmarked(content);
    size_t skip = 0;

    while (skip < text.size && isspace(text.data[skip])) {
        skip++;
    }
    return skip > 0 ? bytes_of(text.data + skip, text.size - skip) : content;
}

xmlDoc *import_xml_parse(const struct import_file *file, struct report *report)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
    xmlParserCtxt *context;
    xmlDoc *doc = NULL;
    struct bytes text = without_leading_space(file->content);

    if (!file->content.data) {
        report_set(report, S_TOO_LARGE, "\"%.*s\" is too large for a manifest", (int)file->path.size,
                   (const char *)file->path.data);
        return NULL;
    }
    context = xmlNewParserCtxt();
    if (context) {
        doc = xmlCtxtReadMemory(context, (const char *)text.data, (int)text.size, NULL, NULL, options);
    }
    if (!doc) {
        const xmlError *error = context ? xmlCtxtGetLastError(context) : NULL;
        const char *why = error && error->message ? error->message : "it is empty";

        report_set(report, S_INVALID, "\"%.*s\" is not well-formed XML: line %d: %.*s", (int)file->path.size,
                   (const char *)file->path.data, error ? error->line : 1, (int)strcspn(why, "\n"), why);
    } else if (doc->intSubset && doc->intSubset->entities) {
        report_set(report, S_INVALID, "\"%.*s\" declares XML entities, which a package may not",
                   (int)file->path.size, (const char *)file->path.data);
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(context);
    return doc;
}

/* Without the prefix of a name space that nobody declared, as tools forget: what they meant is plain all the same. */
static const char *name_of(const xmlChar *name, const xmlNs *space)
{
    const char *colon = space ? NULL : strchr((const char *)name, ':');

    return colon ? colon + 1 : (const char *)name;
}

bool import_xml_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp(name_of(node->name, node->ns), name) == 0;
}

static xmlNode *first_called(xmlNode *node, const char *name)
{
    while (node && !import_xml_is(node, name)) {
        node = node->next;
    }
    return node;
}

xmlNode *import_xml_child(xmlNode *node, const char *name)
{
    return node ? first_called(node->children, name) : NULL;
}

xmlNode *import_xml_next(xmlNode *node, const char *name)
{
    return node ? first_called(node->next, name) : NULL;
}

static xmlNode *first_element(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE) {
        node = node->next;
    }
    return node;
}

xmlNode *import_xml_walk(xmlNode *node, const xmlNode *top)
{
    xmlNode *next = first_element(node->children);

    while (!next && node != top) {
        next = first_element(node->next);
        node = node->parent;
    }
    return next;
}

xmlNode *import_xml_find(xmlDoc *doc, const char *name)
{
    xmlNode *top = doc ? xmlDocGetRootElement(doc) : NULL, *node = top;

    while (node && !import_xml_is(node, name)) {
        node = import_xml_walk(node, top);
    }
    return node;
}

struct bytes import_xml_text(struct import_source *source, xmlNode *node)
{
    xmlChar *raw = node ? xmlNodeGetContent(node) : NULL;
    struct bytes text = bytes_of("", 0);

    if (raw) {
        text = import_source_text(source, bytes_text((const char *)raw), COURSE_TEXT_MAX);
        xmlFree(raw);
    }
    return text;
}

struct bytes import_xml_attribute(struct import_source *source, const xmlNode *node, const char *name)
{
    for (xmlAttr *attribute = node ? node->properties : NULL; attribute; attribute = attribute->next) {
        if (strcasecmp(name_of(attribute->name, attribute->ns), name) == 0) {
            xmlChar *raw = xmlNodeListGetString(node->doc, attribute->children, 1);
            struct bytes text = bytes_of("", 0);

            if (raw) {
                text = import_source_text(source, bytes_text((const char *)raw), COURSE_ENTRY_MAX);
                xmlFree(raw);
            }
            return text;
        }
    }
    return bytes_of("", 0);
}

bool import_xml_number(struct bytes text, double *number_out)
{
    char copy[NUMBER_SIZE];
    size_t i = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+'), digits = 0;
    bool has_point = false;

    if (text.size >= sizeof copy) {
        return false;
    }
    for (; i < text.size; i++) {
        bool is_point = text.data[i] == '.' && !has_point;
        if (!is_point && !isdigit(text.data[i])) {
            return false;
        }
        has_point = has_point || is_point;
        digits += !is_point;
    }
    if (digits == 0) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    *number_out = strtod(copy, NULL);
    return fabs(*number_out) < NUMBER_MAX;
}
