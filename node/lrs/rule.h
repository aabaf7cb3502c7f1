/* rule.h: what a statement must be: xAPI 1.0.3 part 2 section 2 and IEEE 9274.1.1 section 4.2.
 *
 * A table per kind of object says which properties it may and must have and what checks each value; whatever
 * is not in a table is refused, and so is null everywhere but inside extensions. The first fault ends the
 * check and is reported with its place ("context.instructor.mbox"). */
#ifndef QANAT_NODE_LRS_RULE_H
#define QANAT_NODE_LRS_RULE_H

#include "node/lrs/format.h"
#include "node/lrs/tree.h"

enum { RULE_PLACE_MAX = 200 };

struct rules {
    enum lrs_version version;
    struct report *report;
    char place[RULE_PLACE_MAX]; /* where the check stands */
    size_t place_size;
};

typedef bool rule_check(struct rules *rules, const struct tree *value);

struct rule {
    const char *name;
    rule_check *check;
    bool is_required;
    bool is_new; /* 2.0 alone knows it */
};

/* --- the public checks: each false with a report --- */

/* A whole statement, of either version. */
bool rule_statement(struct rules *rules, const struct tree *statement);

/* An agent, or an identified group, as parameters name them. */
bool rule_agent_parameter(struct rules *rules, const struct tree *agent);

/* An activity's definition, as documents and tests bring it. */
bool rule_definition(struct rules *rules, const struct tree *value);

void rules_init(struct rules *rules, enum lrs_version version, struct report *report);

/* --- shared by the files of rules --- */

/* Reports "PLACE: WHAT"; always false. */
bool rule_fault(struct rules *rules, const char *what);

/* An object of the properties in `table`. */
bool rule_object(struct rules *rules, const struct tree *value, const struct rule *table, size_t count);
#define RULE_OBJECT(rules, value, table) rule_object(rules, value, table, sizeof(table) / sizeof *(table))

/* An array whose elements pass `check`. */
bool rule_array(struct rules *rules, const struct tree *value, rule_check *check);

rule_check rule_string, rule_boolean, rule_decimal, rule_iri, rule_uuid, rule_time, rule_language,
    rule_language_map, rule_extensions;
rule_check rule_agent, rule_actor, rule_group, rule_authority; /* rule_actor.c */
rule_check rule_activity, rule_reference, rule_any_object,
    rule_part_object;                                /* rule_object.c; a part is a SubStatement */
rule_check rule_result, rule_attachments, rule_verb; /* rule_result.c */
rule_check rule_context;                             /* rule_context.c */

/* What stands between properties: an object of kind "Activity" for revision and platform, and voiding.
 * `whole` is a statement or SubStatement. */
bool rule_together(struct rules *rules, const struct tree *whole);

/* "Activity" where an object does not say. */
bool rule_is_activity(const struct tree *object);

#define RULE_VOIDED "http://adlnet.gov/expapi/verbs/voided"

#endif
