/* json.h: the little that jansson leaves to its users. */
#ifndef QANAT_NODE_JSON_H
#define QANAT_NODE_JSON_H

#include <jansson.h>

#include "replication/base/bytes.h"

/* Counted as json_read() does; a list of 100,000 ids is half of it. */
enum { JSON_VALUES_MAX = 200000 };

/* Reads a text that came from elsewhere, with jansson's `flags`. A value takes up to 135 bytes for each brace, bracket, comma and colon in its text: 4 MiB of
 * them would take half a gigabyte. So a text with more than `values_max` of these outside of strings is none: NULL, as for any other, with the reason in
 * `error_out` (may be NULL). */
json_t *json_read(struct bytes text, size_t flags, size_t values_max, json_error_t *error_out);

/* The member of `object` that `path` names; dots reach inside ("score.mean"). NULL when there is none; borrowed. */
json_t *json_member(json_t *object, const char *path);

/* A moment in milliseconds since 1970, as timestamp_format() writes it; null for 0 (never) and for what no clock shows. */
json_t *json_time(uint64_t ms);

/* The name of a file or folder, which may be any bytes, as a text: where it is no UTF-8, each byte above ASCII becomes '?'. Never NULL. */
json_t *json_file_name(const char *name);

#endif
