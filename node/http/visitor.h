/* visitor.h: who asks: the cookie of a signed-in browser, and what guards it against other sites.
 *
 * The cookie is HttpOnly and SameSite=Strict, but ports are one site and cookies ignore them: a page of the
 * content origin sends it, too. So every method that changes something needs the session's CSRF token (header
 * X-Qanat-CSRF, or query parameter csrf where no header can be set), and an Origin that is this one, when a
 * browser says one. */
#ifndef QANAT_NODE_HTTP_VISITOR_H
#define QANAT_NODE_HTTP_VISITOR_H

#include <jansson.h>

#include "node/http/exchange.h"
#include "node/learn/vocabulary.h"

#define VISITOR_COOKIE      "qanat_session"
#define VISITOR_CSRF_HEADER "X-Qanat-CSRF"

/* The signed-in person, or NULL. Any thread; looked up once. */
const struct signin *exchange_session(struct exchange *exchange);

/* The same for a person with at least this role (learner < facilitator < trainer < manager < administrator);
 * NULL after 401 or 403 was answered. */
const struct signin *exchange_require(struct exchange *exchange, enum role role);

/* False after 403 was answered: a method that changes something came from another origin, or without the
 * session's token. Called by the server before the handler of every route that is not open. */
bool visitor_is_genuine(struct exchange *exchange);

/* Who asks is on this machine, and asked for this machine by its name or address. */
bool exchange_is_from_here(struct exchange *exchange);

/* Sets or takes away the cookie. */
void visitor_cookie_set(struct exchange *exchange, const char *token, bool is_kept);
void visitor_cookie_drop(struct exchange *exchange);

/* The body as a JSON object (released by the caller), or NULL after 400 or 415 was answered. Its members are among `members` (names.h)
 * and of their kinds: one that nobody reads would be believed to have been obeyed. The content type must be application/json, so that no form of
 * another site can send it. */
json_t *exchange_body_json(struct exchange *exchange, const char *members);

/* The same for what a player says of an attempt: any members, for a player that is older or newer than this node must not lose what was
 * learned; text/plain is taken as well, as sendBeacon sends it. */
json_t *exchange_body_said(struct exchange *exchange);

#endif
