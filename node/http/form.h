/* form.h: what a plain HTML form sends: urlencoded or multipart/form-data (RFC 7578), one field taken out of
 * it. */
#ifndef QANAT_NODE_HTTP_FORM_H
#define QANAT_NODE_HTTP_FORM_H

#include "replication/base/bytes.h"

/* Appends the first field that is not empty, whatever its name: a form here asks for one thing in one of
 * several ways. `type` is the request's Content-Type. False when there is none or the form is malformed. */
bool form_first(const char *type, struct bytes body, struct buffer *out);

#endif
