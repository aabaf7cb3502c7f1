/* routes_badge.c: certificates: the page /verify for everybody, one's own, and those that a facilitator issues. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/badge/issue.h"
#include "node/badge/print.h"
#include "node/badge/verify.h"
#include "node/http/form.h"
#include "node/http/language.h"
#include "node/http/page_verify.h"
#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/json.h"
#include "node/local_time.h"
#include "node/store/people/credential.h"
#include "node/store/people/person.h"
#include "node/timestamp.h"
#include "node/web/web.h"
#include "replication/base/check.h"
#include "replication/base/percent.h"

enum { QUERY_CODE_MAX = 2700, CREDENTIALS_SHOWN_MAX = 500, BASE_URL_MAX = CONFIG_TEXT_MAX };

static struct issuer issuer_of(const struct http_context *context)
{
    return (struct issuer){.store = context->store,
                           .federation = context->federation,
                           .identity = context->identity,
                           .config = context->config};
}

/* --- judging -------------------------------------------------------------------------------------------- */

/* Judges `text`; false after a problem was answered. */
static bool judge(struct exchange *exchange, struct bytes text, struct verification *verification_out)
{
    const struct http_context *context = exchange->context;
    struct report report = {.status = S_OK};
    const struct verify_request request = {.store = context->store,
                                           .federation = context->federation,
                                           .self = &context->identity->node,
                                           .now_ms = (int64_t)local_time_now()};
    enum status status = verify_text(&request, text, verification_out, &report);

    if (status != S_OK) {
        verification_release(verification_out);
        exchange_fail(exchange, status, &report);
    }
    return status == S_OK;
}

/* "&c=..." of the code that was asked for, so that another language shows the same; ended by NUL. */
static void query_write(struct exchange *exchange, struct buffer *out)
{
    const char *code = exchange->method == METHOD_POST ? NULL : exchange_query(exchange, "c");

    if (code && strlen(code) <= QUERY_CODE_MAX) {
        buffer_append(out, "&c=", 3);
        percent_append(out, bytes_text(code), PERCENT_UNRESERVED);
    }
    buffer_append_u8(out, '\0');
}

/* `address` of this very page, for the other languages. */
static void page_answer(struct exchange *exchange, const struct verification *v, const char *address)
{
    const char *lang = language_choose(exchange);
    struct buffer query;
    struct page page;
    size_t size;

    buffer_init(&query);
    query_write(exchange, &query);
    page_begin(&page, lang, web_text(lang, "app.verify"), exchange->context->config->name);
    page_verify(&page, lang, v);
    page_foot(&page, lang, address, (const char *)query.data);
    buffer_release(&query);
    char *html = page_take(&page, &size);
    exchange->is_private = true;
    exchange_header_add(exchange, "Content-Language", "%s", lang);
    exchange_header_add(exchange, "Vary", "Accept-Language, Cookie");
    if (v) { /* whoever links to a certificate does not give its person's name to search engines */
        exchange_header_add(exchange, "X-Robots-Tag", "%s", "noindex");
    }
    exchange_answer(exchange, MHD_HTTP_OK, "text/html; charset=utf-8", html, size);
}

/* The text that was handed in: in the query, or by a form. */
static bool text_take(struct exchange *exchange, struct buffer *out)
{
    const char *code = exchange_query(exchange, "c");

    if (exchange->method == METHOD_POST) {
        return form_first(exchange_header(exchange, "Content-Type"), exchange_body(exchange), out);
    }
    if (code) {
        buffer_append(out, code, strlen(code));
    }
    return code != NULL;
}

void verify_page_handle(struct exchange *exchange)
{
    struct verification verification;
    struct buffer text;

    buffer_init(&text);
    if (!text_take(exchange, &text)) {
        page_answer(exchange, NULL, "/verify");
    } else if (judge(exchange, buffer_bytes(&text), &verification)) {
        page_answer(exchange, &verification, "/verify");
        verification_release(&verification);
    }
    buffer_release(&text);
}

static void document_copy(void *ctx, const struct credential_row *row)
{
    buffer_append(ctx, row->document.data, row->document.size);
}

/* The document of a credential issued here, by the number in the path, and what follows the number. */
static bool document_find(struct exchange *exchange, struct buffer *out, const char **rest_out)
{
    char number[UUID_TEXT_SIZE], uuid[UUID_TEXT_SIZE];
    struct id id;

    snprintf(number, sizeof number, "%.36s", exchange->path);
    *rest_out = exchange->path + strlen(number);
    if (!uuid_parse(number, &id)) {
        return false;
    }
    uuid_format(&id, uuid);
    struct db *db = store_read_begin(exchange->context->store);
    bool is_found = credential_find(db, bytes_text(uuid), document_copy, out) && out->size;
    store_read_end(exchange->context->store, db);
    return is_found;
}

void verify_number_handle(struct exchange *exchange)
{
    char address[sizeof "/verify/" + UUID_TEXT_SIZE];
    struct verification verification;
    struct buffer document;
    const char *rest;

    buffer_init(&document);
    if (!document_find(exchange, &document, &rest) || *rest) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND,
                         "This node issued no certificate with that number. Check the file or the code at /verify.\n");
    } else if (judge(exchange, buffer_bytes(&document), &verification)) {
        snprintf(address, sizeof address, "/verify/%.36s", exchange->path);
        page_answer(exchange, &verification, address);
        verification_release(&verification);
    }
    buffer_release(&document);
}

void verify_status_handle(struct exchange *exchange)
{
    struct issuer issuer = issuer_of(exchange->context);
    struct id list;
    bool is_ours = false;

    if (uuid_parse(exchange->path, &list)) {
        struct db *db = store_read_begin(exchange->context->store);
        is_ours = credential_list_next(db, &list) > 0;
        store_read_end(exchange->context->store, db);
    }
    if (is_ours) {
        route_answer_json(exchange, credential_status_list(&issuer, &list, (int64_t)local_time_now()));
    } else {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "This node has no such status list.\n");
    }
}

/* /api/v1/verify: ?c=CODE, or a body of any kind: {"text":...}, the credential itself, a PDF. */
void verify_api_handle(struct exchange *exchange)
{
    struct verification verification;
    struct buffer text;
    struct bytes body = exchange_body(exchange);
    json_t *json = body.size ? json_read(body, 0, CREDENTIAL_VALUES_MAX, NULL) : NULL;
    const char *inner = json_string_value(json_object_get(json, "text"));

    buffer_init(&text);
    if (inner) {
        buffer_append(&text, inner, strlen(inner));
    } else if (exchange->method == METHOD_POST) {
        buffer_append(&text, body.data, body.size);
    } else {
        (void)text_take(exchange, &text);
    }
    json_decref(json);
    if (text.size == 0) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "nothing_to_check",
                        "Send the certificate as the body, or what its code says as ?c=...");
    } else if (judge(exchange, buffer_bytes(&text), &verification)) {
        route_answer_json(exchange, verification_json(&verification));
        verification_release(&verification);
    }
    buffer_release(&text);
}

/* --- lists ---------------------------------------------------------------------------------------------- */

static json_t *text_of(struct bytes text)
{
    return text.size ? json_stringn((const char *)text.data, text.size) : json_string("");
}

static json_t *time_of(int64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (!ms) {
        return json_null();
    }
    timestamp_format(ms / 1000 * 1000, text);
    return json_string(text);
}

static void list_take(void *ctx, const struct credential_row *row)
{
    struct credential credential;
    json_t *list = ctx, *document = NULL;
    bool is_whole = credential_parse(row->document, &document, NULL) == S_OK &&
                    credential_read(document, &credential, NULL) == S_OK;
    json_t *entry = json_pack(
        "{s:o,s:o,s:s,s:o,s:o,s:o,s:s,s:o,s:o,s:o,s:o}", "id", text_of(row->credential), "person",
        text_of(row->person_id), "name", is_whole ? credential.person : "", "course", text_of(row->course), "lang",
        text_of(row->lang), "cohort", text_of(row->cohort), "title", is_whole ? credential.title : "", "issued",
        time_of(row->issued_ms), "expires", time_of(is_whole ? credential.expires_ms : 0), "revoked",
        time_of(row->revoked_ms), "reason", text_of(row->reason));

    CHECK(entry);
    json_array_append_new(list, entry);
    json_decref(document);
}

static void list_answer(struct exchange *exchange, int64_t person)
{
    json_t *list = json_array();
    struct db *db = store_read_begin(exchange->context->store);

    credential_page(db, INT64_MAX, person, CREDENTIALS_SHOWN_MAX, list_take, list);
    store_read_end(exchange->context->store, db);
    exchange->is_private = true;
    route_answer_json(exchange, json_pack("{s:o}", "credentials", list));
}

void my_credentials_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);

    if (signin) {
        list_answer(exchange, signin->person);
    }
}

/* --- downloads ------------------------------------------------------------------------------------------ */

/* "http://HOST" as the browser knows this node, when the options do not say better; "" when it cannot be told. */
static void base_url_find(struct exchange *exchange, char out[BASE_URL_MAX])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    const char *host = exchange_header(exchange, "Host"), *known = exchange->context->config->public_url;

    out[0] = '\0';
    if (*known) {
        snprintf(out, BASE_URL_MAX, "%s", known);
    } else if (host && strspn(host, allowed) == strlen(host) && strlen(host) < BASE_URL_MAX - 8) {
        snprintf(out, BASE_URL_MAX, "http://%s", host);
    }
}

/* Somebody reads the answer in a browser's tab, and not a program. */
static bool is_read_by_people(struct exchange *exchange)
{
    const char *accept = exchange_header(exchange, "Accept");
    return accept && strstr(accept, "text/html");
}

/* Why there is no PDF: a page with the text `key` of the catalogues and what follows it, or for programs a word and `text`. */
static void pdf_refuse(struct exchange *exchange, unsigned code, const char *word, const char *key, const char *text)
{
    char address[sizeof "/api/v1/me/credentials/.pdf" + UUID_TEXT_SIZE];
    const char *lang = language_choose(exchange);
    struct page page;
    size_t size;

    exchange->is_private = true;
    if (!is_read_by_people(exchange)) {
        exchange_refuse(exchange, code, word, "%s", text);
        return;
    }
    snprintf(address, sizeof address, "/api/v1/me/credentials/%.36s.pdf", exchange->path);
    page_begin(&page, lang, web_text(lang, "verify.no_page"), exchange->context->config->name);
    page_line(&page, "p", web_text(lang, key));
    if (code == MHD_HTTP_UNAUTHORIZED) {
        page_markup(&page, "<p><a class=\"button\" href=\"/signin?next=");
        page_text(&page, address);
        page_markup(&page, "\">");
        page_text(&page, web_text(lang, "in.sign_in"));
        page_markup(&page, "</a></p>\n");
    } else {
        page_markup(&page, "<details><summary>");
        page_text(&page, web_text(lang, "verify.details"));
        page_markup(&page, "</summary><p lang=\"en\" dir=\"ltr\">");
        page_text(&page, text);
        page_markup(&page, "</p></details>\n");
    }
    page_foot(&page, lang, address, "");
    char *html = page_take(&page, &size);
    exchange_header_add(exchange, "Content-Language", "%s", lang);
    exchange_answer(exchange, code, "text/html; charset=utf-8", html, size);
}

static void pdf_answer(struct exchange *exchange, const struct buffer *document)
{
    struct issuer issuer = issuer_of(exchange->context);
    struct report report = {.status = S_OK};
    char base[BASE_URL_MAX];
    struct buffer pdf;

    buffer_init(&pdf);
    base_url_find(exchange, base);
    enum status status = print_pdf(&issuer, buffer_bytes(document), base, &pdf, &report);
    if (status == S_OK) {
        exchange_header_add(exchange, "Content-Disposition", "inline; filename=\"certificate-%.36s.pdf\"", exchange->path);
        exchange_answer(exchange, MHD_HTTP_OK, "application/pdf", (char *)pdf.data, pdf.size);
    } else if (status == S_NOT_FOUND) {
        pdf_refuse(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "no_font", "verify.no_font", report.text);
        buffer_release(&pdf);
    } else {
        exchange_fail(exchange, status, &report);
        buffer_release(&pdf);
    }
}

struct ownership {
    int64_t person;
    bool is_found;
};

static void owner_take(void *ctx, const struct credential_row *row)
{
    struct ownership *ownership = ctx;

    ownership->person = row->person;
    ownership->is_found = true;
}

/* True when the signed-in person holds the certificate, or may see everybody's. */
static bool may_see(struct exchange *exchange, const struct signin *signin)
{
    struct ownership ownership = {.is_found = false};
    char number[UUID_TEXT_SIZE];

    snprintf(number, sizeof number, "%.36s", exchange->path);
    struct db *db = store_read_begin(exchange->context->store);
    (void)credential_find(db, bytes_text(number), owner_take, &ownership);
    store_read_end(exchange->context->store, db);
    return signin->role >= ROLE_FACILITATOR || (ownership.is_found && ownership.person == signin->person);
}

/* /api/v1/me/credentials/NUMBER.json and .pdf; facilitators get everybody's. */
void credential_file_handle(struct exchange *exchange)
{
    const size_t length = strlen(exchange->path);
    const bool is_pdf = length > 4 && strcmp(exchange->path + length - 4, ".pdf") == 0;
    struct buffer document;
    const char *rest;

    if (is_pdf && is_read_by_people(exchange) && !exchange_session(exchange)) {
        pdf_refuse(exchange, MHD_HTTP_UNAUTHORIZED, "not_signed_in", "error.not_signed_in", "");
        return;
    }
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);
    if (!signin) {
        return;
    }
    exchange->is_private = true;
    buffer_init(&document);
    bool is_found = may_see(exchange, signin) && document_find(exchange, &document, &rest);
    if (is_found && strcmp(rest, ".json") == 0) {
        exchange_header_add(exchange, "Content-Disposition", "attachment; filename=\"certificate-%.36s.json\"",
                            exchange->path);
        exchange_answer(exchange, MHD_HTTP_OK, "application/vc+ld+json", (char *)document.data, document.size);
        return; /* the answer has the text */
    }
    if (is_found && strcmp(rest, ".pdf") == 0) {
        pdf_answer(exchange, &document);
    } else if (is_pdf) {
        pdf_refuse(exchange, MHD_HTTP_NOT_FOUND, "not_found", "error.not_found", "There is no such certificate of yours.\n");
    } else {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "There is no such certificate of yours.\n");
    }
    buffer_release(&document);
}

/* --- issuing and revoking ------------------------------------------------------------------------------- */

static const char *member_text(json_t *body, const char *name)
{
    return json_string_value(json_object_get(body, name));
}

static void issue_handle(struct exchange *exchange, json_t *body)
{
    struct issuer issuer = issuer_of(exchange->context);
    const char *person = member_text(body, "person"), *course = member_text(body, "course");
    const char *cohort = member_text(body, "cohort"), *expires = member_text(body, "expires");
    struct issue_request request = {.lang = member_text(body, "lang"),
                                    .title = member_text(body, "title"),
                                    .score = SCORE_NONE,
                                    .now_ms = (int64_t)local_time_now()};
    struct issue_outcome outcome;
    struct report report = {.status = S_OK};

    if (!person || !course || (expires && !timestamp_parse(bytes_text(expires), &request.expires_ms))) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request",
                        "Say person and course, and expires as 2027-10-05.");
        return;
    }
    request.person = bytes_text(person);
    request.course = bytes_text(course);
    request.cohort = bytes_text(cohort ? cohort : "");
    issue_outcome_init(&outcome);
    enum status status = credential_issue(&issuer, &request, &outcome, &report);
    if (status == S_OK) {
        route_answer_json(exchange, json_pack("{s:s,s:b,s:b,s:o}", "id", (const char *)outcome.uuid.data, "new",
                                              outcome.is_new, "completed", outcome.has_completed, "credential",
                                              json_loads((const char *)outcome.document.data, 0, NULL)));
    } else {
        exchange_fail(exchange, status, &report);
    }
    issue_outcome_release(&outcome);
}

/* /api/v1/credentials: GET ?person=ID, POST {"person","course",...}. */
void credentials_route_handle(struct exchange *exchange)
{
    const char *id = exchange_query(exchange, "person");
    struct person person = {.row = 0};

    if (!exchange_require(exchange, ROLE_FACILITATOR)) {
        return;
    }
    if (exchange->method == METHOD_POST) {
        json_t *body = exchange_body_json(exchange, "person course cohort lang title expires");
        if (body) {
            issue_handle(exchange, body);
            json_decref(body);
        }
        return;
    }
    if (id) {
        struct db *db = store_read_begin(exchange->context->store);
        bool is_known = person_find_dims(db, bytes_text(id), &person);
        store_read_end(exchange->context->store, db);
        if (!is_known) {
            exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "There is no person '%s' here.\n", id);
            return;
        }
    }
    list_answer(exchange, person.row);
}

/* /api/v1/credentials/NUMBER: DELETE {"reason"} revokes. */
void credential_route_handle(struct exchange *exchange)
{
    struct issuer issuer = issuer_of(exchange->context);
    struct report report = {.status = S_OK};
    bool is_new;

    if (!exchange_require(exchange, ROLE_MANAGER)) {
        return;
    }
    json_t *body = exchange_body_json(exchange, "reason");
    if (!body) {
        return;
    }
    const char *reason = member_text(body, "reason");
    enum status status = credential_revoke(&issuer, exchange->path, reason ? reason : "", (int64_t)local_time_now(),
                                           &is_new, &report);
    if (status == S_OK) {
        route_answer_json(exchange, json_pack("{s:s,s:b}", "revoked", exchange->path, "new", is_new));
    } else {
        exchange_fail(exchange, status, &report);
    }
    json_decref(body);
}
