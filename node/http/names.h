/* names.h: what a request may say: names separated by one space each, "q limit# dry_run?".
 *
 * Behind a name may stand its kind: '#' a whole number, '?' a switch, nothing a text. A name of its own holds no space, '#' or '?'. */
#ifndef QANAT_NODE_HTTP_NAMES_H
#define QANAT_NODE_HTTP_NAMES_H

enum { NAMES_MAX = 256 /* bytes of such a list */ };

/* The rest of `names` behind `name`: it begins with its kind, ' ' or the end. NULL: it is none of them. */
const char *names_find(const char *name, const char *names);

/* For people: "q, limit, dry_run". */
void names_list(const char *names, char out[2 * NAMES_MAX]);

#endif
