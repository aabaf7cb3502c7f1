#include "node/link/congestion.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

bool congestion_choose(int fd)
{
    static const char name[] = "bbr";

    return fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, sizeof name - 1) == 0;
}

bool congestion_gather(int fd)
{
    int is_at_once = 0;

    return fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_at_once, sizeof is_at_once) == 0;
}

bool congestion_converse(int fd)
{
    int is_at_once = 0;

    return fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &is_at_once, sizeof is_at_once) == 0;
}
