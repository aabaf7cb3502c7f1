/* xapi_form.h: application/x-www-form-urlencoded, as the alternate request syntax of xAPI 1.0.3 carries a
 * whole request in it. */
#ifndef QANAT_NODE_HTTP_XAPI_FORM_H
#define QANAT_NODE_HTTP_XAPI_FORM_H

#include "replication/base/arena.h"

enum { FORM_PAIRS_MAX = 32 };

struct form_pair {
    const char *name, *value; /* decoded, NUL-terminated; in the arena */
    size_t value_size;
};

/* How many pairs, or -1: too many, a broken escape, a name twice, a NUL, or the arena is full. */
int form_parse(struct bytes body, struct arena *arena, struct form_pair pairs[FORM_PAIRS_MAX]);

/* The pair of that name, or NULL. */
const struct form_pair *form_find(const struct form_pair *pairs, size_t count, const char *name);

#endif
