/* The addresses a node listens on, and the one it dials. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "node/store/operation/peer_status.h"

enum { HOST_MAX = 256, PORT_MAX = 16, SILENT_MS = 1000 };

/* Splits "tcp://HOST:PORT", "HOST:PORT" or "[ADDRESS]:PORT". */
static bool address_split(const char *text, char host[HOST_MAX], char port[PORT_MAX])
{
    if (strncmp(text, "tcp://", 6) == 0) {
        text += 6;
    }
    const char *colon = strrchr(text, ':');
    if (!colon || !colon[1] || strlen(colon + 1) >= PORT_MAX || (size_t)(colon - text) >= HOST_MAX) {
        return false;
    }
    bool is_bracketed = colon > text + 1 && text[0] == '[' && colon[-1] == ']';
    snprintf(host, HOST_MAX, "%.*s", (int)(colon - text) - (is_bracketed ? 2 : 0), text + is_bracketed);
    snprintf(port, PORT_MAX, "%s", colon + 1);
    return true;
}

/* Waits for a connection under way; 0 or errno. */
static int connect_wait(int fd, int timeout_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int code = 0;
    socklen_t size = sizeof code;

    int rc = poll(&wait, 1, timeout_ms);
    if (rc == 0) {
        return ETIMEDOUT;
    }
    return rc < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0 ? errno : code;
}

/* Connects to one of the addresses; 0 or the errno of the last one. Hangs up, unless `fd_out` is to have the
 * connection. */
static int addresses_try(const struct addrinfo *found, int timeout_ms, int *fd_out)
{
    int code = EADDRNOTAVAIL;

    for (; found && code != 0; found = found->ai_next) {
        int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            code = errno;
            continue;
        }
        code = connect(fd, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
        if (code == EINPROGRESS) {
            code = connect_wait(fd, timeout_ms);
        }
        if (code == 0 && fd_out) {
            *fd_out = fd;
        } else {
            close(fd);
        }
    }
    return code;
}

/* Binds the address for a moment; 0 or errno. */
static int address_bind(const struct addrinfo *address)
{
    int on = 1, code = 0;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, 1) != 0) {
        code = errno;
    }
    close(fd);
    return code;
}

/* One listening address: of a running node it must answer, else it must be free. */
static void port_look(const struct doctor *doctor, const char *option, const char *text)
{
    struct findings *findings = doctor->inspection->findings;
    char host[HOST_MAX], port[PORT_MAX], subject[FINDING_SUBJECT_MAX];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = doctor->is_running ? 0 : AI_PASSIVE},
                    *found = NULL;

    if (!*text) {
        return;
    }
    snprintf(subject, sizeof subject, "%s %.120s", option, text);
    if (!address_split(text, host, port)) {
        findings_add(findings, FINDING_ADDRESS_WRONG, subject, "it is not ADDRESS:PORT");
        return;
    }
    bool is_any = !*host || strcmp(host, "*") == 0;
    int rc =
        getaddrinfo(is_any ? (doctor->is_running ? "127.0.0.1" : "0.0.0.0") : host, port, &hints, &found);
    if (rc != 0) {
        findings_add(findings, FINDING_ADDRESS_WRONG, subject, "%s", gai_strerror(rc));
        return;
    }
    int code = doctor->is_running ? addresses_try(found, SILENT_MS, NULL) : address_bind(found);
    freeaddrinfo(found);
    if (code == 0) {
        return;
    }
    enum finding_code finding = doctor->is_running      ? FINDING_PORT_SILENT
                                : code == EADDRNOTAVAIL ? FINDING_ADDRESS_WRONG
                                                        : FINDING_PORT_TAKEN;
    findings_add(findings, finding, subject, "%s", strerror(code));
}

void doctor_ports(const struct doctor *doctor)
{
    const struct config *config = &doctor->inspection->config;

    port_look(doctor, "listen", config->listen);
    port_look(doctor, "http", config->http);
    port_look(doctor, "content", config->content);
    findings_note(doctor->inspection->findings, "ports");
}

/* Greets as a node does and reads the answer: NULL when a node answers, or what is wrong. */
static const char *greeting_look(int fd)
{
    uint8_t out[DOCTOR_GREETING_SIZE] = {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1, 'C', 'U', 'R', 'V', 'E'},
            in[DOCTOR_GREETING_SIZE];
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    size_t size = 0;
    ssize_t got = 1;

    if (send(fd, out, sizeof out, MSG_NOSIGNAL) != (ssize_t)sizeof out) {
        return "it hangs up";
    }
    while (size < sizeof in && got > 0 && poll(&wait, 1, DOCTOR_CONNECT_MS) > 0) {
        got = recv(fd, in + size, sizeof in - size, 0);
        size += got > 0 ? (size_t)got : 0;
    }
    if (size == 0) {
        return "it takes connections and says nothing";
    }
    bool is_node = size == sizeof in && in[0] == 0xff && in[9] == 0x7f && in[10] >= 3 &&
                   memcmp(in + 12, out + 12, 20) == 0;
    return is_node ? NULL : "it answers in another protocol";
}

/* What is wrong with one address of the node above; FINDING_COUNT when a node answers there. */
static enum finding_code uplink_try(const char *address, char problem[FINDING_CAUSE_MAX])
{
    char host[HOST_MAX], port[PORT_MAX];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;

    if (!address_split(address, host, port)) {
        snprintf(problem, FINDING_CAUSE_MAX, "it is not tcp://HOST:PORT");
        return FINDING_ADDRESS_WRONG;
    }
    int rc = getaddrinfo(host, port, &hints, &found);
    if (rc != 0) {
        snprintf(problem, FINDING_CAUSE_MAX, "%s", gai_strerror(rc));
        return FINDING_UPLINK_UNKNOWN;
    }
    int fd = -1, code = addresses_try(found, DOCTOR_CONNECT_MS, &fd);
    freeaddrinfo(found);
    if (code != 0) {
        snprintf(problem, FINDING_CAUSE_MAX, "%s", strerror(code));
        return FINDING_UPLINK_UNREACHABLE;
    }
    const char *foreign = greeting_look(fd);
    close(fd);
    snprintf(problem, FINDING_CAUSE_MAX, "%s", foreign ? foreign : "");
    return foreign ? FINDING_UPLINK_FOREIGN : FINDING_COUNT;
}

/* Bundles of the node above came here. */
static bool lives_by_stick(const struct inspection *inspection, const struct roster_node *above)
{
    struct db *db = inspection->store ? store_read_begin(inspection->store) : NULL;
    uint64_t made_ms = db ? peer_bundle_made(db, &above->node) : 0;

    if (db) {
        store_read_end(inspection->store, db);
    }
    return made_ms > 0;
}

/* A hub dials nobody, also where its options still name the hub before it. */
static bool is_top(const struct inspection *inspection)
{
    const struct roster_node *self = inspection->roster && inspection->has_identity ? roster_find(inspection->roster, &inspection->identity.node) : NULL;

    return self && id_is_none(&self->parent);
}

/* The configured address and what the roster says, as the node dials them (node/link/link.c): one that
 * answers is enough. */
void doctor_uplink(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    const struct roster_node *above = inspection->roster && inspection->has_identity
                                          ? roster_uplink(inspection->roster, &inspection->identity.node)
                                          : NULL;
    const char *addresses[] = {inspection->config.uplink, above ? above->endpoint : ""};
    enum { ADDRESSES = sizeof addresses / sizeof *addresses };
    enum finding_code codes[ADDRESSES];
    char problems[ADDRESSES][FINDING_CAUSE_MAX];
    bool is_same = strcmp(addresses[0], addresses[1]) == 0, is_reached = false;

    if (is_top(inspection)) {
        return;
    }
    for (size_t i = 0; i < ADDRESSES; i++) {
        bool is_tried = *addresses[i] && !(i > 0 && is_same) && !is_reached;
        codes[i] = is_tried ? uplink_try(addresses[i], problems[i]) : FINDING_COUNT;
        is_reached = is_reached || (is_tried && codes[i] == FINDING_COUNT);
    }
    if (!*addresses[0] && !*addresses[1]) {
        if (above && !lives_by_stick(inspection, above)) {
            findings_add(inspection->findings, FINDING_UPLINK_UNSET, "uplink",
                         "%s is above this node, and nothing says where", above->name);
        }
        return;
    }
    findings_note(inspection->findings, "uplink");
    for (size_t i = 0; i < ADDRESSES && !is_reached; i++) {
        if (codes[i] != FINDING_COUNT) {
            findings_add(inspection->findings, codes[i], addresses[i], "%s", problems[i]);
        }
    }
}
