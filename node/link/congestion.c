#include "node/link/congestion.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

static const char bbr[] = "bbr", other[] = "reno"; /* which every kernel has */

bool congestion_choose(int fd)
{
    return fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, bbr, sizeof bbr - 1) == 0;
}

bool congestion_gather(int fd)
{
    int is_at_once = 0;

    return fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_at_once, sizeof is_at_once) == 0;
}

bool congestion_is_steady(int fd)
{
    char name[sizeof bbr] = "";
    socklen_t size = sizeof name - 1;

    return fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size) == 0 && strcmp(name, bbr) == 0;
}

bool congestion_begin(int fd)
{
    if (congestion_is_steady(fd) && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, other, sizeof other - 1) == 0) {
        (void)congestion_choose(fd);
    }
    return congestion_gather(fd);
}

bool congestion_converse(int fd)
{
    int is_at_once = 0;

    return fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &is_at_once, sizeof is_at_once) == 0;
}
