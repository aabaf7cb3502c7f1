/* routes.h: what the files of routes share. */
#ifndef QANAT_NODE_HTTP_ROUTES_H
#define QANAT_NODE_HTTP_ROUTES_H

#include <jansson.h>

#include "node/http/exchange.h"

/* Answers with `document`, which is released. */
void route_answer_json(struct exchange *exchange, json_t *document);

#endif
