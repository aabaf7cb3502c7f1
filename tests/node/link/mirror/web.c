#include "tests/node/link/mirror/web.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

struct visit {
    uv_tcp_t tcp;
    struct web *web;
    char text[1024]; /* of the request so far */
    size_t size;
};

struct reply {
    uv_write_t write;
    struct visit *visit;
    bool is_last;
    char head[512];
    uv_buf_t parts[2];
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void visit_close(struct visit *visit)
{
    if (!uv_is_closing((uv_handle_t *)&visit->tcp)) {
        uv_close((uv_handle_t *)&visit->tcp, on_closed);
    }
}

static void on_sent(uv_write_t *write, int status)
{
    struct reply *reply = write->data;

    if (status != 0 || reply->is_last) {
        visit_close(reply->visit);
    }
    free(reply);
}

static void request_answer(struct visit *visit)
{
    struct web *web = visit->web;
    size_t index = web->count < web->answer_count ? web->count : web->answer_count - 1;
    const struct web_answer *answer = &web->answers[index];
    struct reply *reply = calloc(1, sizeof *reply);

    CHECK(reply && web->count < WEB_REQUESTS_MAX);
    memcpy(web->requests[web->count++], visit->text, sizeof visit->text);
    size_t sent = answer->sent ? answer->sent : answer->size;
    reply->visit = visit;
    reply->is_last = sent < answer->size;
    snprintf(reply->head, sizeof reply->head, "%sContent-Length: %zu\r\n\r\n", answer->head, answer->size);
    reply->parts[0] = uv_buf_init(reply->head, (unsigned)strlen(reply->head));
    reply->parts[1] = uv_buf_init((char *)(uintptr_t)answer->body, (unsigned)sent);
    reply->write.data = reply;
    CHECK(uv_write(&reply->write, (uv_stream_t *)&visit->tcp, reply->parts, sent > 0 ? 2 : 1, on_sent) == 0);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct visit *visit = handle->data;
    (void)suggested;

    *buf = uv_buf_init(visit->text + visit->size, (unsigned)(sizeof visit->text - 1 - visit->size));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
    struct visit *visit = stream->data;
    (void)buf;

    if (size < 0) {
        visit_close(visit);
        return;
    }
    visit->size += (size_t)size;
    visit->text[visit->size] = '\0';
    if (strstr(visit->text, "\r\n\r\n")) { /* a client waits for its answer before it asks again */
        request_answer(visit);
        visit->size = 0;
    }
}

static void on_visit(uv_stream_t *listener, int status)
{
    struct web *web = listener->data;
    struct visit *visit = calloc(1, sizeof *visit);

    CHECK(status == 0 && visit);
    visit->web = web;
    uv_tcp_init(listener->loop, &visit->tcp);
    visit->tcp.data = visit;
    CHECK(uv_accept(listener, (uv_stream_t *)&visit->tcp) == 0);
    CHECK(uv_read_start((uv_stream_t *)&visit->tcp, on_room, on_read) == 0);
}

void web_open(struct web *web, uv_loop_t *loop, const struct web_answer *answers, size_t count)
{
    struct sockaddr_in address;
    int size = sizeof address;

    memset(web, 0, sizeof *web);
    web->answers = answers;
    web->answer_count = count;
    CHECK(uv_ip4_addr("127.0.0.1", 0, &address) == 0 && uv_tcp_init(loop, &web->listener) == 0);
    web->listener.data = web;
    CHECK(uv_tcp_bind(&web->listener, (const struct sockaddr *)&address, 0) == 0);
    CHECK(uv_listen((uv_stream_t *)&web->listener, 16, on_visit) == 0);
    CHECK(uv_tcp_getsockname(&web->listener, (struct sockaddr *)&address, &size) == 0);
    web->port = ntohs(address.sin_port);
}

void web_close(struct web *web)
{
    uv_close((uv_handle_t *)&web->listener, NULL);
}
