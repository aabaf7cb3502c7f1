/* names.h: what a request may say: names separated by one space each, "q limit# dry_run?".
 *
 * Behind a name may stand its kind (NAMES_KINDS), nothing is a text; a name of its own holds neither a kind nor a space. Of a parameter behind
 * "?" '#' is a whole number and '?' a switch. Of a member of a JSON body '#' is a number, '?' true or false, '[' a list of texts and '~' a text
 * or null, which takes away what was said. */
#ifndef QANAT_NODE_HTTP_NAMES_H
#define QANAT_NODE_HTTP_NAMES_H

#define NAMES_KINDS "#?[~"

enum { NAMES_MAX = 256 /* bytes of such a list */ };

/* The rest of `names` behind `name`: it begins with its kind, or with ' ' or the end (a text). NULL: it is none of them. */
const char *names_find(const char *name, const char *names);

/* For people: "q, limit, dry_run". */
void names_list(const char *names, char out[2 * NAMES_MAX]);

#endif
