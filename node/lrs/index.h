/* index.h: what a statement can be found by.
 *
 * A term is a keyed SipHash of a value, its lowest three bits the role in which it stands, so that one table serves
 * every filter of a query (an inverted index). The key is drawn with the database: nobody outside can make
 * two values meet. */
#ifndef QANAT_NODE_LRS_INDEX_H
#define QANAT_NODE_LRS_INDEX_H

#include "node/lrs/lrs.h"
#include "node/lrs/tree.h"

enum index_role {
    INDEX_AGENT = 1,     /* actor or object, and members of groups that are */
    INDEX_RELATED_AGENT, /* also authority, instructor, team, context agents and groups, and all of a
                            SubStatement's */
    INDEX_VERB,
    INDEX_ACTIVITY,         /* object */
    INDEX_RELATED_ACTIVITY, /* also context activities, and those of a SubStatement */
    INDEX_REGISTRATION,     /* 16 bytes */
    INDEX_NAME,             /* not a term: the key of an agent's names and of an activity's definition */
};

/* Never 0. */
uint64_t index_term(const struct lrs *lrs, enum index_role role, struct bytes value);

/* The identifier of an agent or identified group as text: "mbox mailto:a@b.org", "account HOMEPAGE NAME".
 * False when it has none. Appended. */
bool index_identifier(const struct tree *agent, struct buffer *out);

/* 0 when the agent has no identifier. */
uint64_t index_agent(const struct lrs *lrs, enum index_role role, const struct tree *agent);

/* Appends the terms of a statement (uint64_t each, every one once) to `terms`. */
void index_collect(const struct lrs *lrs, const struct tree *statement, struct buffer *terms);

/* Reads the UUID that a statement refers to with its object; false when it refers to none. */
bool index_target(const struct tree *statement, uint8_t target_out[LRS_UUID_SIZE], bool *is_voiding_out);

#endif
