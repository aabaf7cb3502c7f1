/* import_xml.h: careful parsing of package manifests. No network, no entities, no external DTD, libxml2's own
 * limits on depth and size.
 *
 * Elements and attributes are found by local name: tools in the field use every namespace and prefix there
 * ever was. Child only. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_XML_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_XML_H

#include <libxml/tree.h>

#include "node/learn/import/import_source.h"

/* NULL when it is not well-formed or declares entities: `report` says where. Free with xmlFreeDoc(). */
xmlDoc *import_xml_parse(const struct import_file *file, struct report *report);

/* The first child element called `name` of `node`, the next sibling element called so; NULL when there is
 * none. `node` may be NULL. */
xmlNode *import_xml_child(xmlNode *node, const char *name);
xmlNode *import_xml_next(xmlNode *node, const char *name);

/* The element after `node` in document order, of those below `top`, which comes first; NULL after the last. The document may be changed
 * below `node` before. */
xmlNode *import_xml_walk(xmlNode *node, const xmlNode *top);

/* The first element called `name` in the document, at any depth; NULL when there is none, or no document. */
xmlNode *import_xml_find(xmlDoc *doc, const char *name);

bool import_xml_is(const xmlNode *node, const char *name);

/* The element's text, cleaned (import_source_text); "" for NULL. */
struct bytes import_xml_text(struct import_source *source, xmlNode *node);

/* An attribute by local name, upper and lower case alike; "" when it is not there. */
struct bytes import_xml_attribute(struct import_source *source, const xmlNode *node, const char *name);

/* A decimal number such as "0.75" without locale, with all its digits: programs write 2/3 with sixteen. False when `text` is none, or is out of
 * all proportion. */
bool import_xml_number(struct bytes text, double *number_out);

#endif
