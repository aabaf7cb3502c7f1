/* import_link.h: where the web links and tools of a Common Cartridge lead (IMS Web Link, IMS Basic LTI). */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_LINK_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_LINK_H

#include "node/learn/import/import_xml.h"

/* As the XML file `path` of the package says; "" when it says no address of another server. */
struct bytes import_link_of_file(struct import_source *source, struct bytes path);

/* As a resource of the manifest says itself, which has no file (a thin cartridge); "" when it does not. */
struct bytes import_link_of_resource(struct import_source *source, xmlNode *resource);

#endif
