#include "node/link/endpoint.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_wildcard(const char *host, size_t size)
{
    static const char *const names[] = {"0.0.0.0", "*", "[::]", "::"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == size && memcmp(names[i], host, size) == 0) {
            return true;
        }
    }
    return false;
}

/* The first IPv4 address that is up and not loopback. */
static void own_address(char out[INET_ADDRSTRLEN])
{
    struct ifaddrs *all = NULL;

    snprintf(out, INET_ADDRSTRLEN, "127.0.0.1");
    if (getifaddrs(&all) != 0) {
        return;
    }
    for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
        if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET && (one->ifa_flags & IFF_UP) != 0 &&
            (one->ifa_flags & IFF_LOOPBACK) == 0) {
            const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)one->ifa_addr;
            inet_ntop(AF_INET, &address->sin_addr, out, INET_ADDRSTRLEN);
            break;
        }
    }
    freeifaddrs(all);
}

enum status endpoint_public(const struct config *config, char out[ENDPOINT_MAX], struct report *report)
{
    const char *text = config->advertise[0] != '\0' ? config->advertise : config->listen;
    const char *host = text + strlen("tcp://");
    char address[INET_ADDRSTRLEN];
    int length;

    out[0] = '\0';
    if (text[0] == '\0') {
        return S_OK;
    }
    const char *port = strrchr(text, ':');
    if (strncmp(text, "tcp://", strlen("tcp://")) != 0 || port <= host) {
        return report_set(report, S_INVALID, "address '%s' must be tcp://ADDR:PORT", text);
    }
    if (is_wildcard(host, (size_t)(port - host))) {
        own_address(address);
        length = snprintf(out, ENDPOINT_MAX, "tcp://%s%s", address, port);
    } else {
        length = snprintf(out, ENDPOINT_MAX, "%s", text);
    }
    if (length >= ENDPOINT_MAX) {
        return report_set(report, S_TOO_LARGE, "address '%s' is too long", text);
    }
    return S_OK;
}

bool endpoint_is_dialable(const char *text)
{
    const char *host = text + strlen("tcp://"), *port = strrchr(text, ':');

    return config_is_endpoint(text) && !is_wildcard(host, (size_t)(port - host)) && strtoul(port + 1, NULL, 10) > 0;
}

void endpoint_uplink(const struct roster *roster, const struct id *self, const char *configured, const char **first_out, const char **second_out)
{
    const struct roster_node *node = roster_find(roster, self), *above = roster_uplink(roster, self);
    bool is_moved = !id_equal(&node->parent, &node->stated_parent);

    *first_out = is_moved ? above->endpoint : configured;
    *second_out = is_moved ? configured : above->endpoint;
    if ((*first_out)[0] == '\0') {
        *first_out = *second_out;
    }
}
