/* routes.h: what the files of routes share. */
#ifndef QANAT_NODE_HTTP_ROUTES_H
#define QANAT_NODE_HTTP_ROUTES_H

#include <jansson.h>

#include "node/http/exchange.h"

/* Answers with `document`, which is released. */
void route_answer_json(struct exchange *exchange, json_t *document);

/* routes_stats.c: /api/v1/stats?by=...&period=...&published, and the page /hub. */
void stats_route_handle(struct exchange *exchange);
void stats_page_handle(struct exchange *exchange);

/* routes_course.c: /course/..., /api/v1/courses and the page /courses. */
void course_route_handle(struct exchange *exchange);
void courses_route_handle(struct exchange *exchange);
void courses_page_handle(struct exchange *exchange);

/* routes_account.c: /api/v1/session, /registrations, /me, /me/password. */
void session_route_handle(struct exchange *exchange);
void registrations_route_handle(struct exchange *exchange);
void me_route_handle(struct exchange *exchange);
void password_route_handle(struct exchange *exchange);

#endif
