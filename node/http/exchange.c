#include "node/http/exchange.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/http/range.h"
#include "replication/base/check.h"

void exchange_answer(struct exchange *exchange, unsigned code, const char *media_type, char *text, size_t size)
{
    CHECK(!exchange->body && exchange->file < 0);
    exchange->code = code;
    exchange->media_type = media_type;
    exchange->body = text;
    exchange->body_size = size;
}

void exchange_problem(struct exchange *exchange, unsigned code, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    CHECK(size >= 0);
    exchange_answer(exchange, code, "text/plain; charset=utf-8", text, (size_t)size);
}

const char *exchange_query(struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

static void headers_add(struct exchange *exchange, struct MHD_Response *response)
{
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->media_type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "same-origin");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                            exchange->is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (*exchange->location) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, exchange->location);
    }
    if (*exchange->etag) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, exchange->etag);
    }
    if (exchange->is_sandboxed) {
        MHD_add_response_header(response, "Content-Security-Policy", "sandbox allow-scripts allow-forms allow-popups");
    } else if (!*exchange->etag) {
        MHD_add_response_header(response, "Content-Security-Policy",
                                "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'");
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

static enum MHD_Result body_send(struct exchange *exchange)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(exchange->body_size, exchange->body, MHD_RESPMEM_MUST_FREE);
    exchange->body = NULL;
    return response_queue(exchange, exchange->code, response);
}

static struct MHD_Response *empty_response(void)
{
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

/* `length` bytes of the exchange's file from `first` on; the response owns the descriptor. */
static enum MHD_Result part_send(struct exchange *exchange, unsigned code, uint64_t first, uint64_t length)
{
    struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(length, exchange->file, first);
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

static enum MHD_Result outside_send(struct exchange *exchange)
{
    struct MHD_Response *response = empty_response();
    char text[64];

    close(exchange->file);
    snprintf(text, sizeof text, "bytes */%" PRIu64, exchange->file_size);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, text);
    return response_queue(exchange, MHD_HTTP_RANGE_NOT_SATISFIABLE, response);
}

/* A file, or the part of it that was asked for. */
static enum MHD_Result file_send(struct exchange *exchange)
{
    struct MHD_Connection *connection = exchange->connection;
    const char *none_match = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
    const char *range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Range");
    const char *if_range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-Range");
    uint64_t first = 0, length = 0;

    if (none_match && *exchange->etag && strstr(none_match, exchange->etag)) {
        close(exchange->file);
        return response_queue(exchange, MHD_HTTP_NOT_MODIFIED, empty_response());
    }
    if (if_range && strcmp(if_range, exchange->etag) != 0) {
        range = NULL;
    }
    switch (range_parse(range, exchange->file_size, &first, &length)) {
    case RANGE_WHOLE:
        return part_send(exchange, MHD_HTTP_OK, 0, exchange->file_size);
    case RANGE_PART:
        return part_send(exchange, MHD_HTTP_PARTIAL_CONTENT, first, length);
    case RANGE_OUTSIDE:
        return outside_send(exchange);
    }
    return MHD_NO;
}

enum MHD_Result exchange_send(struct exchange *exchange)
{
    CHECK(exchange->code && exchange->media_type);
    if (exchange->file < 0) {
        return body_send(exchange);
    }
    enum MHD_Result result = file_send(exchange);
    exchange->file = -1;
    return result;
}
