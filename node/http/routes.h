/* routes.h: what the files of routes share. */
#ifndef QANAT_NODE_HTTP_ROUTES_H
#define QANAT_NODE_HTTP_ROUTES_H

#include <jansson.h>

#include "node/http/exchange.h"

enum { LAUNCH_BODY_MAX = 1024 * 1024 }; /* of a commit with its state */

/* Answers with `document`, which is released. */
void route_answer_json(struct exchange *exchange, json_t *document);

/* routes_stats.c: /api/v1/stats?by=...&period=...&published, and the page /hub. */
void stats_route_handle(struct exchange *exchange);
void stats_page_handle(struct exchange *exchange);

/* routes_course.c: /course/..., /api/v1/courses and the page /courses. */
void course_route_handle(struct exchange *exchange);
void blob_route_handle(struct exchange *exchange);
void courses_route_handle(struct exchange *exchange);
void courses_page_handle(struct exchange *exchange);

/* routes_account.c: /api/v1/session, /registrations, /me, /me/password. */
void session_route_handle(struct exchange *exchange);
void registrations_route_handle(struct exchange *exchange);
void me_route_handle(struct exchange *exchange);
void password_route_handle(struct exchange *exchange);

enum { ADMIN_BODY_MAX = 96 * 1024 * 1024 }; /* a list of a million people */

/* routes_admin.c: /api/v1/admin/... for the console. */
void admin_route_handle(struct exchange *exchange);
enum pool_line admin_route_line(const struct exchange *exchange);
void commands_route_handle(struct exchange *exchange);

/* /api/v1/events?of=status,windows: the documents of the console as they change (events.h). */
struct events_source;
extern const struct events_source admin_events;
void events_route_handle(struct exchange *exchange);

/* routes_web.c: the built files of the face, and the pages that load them. */
void web_file_handle(struct exchange *exchange);
void learner_page_handle(struct exchange *exchange);
void teach_page_handle(struct exchange *exchange);

/* Ends `page` and answers with it, under the policy of pages that run our programs. */
struct page;
void web_page_answer(struct exchange *exchange, struct page *page);

/* "player.html": the page around a course, on the content origin (exchange->path is what follows /.qanat/). */
void web_player_answer(struct exchange *exchange);

/* Is `url` ("https://HOST", may be "") what this request was sent to? */
bool origin_is_asked(struct exchange *exchange, const char *url);

/* The origin that listens on `address` (config->http or ->content), as the asking browser would write it: its public
 * one for who came by that; "" for none. */
void origin_write(struct exchange *exchange, const char *address, char *out, size_t size);

/* routes_badge.c: /verify, /verify/NUMBER, /verify/status/LIST, /api/v1/verify, /me/credentials, /credentials. */
enum { VERIFY_BODY_MAX = 4 * 1024 * 1024 }; /* a certificate handed in */
void verify_page_handle(struct exchange *exchange);
void verify_number_handle(struct exchange *exchange);
void verify_status_handle(struct exchange *exchange);
void verify_api_handle(struct exchange *exchange);
void my_credentials_handle(struct exchange *exchange);
void credential_file_handle(struct exchange *exchange);
void credentials_route_handle(struct exchange *exchange);
void credential_route_handle(struct exchange *exchange);
/* routes_learn.c: /api/v1/courses/ID and /api/v1/me/courses: what a learner sees of courses. */
void course_page_route_handle(struct exchange *exchange);
void my_courses_route_handle(struct exchange *exchange);

/* What a person has of a course, or null. `row` may be NULL. */
struct registration_row;
json_t *registration_json(const struct registration_row *row);

/* routes_launch.c: /api/v1/launches and what is below. */
void launches_route_handle(struct exchange *exchange);
void launch_route_handle(struct exchange *exchange);

/* /xapi/cmi5/fetch/TOKEN: the authorization of a cmi5 launch, once. */
void cmi5_fetch_route_handle(struct exchange *exchange);

/* Reads the body as a commit of this launch, makes it durable and answers; with `token` (of the content origin, proved) there is no person. */
void launch_commit_handle(struct exchange *exchange, int64_t launch, int64_t person);

/* routes_content.c: /c/TOKEN/PATH on the content origin. */
void content_route_handle(struct exchange *exchange);
/* routes_xapi.c: /xapi/... */
bool xapi_route_is_slow(const struct exchange *exchange);
void xapi_statements_route_handle(struct exchange *exchange);
void xapi_state_route_handle(struct exchange *exchange);
void xapi_activity_profile_route_handle(struct exchange *exchange);
void xapi_agent_profile_route_handle(struct exchange *exchange);
void xapi_about_route_handle(struct exchange *exchange);
void xapi_agents_route_handle(struct exchange *exchange);
void xapi_activities_route_handle(struct exchange *exchange);

/* routes_people.c: /api/v1/people, /people/import. */
enum { PEOPLE_BODY_MAX = 96 * 1024 * 1024 };
void people_route_handle(struct exchange *exchange);
void people_import_handle(struct exchange *exchange);

/* upload.c: /api/v1/uploads, and one of them. */
void uploads_route_handle(struct exchange *exchange);
void upload_route_handle(struct exchange *exchange);

/* routes_cohort.c: /api/v1/cohorts and what is below it. */
enum { COHORT_BODY_MAX = 16 * 1024 * 1024 };
void cohorts_route_handle(struct exchange *exchange);
void cohort_route_handle(struct exchange *exchange);

#endif
