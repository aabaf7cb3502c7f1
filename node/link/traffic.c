#include "node/link/traffic.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/sockios.h>

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

static bool info_get(int fd, struct tcp_info *info)
{
    socklen_t size = sizeof *info;

    memset(info, 0, sizeof *info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

bool traffic_received(int fd, uint64_t *bytes_out)
{
    struct tcp_info info;

    if (!info_get(fd, &info)) {
        return false;
    }
    *bytes_out = info.tcpi_bytes_received;
    return true;
}

bool traffic_acked(int fd, uint64_t *bytes_out)
{
    struct tcp_info info;

    if (!info_get(fd, &info)) {
        return false;
    }
    *bytes_out = info.tcpi_bytes_acked;
    return true;
}

bool traffic_look(int fd, struct traffic_state *out)
{
    struct tcp_info info;
    int waiting = 0;

    if (!info_get(fd, &info) || ioctl(fd, SIOCOUTQ, &waiting) != 0) {
        return false;
    }
    *out = (struct traffic_state){
        .acked = info.tcpi_bytes_acked,
        .waiting = waiting > 0 ? (uint64_t)waiting : 0,
        .window = info.tcpi_snd_cwnd * info.tcpi_snd_mss,
        .rtt_us = info.tcpi_rtt,
        .rtt_least_us = info.tcpi_min_rtt,
        .segments = info.tcpi_data_segs_out,
        .repeated = info.tcpi_total_retrans,
    };
    return true;
}

bool traffic_is_sending(int fd)
{
    int waiting = 0;

    return ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting > 0;
}
