/* page_verify.h: what the page /verify says of a certificate, in a language of the catalogues (node/web/src/i18n): the
 * verdict, what the certificate claims, how old the knowledge of revocations is, and the form for another one. */
#ifndef QANAT_NODE_HTTP_PAGE_VERIFY_H
#define QANAT_NODE_HTTP_PAGE_VERIFY_H

#include "node/badge/verify.h"
#include "node/http/page.h"

/* Writes into `page`, which page_begin() opened; `verification` NULL: the form alone. */
void page_verify(struct page *page, const char *lang, const struct verification *verification);

#endif
