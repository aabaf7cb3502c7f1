/* json.h: the little that jansson leaves to its users. */
#ifndef QANAT_NODE_JSON_H
#define QANAT_NODE_JSON_H

#include <jansson.h>

/* The member of `object` that `path` names; dots reach inside ("score.mean"). NULL when there is none; borrowed. */
json_t *json_member(json_t *object, const char *path);

/* The name of a file or folder, which may be any bytes, as a text: where it is no UTF-8, each byte above ASCII becomes '?'. Never NULL. */
json_t *json_file_name(const char *name);

#endif
