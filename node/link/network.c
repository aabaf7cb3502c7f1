#include "node/link/network.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "replication/base/check.h"

struct network {
    uv_poll_t poll;
    uv_timer_t timer;
    int fd;
    int open_handles;
    void (*changed)(void *ctx);
    void *ctx;
};

static void on_settled(uv_timer_t *timer)
{
    struct network *network = timer->data;

    network->changed(network->ctx);
}

/* What it says does not matter: that it says something does. */
static void on_news(uv_poll_t *poll, int status, int events)
{
    struct network *network = poll->data;
    char news[8192];
    ssize_t got;

    (void)status, (void)events;
    do {
        got = recv(network->fd, news, sizeof news, MSG_DONTWAIT);
    } while (got > 0 || (got < 0 && (errno == EINTR || errno == ENOBUFS))); /* ENOBUFS: some were lost: news, too */
    if (!uv_is_active((uv_handle_t *)&network->timer)) {
        uv_update_time(network->timer.loop);
        uv_timer_start(&network->timer, on_settled, NETWORK_SETTLE_MS, 0);
    }
}

struct network *network_open(uv_loop_t *loop, void (*changed)(void *ctx), void *ctx)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    struct network *network = calloc(1, sizeof *network);
    CHECK(network != NULL);
    *network = (struct network){.fd = fd, .open_handles = 2, .changed = changed, .ctx = ctx};
    CHECK(uv_poll_init(loop, &network->poll, fd) == 0);
    uv_timer_init(loop, &network->timer);
    network->poll.data = network;
    network->timer.data = network;
    uv_poll_start(&network->poll, UV_READABLE, on_news);
    return network;
}

static void on_closed(uv_handle_t *handle)
{
    struct network *network = handle->data;

    if (--network->open_handles == 0) {
        close(network->fd);
        free(network);
    }
}

void network_close(struct network *network)
{
    if (network != NULL) {
        uv_poll_stop(&network->poll);
        uv_timer_stop(&network->timer);
        uv_close((uv_handle_t *)&network->poll, on_closed);
        uv_close((uv_handle_t *)&network->timer, on_closed);
    }
}

/* An address can be bound exactly as long as it is on this machine. */
bool network_is_stranded(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } own = {.any.sa_family = AF_UNSPEC};
    socklen_t size = sizeof own;

    if (fd < 0 || getsockname(fd, &own.any, &size) != 0) {
        return false;
    }
    if (own.any.sa_family == AF_INET) {
        own.v4.sin_port = 0;
    } else if (own.any.sa_family == AF_INET6) {
        own.v6.sin6_port = 0;
    } else {
        return false;
    }
    int probe = socket(own.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_gone = probe >= 0 && bind(probe, &own.any, size) != 0 && errno == EADDRNOTAVAIL;
    if (probe >= 0) {
        close(probe);
    }
    return is_gone;
}
