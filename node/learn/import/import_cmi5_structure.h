/* import_cmi5_structure.h: is a course structure built as cmi5's schema says?
 *
 * Source: CourseStructure.xsd of cmi5 Quartz (section 13.2). Elements and attributes of other namespaces may stand anywhere. What is of cmi5's own and stands
 * where it means nothing would be passed over, and the course be another one: a unit in a unit, a score under another name, a second address. It is
 * refused. In which order the parts of one element stand makes no difference here. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_CMI5_STRUCTURE_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_CMI5_STRUCTURE_H

#include "node/learn/import/import_xml.h"

/* `top` is the <courseStructure>. S_INVALID with a report that names the element. */
enum status import_cmi5_structure_check(struct import_source *source, xmlNode *top, struct report *report);

#endif
