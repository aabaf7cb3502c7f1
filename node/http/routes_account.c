/* routes_account.c: signing in and out, registering, and one's own settings. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/learn/account/account.h"
#include "node/local_time.h"

static struct account_context account_context(struct exchange *exchange, const char *address)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct account_context){.store = exchange->context->store,
                                    .throttle = exchange->context->throttle,
                                    .address = bytes_text(address),
                                    .now_ms = (int64_t)local_time_now(),
                                    .monotonic_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

/* A member of the body, or an empty text. */
static struct bytes text_get(json_t *body, const char *name)
{
    json_t *member = json_object_get(body, name);
    return json_is_string(member) ? bytes_of(json_string_value(member), json_string_length(member))
                                  : bytes_of("", 0);
}

/* --- the session
 * ------------------------------------------------------------------------------------------------ */

/* What a person may do: their own role and those below it. */
static json_t *roles_json(enum role role)
{
    static const enum role ladder[] = {ROLE_LEARNER, ROLE_FACILITATOR, ROLE_MANAGER, ROLE_ADMINISTRATOR};
    json_t *roles = json_array();

    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
        if (role >= ladder[i]) {
            json_array_append_new(roles, json_string(role_text(ladder[i])));
        }
    }
    return roles;
}

static void session_answer(struct exchange *exchange)
{
    const struct http_context *context = exchange->context;
    const struct signin *signin = exchange_session(exchange);
    json_t *person = json_null();

    if (signin) {
        person = json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", signin->id, "name", signin->name, "role",
                           role_text(signin->role), "lang", signin->lang, "roles", roles_json(signin->role));
    }
    route_answer_json(exchange, json_pack("{s:b, s:s, s:o, s:{s:s, s:s}, s:b}", "signed_in", signin != NULL,
                                          "csrf", signin ? signin->csrf : "", "person", person, "node",
                                          "name", context->config->name, "kind", context->config->kind,
                                          "registration", *context->config->registration_code != '\0'));
}

static void throttled_answer(struct exchange *exchange, unsigned wait_s)
{
    exchange_header_add(exchange, "Retry-After", "%u", wait_s);
    exchange_refuse(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "too_many_tries",
                    "Too many tries: come again in %u seconds.", wait_s);
}

/* Goes on as the person who has just signed in. */
static void session_begin(struct exchange *exchange, const char *token, bool is_kept)
{
    visitor_cookie_set(exchange, token, is_kept);
    exchange->has_session_been_read = true;
    exchange->is_private = true;
    signin_find(exchange->context->store, token, (int64_t)local_time_now(), &exchange->signin);
    session_answer(exchange);
}

static void sign_in_handle(struct exchange *exchange)
{
    char address[EXCHANGE_ADDRESS_SIZE], token[SIGNIN_TOKEN_SIZE];
    json_t *body = exchange_body_json(exchange, "person password remember?");
    unsigned wait_s = 0;

    if (!body) {
        return;
    }
    exchange_address(exchange, address);
    struct account_context context = account_context(exchange, address);
    bool is_kept = json_is_true(json_object_get(body, "remember"));
    enum status status = account_sign_in(&context, text_get(body, "person"), text_get(body, "password"),
                                         is_kept, token, &wait_s);
    json_decref(body);
    if (status == S_OK) {
        session_begin(exchange, token, is_kept);
    } else if (wait_s > 0) {
        throttled_answer(exchange, wait_s);
    } else if (status == S_DENIED) {
        exchange_refuse(exchange, MHD_HTTP_UNAUTHORIZED, "wrong_password", "Person or password is wrong.");
    } else {
        exchange_fail(exchange, status, NULL);
    }
}

static void sign_out_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_session(exchange);
    enum status status = signin ? signin_close(exchange->context->store, signin) : S_OK;

    if (status != S_OK) {
        exchange_fail(exchange, status, NULL);
        return;
    }
    visitor_cookie_drop(exchange);
    exchange->signin.person = 0;
    session_answer(exchange);
}

void session_route_handle(struct exchange *exchange)
{
    if (exchange->method == METHOD_POST) {
        sign_in_handle(exchange);
    } else if (exchange->method == METHOD_DELETE) {
        sign_out_handle(exchange);
    } else {
        session_answer(exchange);
    }
}

/* --- registering and settings
 * ----------------------------------------------------------------------------------- */

void registrations_route_handle(struct exchange *exchange)
{
    char address[EXCHANGE_ADDRESS_SIZE], token[SIGNIN_TOKEN_SIZE];
    json_t *body = exchange->method == METHOD_POST ? exchange_body_json(exchange, "code id name gender lang password") : NULL;
    struct report report = {.status = S_OK};
    unsigned wait_s = 0;

    if (!body) {
        if (!exchange->code) {
            route_answer_json(exchange, json_pack("{s:b}", "registration",
                                                  *exchange->context->config->registration_code != '\0'));
        }
        return;
    }
    exchange_address(exchange, address);
    struct account_context context = account_context(exchange, address);
    struct account_registration registration = {.code_wanted = exchange->context->config->registration_code,
                                                .code = text_get(body, "code"),
                                                .id = text_get(body, "id"),
                                                .name = text_get(body, "name"),
                                                .gender = text_get(body, "gender"),
                                                .lang = text_get(body, "lang"),
                                                .password = text_get(body, "password")};
    enum status status = account_register(&context, &registration, &wait_s, &report);
    if (status == S_OK) {
        status = account_sign_in(&context, registration.id, registration.password, false, token, &wait_s);
    }
    json_decref(body);
    if (status == S_OK) {
        session_begin(exchange, token, false);
        exchange->code = MHD_HTTP_CREATED;
    } else if (wait_s > 0) {
        throttled_answer(exchange, wait_s);
    } else if (status == S_DENIED) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN, "wrong_code", "%s", report.text);
    } else {
        exchange_fail(exchange, status, &report);
    }
}

void me_route_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);

    if (!signin || exchange->method != METHOD_PUT) {
        if (signin) {
            session_answer(exchange);
        }
        return;
    }
    json_t *body = exchange_body_json(exchange, "lang");
    if (!body) {
        return;
    }
    struct account_context context = account_context(exchange, "");
    json_t *member = json_object_get(body, "lang");
    struct bytes lang = text_get(body, "lang");
    enum status status = json_is_string(member) ? account_set_lang(&context, signin, lang) : S_INVALID;
    if (!member) { /* nothing was asked for */
        session_answer(exchange);
    } else if (status == S_OK) {
        snprintf(exchange->signin.lang, sizeof exchange->signin.lang, "%.*s", (int)lang.size,
                 (const char *)lang.data);
        session_answer(exchange);
    } else if (status == S_INVALID) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_lang",
                        "lang is a language tag as ar, en or zh-Hans.");
    } else {
        exchange_fail(exchange, status, NULL);
    }
    json_decref(body);
}

void password_route_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);
    char address[EXCHANGE_ADDRESS_SIZE];
    json_t *body = signin ? exchange_body_json(exchange, "old new") : NULL;
    unsigned wait_s = 0;

    if (!body) {
        return;
    }
    exchange_address(exchange, address);
    struct account_context context = account_context(exchange, address);
    enum status status =
        account_change_password(&context, signin, text_get(body, "old"), text_get(body, "new"), &wait_s);
    json_decref(body);
    if (status == S_OK) {
        session_answer(exchange);
    } else if (wait_s > 0) {
        throttled_answer(exchange, wait_s);
    } else if (status == S_DENIED) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN, "wrong_password", "The old password is wrong.");
    } else if (status == S_INVALID) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_password", "A password has 8 to 128 bytes.");
    } else {
        exchange_fail(exchange, status, NULL);
    }
}
