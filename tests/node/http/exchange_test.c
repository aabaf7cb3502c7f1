#include "node/http/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "node/shortfall.h"
#include "tests/kit/kit.h"

static enum status read_status; /* of what the handler reads */

static void list_handle(struct exchange *exchange)
{
    shortfall_note(read_status);
    exchange_header_add(exchange, "Set-Cookie", "%s", "session=");
    exchange->is_immutable = true;
    exchange_answer(exchange, MHD_HTTP_OK, "application/json", strdup("[]"), 2);
}

static void written_answer(struct exchange *exchange, enum status status)
{
    assert_int_equal(status, S_OK);
    list_handle(exchange);
}

static struct exchange handled(enum status read, exchange_then *then)
{
    static const struct route route = {.prefix = "/list", .handle = list_handle};
    struct exchange exchange = {.route = &route, .file = -1};

    read_status = read;
    exchange_handle(&exchange, then, S_OK);
    return exchange;
}

static void exchange_drop(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->header_count; i++) {
        free(exchange->headers[i].value);
    }
    free(exchange->body);
}

static void what_was_read_whole_is_answered(void **state)
{
    struct exchange exchange = handled(S_OK, NULL);
    (void)state;

    assert_int_equal(exchange.code, MHD_HTTP_OK);
    assert_int_equal(exchange.header_count, 1);
    assert_memory_equal(exchange.body, "[]", 2);
    exchange_drop(&exchange);
}

static void a_list_of_which_a_part_could_not_be_read_is_no_answer(void **state)
{
    static exchange_then *const ways[] = {NULL, written_answer};
    (void)state;

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct exchange exchange = handled(S_IO, ways[i]);
        assert_int_equal(exchange.code, MHD_HTTP_INTERNAL_SERVER_ERROR);
        assert_int_equal(exchange.header_count, 0);
        assert_false(exchange.is_immutable);
        assert_non_null(strstr(exchange.body, status_text(S_IO)));
        exchange_drop(&exchange);
    }
    struct exchange exchange = handled(S_BUSY, NULL);
    assert_int_equal(exchange.code, MHD_HTTP_SERVICE_UNAVAILABLE); /* asked again it may go */
    exchange_drop(&exchange);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_whole_is_answered),
        cmocka_unit_test(a_list_of_which_a_part_could_not_be_read_is_no_answer),
    };
    return KIT_RUN(tests);
}
