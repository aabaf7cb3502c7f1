#include "node/http/exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/http/range.h"
#include "node/http/server.h"
#include "node/http/shelf.h"
#include "node/local_time.h"
#include "node/shortfall.h"
#include "replication/base/check.h"

enum { FILE_SMALL_MAX = 64 * 1024 };

void exchange_answer(struct exchange *exchange, unsigned code, const char *media_type, char *text,
                     size_t size)
{
    CHECK(!exchange->body && exchange->file < 0);
    exchange->code = code;
    exchange->media_type = media_type;
    exchange->body = text;
    exchange->body_size = size;
}

void exchange_answer_empty(struct exchange *exchange, unsigned code)
{
    CHECK(!exchange->body && exchange->file < 0);
    exchange->code = code;
    exchange->media_type = NULL;
}

/* --- problems
 * --------------------------------------------------------------------------------------------------- */

static const char *code_word(unsigned code)
{
    switch (code) {
    case MHD_HTTP_BAD_REQUEST:
        return "bad_request";
    case MHD_HTTP_UNAUTHORIZED:
        return "not_signed_in";
    case MHD_HTTP_FORBIDDEN:
        return "not_allowed";
    case MHD_HTTP_NOT_FOUND:
        return "not_found";
    case MHD_HTTP_METHOD_NOT_ALLOWED:
        return "method_not_allowed";
    case MHD_HTTP_CONFLICT:
        return "conflict";
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return "too_large";
    case MHD_HTTP_TOO_MANY_REQUESTS:
        return "too_many_requests";
    case MHD_HTTP_SERVICE_UNAVAILABLE:
        return "busy";
    case MHD_HTTP_INSUFFICIENT_STORAGE:
        return "no_space";
    default:
        return code >= 500 ? "internal" : "refused";
    }
}

/* An address may hold any bytes, and problems name it: what is no text is shown as question marks. */
static void text_mend(char *text)
{
    if (!utf8_is_valid(bytes_text(text))) {
        for (; *text; text++) {
            *text = (unsigned char)*text < 0x80 ? *text : '?';
        }
    }
}

static void problem_answer(struct exchange *exchange, unsigned code, const char *word, char *text)
{
    char *body;

    text_mend(text);
    if (exchange->is_api) {
        size_t length = strcspn(text, "\n");
        json_t *document = json_pack("{s:s, s:s%}", "error", word, "text", text, length);
        body = document ? json_dumps(document, JSON_COMPACT) : NULL;
        json_decref(document);
        body =
            body
                ? body
                : strdup("{\"error\":\"internal\",\"text\":\"The text of this problem cannot be written.\"}");
        CHECK(body);
        exchange_answer(exchange, code, "application/json", body, strlen(body));
        return;
    }
    body = strdup(text);
    CHECK(body);
    exchange_answer(exchange, code, "text/plain; charset=utf-8", body, strlen(body));
}

void exchange_refuse(struct exchange *exchange, unsigned code, const char *word, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    CHECK(vasprintf(&text, format, args) >= 0);
    va_end(args);
    problem_answer(exchange, code, word, text);
    free(text);
}

void exchange_problem(struct exchange *exchange, unsigned code, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    CHECK(vasprintf(&text, format, args) >= 0);
    va_end(args);
    problem_answer(exchange, code, code_word(code), text);
    free(text);
}

static unsigned status_code(enum status status)
{
    switch (status) {
    case S_INVALID:
    case S_USAGE:
    case S_VERSION:
        return MHD_HTTP_BAD_REQUEST;
    case S_DENIED:
        return MHD_HTTP_FORBIDDEN;
    case S_NOT_FOUND:
        return MHD_HTTP_NOT_FOUND;
    case S_EXISTS:
    case S_STALE:
        return MHD_HTTP_CONFLICT;
    case S_TOO_LARGE:
        return MHD_HTTP_CONTENT_TOO_LARGE;
    case S_BUSY:
    case S_NO_MEMORY:
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    case S_NO_SPACE:
        return MHD_HTTP_INSUFFICIENT_STORAGE;
    case S_OK:
    case S_BAD_SIGNATURE:
    case S_BAD_DIGEST:
    case S_FORKED:
    case S_IO:
    case S_CORRUPT:
    case S_UNREACHABLE:
    case S_PARTIAL:
    case S_INTERNAL:
        break;
    }
    return MHD_HTTP_INTERNAL_SERVER_ERROR;
}

void exchange_fail(struct exchange *exchange, enum status status, const struct report *report)
{
    exchange_problem(exchange, status_code(status), "%s\n",
                     report && report->status != S_OK ? report->text : status_text(status));
}

/* --- handling
 * ------------------------------------------------------------------------------------------------- */

void exchange_answer_drop(struct exchange *exchange)
{
    if (exchange->file >= 0) {
        close(exchange->file);
    }
    if (exchange->response) {
        MHD_destroy_response(exchange->response);
    }
    for (size_t i = 0; i < exchange->header_count; i++) {
        free(exchange->headers[i].value);
    }
    free(exchange->body);
    exchange->header_count = exchange->file_size = exchange->code = 0;
    exchange->file = -1;
    exchange->response = NULL;
    exchange->shelved = NULL;
    exchange->body = NULL;
    exchange->etag[0] = '\0';
    exchange->cache = NULL;
    exchange->is_immutable = false;
}

void exchange_handle(struct exchange *exchange, exchange_then *then, enum status written)
{
    struct shortfall watch;

    shortfall_begin(&watch);
    if (then) {
        then(exchange, written);
    } else {
        exchange->route->handle(exchange);
    }
    enum status missed = shortfall_end(&watch);
    if (missed != S_OK && exchange->code < MHD_HTTP_INTERNAL_SERVER_ERROR && !exchange->is_waiting && !exchange->stream) {
        exchange_answer_drop(exchange);
        exchange_fail(exchange, missed, NULL);
    }
}

/* --- what was asked
 * --------------------------------------------------------------------------------------------- */

const char *exchange_query(struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool exchange_query_is_on(struct exchange *exchange, const char *name)
{
    const char *value = NULL;
    bool is_there = MHD_lookup_connection_value_n(exchange->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value, NULL) == MHD_YES;

    return is_there && !(value && (*value == '0' || *value == 'f')); /* what it may be was looked at: request.c */
}

uint64_t exchange_query_number(struct exchange *exchange, const char *name, uint64_t otherwise)
{
    const char *text = exchange_query(exchange, name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

const char *exchange_header(struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

struct bytes exchange_body(const struct exchange *exchange)
{
    return buffer_bytes(&exchange->body_in);
}

bool exchange_is_slow(const struct exchange *exchange)
{
    const struct route *route = exchange->route;

    return route->is_slow_now ? route->is_slow_now(exchange) : route->is_slow;
}

enum pool_line exchange_line(const struct exchange *exchange)
{
    return exchange->route->line ? exchange->route->line(exchange) : POOL_SHORT;
}

void exchange_address(struct exchange *exchange, char out[EXCHANGE_ADDRESS_SIZE])
{
    snprintf(out, EXCHANGE_ADDRESS_SIZE, "?");
    if (exchange->caller) {
        (void)inet_ntop(AF_INET6, exchange->caller->address, out, EXCHANGE_ADDRESS_SIZE);
    }
}

/* --- sending
 * ---------------------------------------------------------------------------------------------------- */

void exchange_header_add(struct exchange *exchange, const char *name, const char *format, ...)
{
    va_list args;

    if (exchange->header_count == EXCHANGE_HEADERS_MAX) {
        return;
    }
    size_t at = exchange->header_count++;
    exchange->headers[at].name = name;
    va_start(args, format);
    CHECK(vasprintf(&exchange->headers[at].value, format, args) >= 0);
    va_end(args);
}

bool exchange_is_main(const struct exchange *exchange)
{
    return exchange->origin->routes == main_routes;
}

static const char *cache_control(const struct exchange *exchange)
{
    if (exchange->cache) {
        return exchange->cache;
    }
    if (exchange->is_private) {
        return "no-store";
    }
    return exchange->is_immutable ? "public, max-age=31536000, immutable" : "no-cache";
}

/* NULL: none. */
static const char *policy_of(const struct exchange *exchange)
{
    if (exchange->policy) {
        return exchange->policy;
    }
    if (exchange->is_sandboxed) {
        return "sandbox allow-scripts allow-forms allow-popups";
    }
    return *exchange->etag ? NULL : "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'";
}

static void headers_add(struct exchange *exchange, struct MHD_Response *response)
{
    if (exchange->media_type) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->media_type);
    }
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "same-origin");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, cache_control(exchange));
    if (*exchange->etag) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, exchange->etag);
    }
    if (policy_of(exchange)) {
        MHD_add_response_header(response, "Content-Security-Policy", policy_of(exchange));
    }
    if (exchange->policy) {
        /* A page, or a course's file: old courses say their last word in `unload`, which browsers give only to
         * who asks. */
        MHD_add_response_header(response, "Permissions-Policy", "unload=*");
    }
    for (size_t i = 0; i < exchange->header_count; i++) {
        MHD_add_response_header(response, exchange->headers[i].name, exchange->headers[i].value);
    }
}

/* Queues `response` (which passes over) with the common headers. */
static enum MHD_Result response_queue(struct exchange *exchange, unsigned code, struct MHD_Response *response)
{
    CHECK(response);
    headers_add(exchange, response);
    enum MHD_Result result = MHD_queue_response(exchange->connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *empty_response(void)
{
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result body_send(struct exchange *exchange)
{
    if (!exchange->body) {
        return response_queue(exchange, exchange->code, empty_response());
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(exchange->body_size, exchange->body, MHD_RESPMEM_MUST_FREE);
    exchange->body = NULL;
    return response_queue(exchange, exchange->code, response);
}

/* A small part of a file is read and leaves with the headers in one piece; NULL where it cannot be read. */
static struct MHD_Response *small_response(int file, uint64_t first, uint64_t length)
{
    uint8_t *data = malloc(length + 1);
    size_t at = 0;

    CHECK(data);
    while (at < length) {
        ssize_t got = pread(file, data + at, length - at, (off_t)(first + at));
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            free(data);
            return NULL;
        }
        at += got > 0 ? (size_t)got : 0;
    }
    close(file);
    return MHD_create_response_from_buffer(length, data, MHD_RESPMEM_MUST_FREE);
}

/* `length` bytes of the exchange's file from `first` on; the response owns the descriptor. */
static struct MHD_Response *part_response(const struct exchange *exchange, uint64_t first, uint64_t length)
{
    if (exchange->shelved) {
        const uint8_t *data = exchange->shelved->data + first;
        return MHD_create_response_from_buffer(length, (void *)(uintptr_t)data, MHD_RESPMEM_MUST_COPY);
    }
    struct MHD_Response *response =
        length <= FILE_SMALL_MAX ? small_response(exchange->file, first, length) : NULL;
    return response ? response : MHD_create_response_from_fd_at_offset64(length, exchange->file, first);
}

static enum MHD_Result part_send(struct exchange *exchange, unsigned code, uint64_t first, uint64_t length)
{
    struct MHD_Response *response = part_response(exchange, first, length);
    char text[96];

    CHECK(response);
    MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    if (code == MHD_HTTP_PARTIAL_CONTENT) {
        snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first, first + length - 1,
                 exchange->file_size);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, text);
    }
    return response_queue(exchange, code, response);
}

/* Nothing of the file is sent. */
static void file_leave(struct exchange *exchange)
{
    if (exchange->file >= 0) {
        close(exchange->file);
    }
}

static enum MHD_Result outside_send(struct exchange *exchange)
{
    struct MHD_Response *response = empty_response();
    char text[64];

    file_leave(exchange);
    snprintf(text, sizeof text, "bytes */%" PRIu64, exchange->file_size);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, text);
    return response_queue(exchange, MHD_HTTP_RANGE_NOT_SATISFIABLE, response);
}

/* A whole file of the shelf: its answer is made once for all who come the same way. */
static enum MHD_Result shelved_send(struct exchange *exchange)
{
    const char *policy = policy_of(exchange);
    char variant[EXCHANGE_PATH_MAX];

    CHECK(exchange->header_count == 0);
    snprintf(variant, sizeof variant, "%s\n%s", cache_control(exchange), policy ? policy : "");
    struct MHD_Response *answer = shelf_answer(exchange->shelved, variant);
    if (!answer) {
        answer = shelf_answer_new(exchange->shelved, variant);
        MHD_add_response_header(answer, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
        headers_add(exchange, answer);
    }
    return MHD_queue_response(exchange->connection, MHD_HTTP_OK, answer);
}

static ssize_t nothing_read(void *cls, uint64_t at, char *out, size_t size)
{
    (void)cls, (void)at, (void)out, (void)size;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* No body follows a 304, and its Content-Length is still that of the file (RFC 9110, 8.6): a cache may take it for its copy's. */
static enum MHD_Result unmodified_send(struct exchange *exchange)
{
    file_leave(exchange);
    return response_queue(exchange, MHD_HTTP_NOT_MODIFIED,
                          MHD_create_response_from_callback(exchange->file_size, 1, nothing_read, NULL, NULL));
}

/* Whether a list of tags names what is sent. A weak one does where the copy of a cache is meant, and not where these very bytes are (RFC 9110, 8.8.3.2). */
static bool is_named(const char *list, const struct exchange *exchange, bool is_strong)
{
    const char *tag = strstr(list, exchange->etag);
    bool is_weak = tag && tag - list >= 2 && strncmp(tag - 2, "W/", 2) == 0;

    return strcmp(list, "*") == 0 || (tag && !(is_weak && is_strong));
}

/* A file, or the part of it that was asked for. A HEAD has no parts (RFC 9110, 14.2). */
static enum MHD_Result file_send(struct exchange *exchange)
{
    struct MHD_Connection *connection = exchange->connection;
    const char *match = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-Match");
    const char *none_match = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
    const char *range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Range");
    const char *if_range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-Range");
    uint64_t first = 0, length = 0;

    if (match && *exchange->etag && !is_named(match, exchange, true)) {
        file_leave(exchange);
        return response_queue(exchange, MHD_HTTP_PRECONDITION_FAILED, empty_response());
    }
    if (none_match && *exchange->etag && is_named(none_match, exchange, false)) {
        return unmodified_send(exchange);
    }
    if (exchange->method == METHOD_HEAD || (if_range && strcmp(if_range, exchange->etag) != 0)) {
        range = NULL;
    }
    switch (range_parse(range, exchange->file_size, &first, &length)) {
    case RANGE_WHOLE:
        return exchange->shelved ? shelved_send(exchange)
                                 : part_send(exchange, MHD_HTTP_OK, 0, exchange->file_size);
    case RANGE_PART:
        return part_send(exchange, MHD_HTTP_PARTIAL_CONTENT, first, length);
    case RANGE_OUTSIDE:
        return outside_send(exchange);
    }
    return MHD_NO;
}

void exchange_busy(struct exchange *exchange)
{
    exchange_header_add(exchange, "Retry-After", "2");
    exchange_problem(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "Busy: try again in a moment.\n");
}

enum MHD_Result exchange_send(struct exchange *exchange)
{
    CHECK(exchange->code);
    caller_enter(exchange->caller, CALLER_TAKES, local_time_monotonic());
    if (exchange->response) {
        struct MHD_Response *response = exchange->response;
        exchange->response = NULL;
        return response_queue(exchange, exchange->code, response);
    }
    if (exchange->file < 0 && !exchange->shelved) {
        return body_send(exchange);
    }
    enum MHD_Result result = file_send(exchange);
    exchange->file = -1;
    return result;
}
