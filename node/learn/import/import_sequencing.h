/* import_sequencing.h: what a SCORM 2004 manifest says of the order in which its activities are taken, as
 * JSON for the player's sequencing engine.
 *
 * Kept as the manifest has it: attribute names and values are those of IMS Simple Sequencing 1.0 and of the
 * ADL extensions (SCORM 2004 CAM 5; SN), texts all. An element that an item lacks is taken from the
 * sequencingCollection it refers to by IDRef. Child only. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_SEQUENCING_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_SEQUENCING_H

#include <jansson.h>

#include "node/learn/import/import_xml.h"

enum {
    SEQUENCING_RULES_MAX = 64
}; /* rules, conditions, objectives or maps of one element; more are left out */

/* True when the organization has two items to open or more, and any element says how they follow each other:
 * only then an engine has something to decide. */
bool import_sequencing_is_in(xmlNode *organization);

/* The sequencing element of an item or organization, or the one of the collection that it refers to when it
 * has none of its own elements called `name`. NULL when there is none. */
xmlNode *import_sequencing_of(struct import_source *source, xmlNode *manifest, xmlNode *node,
                              const char *name);

/* {"controlMode":{…},"limitConditions":{…},"randomizationControls":{…},"deliveryControls":{…},
 * "constrainedChoiceConsiderations":{…},"rollupConsiderations":{…},"preConditionRule":[…],"exitConditionRule":[…],
 * "postConditionRule":[…],"rollup":{…,"rules":[…]},"objectives":[…],"completionThreshold":{…},"data":[…],
 * "hide":["continue",…],"visible":false}; each only when the manifest has it. Owned by the caller. */
json_t *import_sequencing_json(struct import_source *source, xmlNode *manifest, xmlNode *node);

#endif
