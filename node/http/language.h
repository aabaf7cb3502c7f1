/* language.h: in which language of the catalogues a page without a program is written. */
#ifndef QANAT_NODE_HTTP_LANGUAGE_H
#define QANAT_NODE_HTTP_LANGUAGE_H

#include "node/http/exchange.h"

/* The address says it (?lang=ar), else the person who is signed in, else the browser's Accept-Language (RFC 9110,
 * section 12.5.4: the best of those that there are), else English. */
const char *language_choose(struct exchange *exchange);

/* The best language of an Accept-Language header, or NULL. */
const char *language_accepted(const char *header);

#endif
