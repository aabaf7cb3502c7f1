#include "node/link/traffic.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/tcp.h> /* its struct tcp_info counts bytes; that of netinet/tcp.h does not */

void traffic_address(int fd, uint8_t out[GUARD_ADDRESS_SIZE])
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    memset(out, 0, GUARD_ADDRESS_SIZE);
    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0) {
        return;
    }
    if (peer.ss_family == AF_INET) {
        out[10] = out[11] = 0xff;
        memcpy(out + 12, &((struct sockaddr_in *)(void *)&peer)->sin_addr, 4);
    } else if (peer.ss_family == AF_INET6) {
        memcpy(out, &((struct sockaddr_in6 *)(void *)&peer)->sin6_addr, GUARD_ADDRESS_SIZE);
    }
}

bool traffic_received(int fd, uint64_t *bytes_out)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return false;
    }
    *bytes_out = info.tcpi_bytes_received;
    return true;
}
