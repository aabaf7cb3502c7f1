/* jcs.h: the JSON Canonicalization Scheme (RFC 8785): one JSON value, one text.
 *
 * No white space; members in the order of their names as UTF-16; the shortest escapes; numbers as ECMAScript
 * prints them. jansson's own sorted output differs in all three. */
#ifndef QANAT_NODE_BADGE_JCS_H
#define QANAT_NODE_BADGE_JCS_H

#include <jansson.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum { JCS_DEPTH_MAX = 32 };

/* Appends the text of `value`. S_TOO_LARGE when it is nested deeper than JCS_DEPTH_MAX; S_INVALID for an
 * integer that a double does not hold. */
enum status jcs_write(json_t *value, struct buffer *out);

/* Compares two UTF-8 texts by their UTF-16 code units: <0, 0, >0. */
int jcs_compare(const char *a, const char *b);

#endif
