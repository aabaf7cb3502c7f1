/* import_repair.h: manifests that are almost XML.
 *
 * Tools that put texts between tags without a look leave an "&" in a title or an address, a letter of another code page, a control character; one that writes
 * XML into a text of UTF-16 and that into a file of UTF-8 leaves the wrong name of the encoding. What was meant is plain, and other systems take them.
 * A tag that is not closed is not mended: nobody knows what went with it. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_REPAIR_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_REPAIR_H

#include "node/learn/import/import_xml.h"

/* As import_xml_parse(); where that fails, once more with those faults taken out, which is noted. The report is of the first try. */
xmlDoc *import_repair_parse(struct import_source *source, const struct import_file *file, struct report *report);

/* Appends `text` without those faults. */
void import_repair_text(struct bytes text, struct buffer *out);

#endif
