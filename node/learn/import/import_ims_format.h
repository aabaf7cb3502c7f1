/* import_ims_format.h: which of its families an imsmanifest.xml belongs to. Child only.
 *
 * Sources: SCORM 1.2 CAM 2.3.2 and SCORM 2004 CAM 3.4.1 (schema, schemaversion); Common Cartridge 1.3; what tools write: often less, or something
 * else. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_IMS_FORMAT_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_IMS_FORMAT_H

#include "node/learn/import/import_xml.h"

/* By what it calls itself, the name spaces that it declares, and what its resources say. */
enum package_format import_ims_format(struct import_source *source, xmlNode *manifest);

#endif
