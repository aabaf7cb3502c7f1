/* web.h: a web server in the loop of a test: canned answers, one for each request, on a port of loopback. */
#ifndef QANAT_TESTS_NODE_LINK_MIRROR_WEB_H
#define QANAT_TESTS_NODE_LINK_MIRROR_WEB_H

#include <uv.h>

enum { WEB_REQUESTS_MAX = 32 };

struct web_answer {
    const char *head; /* status line and headers, without Content-Length and the empty line */
    const void *body;
    size_t size; /* of the body as said */
    size_t sent; /* and as sent before the connection is closed; 0: all of it, and it stays open */
};

struct web {
    uv_tcp_t listener;
    int port;
    const struct web_answer *answers; /* in the order of the requests; the last one again and again */
    size_t answer_count;
    size_t count;                          /* requests so far */
    char requests[WEB_REQUESTS_MAX][1024]; /* as they came */
};

void web_open(struct web *web, uv_loop_t *loop, const struct web_answer *answers, size_t count);
void web_close(struct web *web);

#endif
