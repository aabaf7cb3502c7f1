/* libxml2, loaded by who reads a manifest: it brings ICU along. */
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>

#include "node/library.h"

#define XML_FUNCTIONS(of) of(xmlInitParser) of(xmlNewParserCtxt) of(xmlFreeParserCtxt) of(xmlCtxtReadMemory) of(htmlReadMemory) \
    of(xmlCtxtGetLastError) of(xmlDocGetRootElement) of(xmlFreeDoc) of(xmlNodeGetContent) of(xmlNodeListGetString) of(xmlAddChild) \
    of(xmlUnlinkNode) of(xmlRemoveProp)
LIBRARY_OF(XML_FUNCTIONS, "libxml2.so.2");

/* What the library itself uses, unless somebody tells it otherwise (xmlMemSetup). */
xmlFreeFunc xmlFree = free;

LIBRARY_FORWARD_VOID(xmlInitParser, (void), ())
LIBRARY_FORWARD(xmlParserCtxtPtr, xmlNewParserCtxt, (void), ())
LIBRARY_FORWARD_VOID(xmlFreeParserCtxt, (xmlParserCtxtPtr context), (context))
LIBRARY_FORWARD(xmlDocPtr, xmlCtxtReadMemory,
                (xmlParserCtxtPtr context, const char *data, int size, const char *url, const char *encoding, int options),
                (context, data, size, url, encoding, options))
LIBRARY_FORWARD(htmlDocPtr, htmlReadMemory,
                (const char *data, int size, const char *url, const char *encoding, int options),
                (data, size, url, encoding, options))
LIBRARY_FORWARD(xmlErrorPtr, xmlCtxtGetLastError, (void *context), (context))
LIBRARY_FORWARD(xmlNodePtr, xmlDocGetRootElement, (const xmlDoc *document), (document))
LIBRARY_FORWARD_VOID(xmlFreeDoc, (xmlDocPtr document), (document))
LIBRARY_FORWARD(xmlChar *, xmlNodeGetContent, (const xmlNode *node), (node))
LIBRARY_FORWARD(xmlChar *, xmlNodeListGetString, (xmlDocPtr document, const xmlNode *nodes, int is_inline),
                (document, nodes, is_inline))
LIBRARY_FORWARD(xmlNodePtr, xmlAddChild, (xmlNodePtr parent, xmlNodePtr node), (parent, node))
LIBRARY_FORWARD_VOID(xmlUnlinkNode, (xmlNodePtr node), (node))
LIBRARY_FORWARD(int, xmlRemoveProp, (xmlAttrPtr attribute), (attribute))
