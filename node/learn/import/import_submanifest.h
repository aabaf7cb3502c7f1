/* import_submanifest.h: manifests inside a manifest, as IMS Content Packaging and SCORM 1.2 allow: an item may refer to a whole
 * (sub)manifest instead of a resource.
 *
 * They are unfolded in the document before it is read: the items of the organization that the nested manifest names are moved below the
 * item that refers to it, which is a heading from then on. A manifest that is referred to twice is unfolded once. Child only.
 *
 * Source: IMS Content Packaging 1.1.4, 4.2 and 4.5; SCORM 1.2 CAM 2.3.4. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_SUBMANIFEST_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_SUBMANIFEST_H

#include "node/learn/import/import_xml.h"

/* More nested manifests than these stay folded. */
enum { SUBMANIFESTS_MAX = 256 };

void import_submanifests_unfold(struct import_source *source, xmlNode *manifest);

/* The organization that `manifest` names as its default, or its first; NULL when it has none. `missing_out`, when not NULL, is the default
 * that does not exist, or "". */
xmlNode *import_organization_of(struct import_source *source, xmlNode *manifest, struct bytes *missing_out);

#endif
