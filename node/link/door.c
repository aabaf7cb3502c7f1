#include "node/link/door.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/log.h"
#include "replication/base/check.h"

enum {
    BACKLOG = 512,
    HOST_MAX = 128,
    PROGRAM_MAX = 8 + DOOR_CALLERS_MAX * 9,
    IP4_SOURCE = 12,
    IP6_SOURCE = 8
};

struct caller {
    uint8_t address[GUARD_ADDRESS_SIZE]; /* IPv4 mapped into IPv6 */
    size_t door;
    uint64_t since_ms;
};

struct doors {
    int fds[DOORS_MAX];
    int group; /* a descriptor of the same group, which stays ours: the program is set on it */
    size_t count;
    struct caller callers[DOOR_CALLERS_MAX];
    size_t caller_count;
};

/* --- the program ---------------------------------------------------------------------------------------- */

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static uint32_t word_of(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put(struct sock_filter *program, unsigned short *size, struct sock_filter instruction)
{
    CHECK(*size < PROGRAM_MAX);
    program[(*size)++] = instruction;
}

/* A = the word at `at` of the packet's IP header. */
static struct sock_filter load(unsigned at, unsigned width)
{
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_ABS | width, (uint32_t)(SKF_NET_OFF + (int)at));
}

/* Source address equal in `words` words: return the door. Each word that differs skips the rest. */
static void caller_put(const struct caller *caller, struct sock_filter *program, unsigned short *size,
                       unsigned words)
{
    const uint8_t *address = caller->address + (words == 1 ? sizeof mapped : 0);

    for (unsigned i = 0; i < words; i++) {
        if (words > 1) {
            put(program, size, load(IP6_SOURCE + 4 * i, BPF_W));
        }
        uint8_t skip = (uint8_t)(words > 1 ? 2 * (words - 1 - i) + 1 : 1);
        put(program, size,
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word_of(address + (size_t)4 * i), 0,
                                         skip));
    }
    put(program, size, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (uint32_t)caller->door));
}

/* Two halves, by the version of IP. */
static unsigned short program_write(const struct doors *doors, struct sock_filter program[PROGRAM_MAX])
{
    unsigned short size = 0;

    put(program, &size, load(0, BPF_B));
    put(program, &size, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4));
    put(program, &size, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 1, 0));
    unsigned short to_six = size;
    put(program, &size, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
    put(program, &size, load(IP4_SOURCE, BPF_W));
    for (size_t i = 0; i < doors->caller_count; i++) {
        if (memcmp(doors->callers[i].address, mapped, sizeof mapped) == 0) {
            caller_put(&doors->callers[i], program, &size, 1);
        }
    }
    put(program, &size, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0));
    program[to_six].k = (uint32_t)(size - to_six - 1);
    for (size_t i = 0; i < doors->caller_count; i++) {
        if (memcmp(doors->callers[i].address, mapped, sizeof mapped) != 0) {
            caller_put(&doors->callers[i], program, &size, 4);
        }
    }
    put(program, &size, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0));
    return size;
}

static bool program_set(struct doors *doors)
{
    struct sock_filter *program = calloc(PROGRAM_MAX, sizeof *program);
    struct sock_fprog code = {.filter = program};

    CHECK(program);
    code.len = program_write(doors, program);
    bool is_set = setsockopt(doors->group, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &code, sizeof code) == 0;
    free(program);
    return is_set;
}

/* --- listening ------------------------------------------------------------------------------------------ */

static enum status endpoint_parse(const char *endpoint, struct addrinfo **list_out)
{
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                          .ai_socktype = SOCK_STREAM,
                                          .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    char host[HOST_MAX];
    const char *at = strncmp(endpoint, "tcp://", 6) == 0 ? endpoint + 6 : "", *colon = strrchr(at, ':');

    if (!colon || (size_t)(colon - at) >= sizeof host || strtol(colon + 1, NULL, 10) <= 0) {
        return S_INVALID;
    }
    size_t size = (size_t)(colon - at);
    bool is_bracketed = size > 2 && at[0] == '[' && at[size - 1] == ']';
    memcpy(host, at + is_bracketed, size - 2 * is_bracketed);
    host[size - 2 * is_bracketed] = '\0';
    const char *name = strcmp(host, "*") == 0 ? "::" : host;
    return getaddrinfo(name, colon + 1, &hints, list_out) == 0 ? S_OK : S_INVALID;
}

/* -1 with errno. */
static int listen_one(const struct addrinfo *at, bool is_shared)
{
    int one = 1, zero = 0;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (at->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    }
    bool is_listening = (!is_shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0) &&
                        bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
    if (!is_listening) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Another process of this user could share the port unseen: so it is asked for alone first. */
static enum status all_listen(struct doors *doors, const struct addrinfo *at)
{
    int alone = listen_one(at, false);

    if (alone < 0) {
        return errno == EADDRINUSE ? S_BUSY : S_INVALID;
    }
    close(alone);
    for (size_t i = 0; i < doors->count; i++) {
        doors->fds[i] = listen_one(at, true);
        if (doors->fds[i] < 0) {
            return errno == EADDRINUSE ? S_BUSY : S_INVALID;
        }
    }
    doors->group = fcntl(doors->fds[0], F_DUPFD_CLOEXEC, 0);
    return doors->group >= 0 && program_set(doors) ? S_OK : S_INVALID;
}

struct doors *doors_open(const char *endpoint, size_t count, struct report *report)
{
    struct doors *doors = calloc(1, sizeof *doors);
    struct addrinfo *list = NULL;

    CHECK(doors && count >= 2 && count <= DOORS_MAX);
    memset(doors->fds, -1, sizeof doors->fds);
    doors->group = -1;
    doors->count = count;
    enum status status = endpoint_parse(endpoint, &list);
    if (status == S_OK) {
        status = all_listen(doors, list);
        freeaddrinfo(list);
    }
    if (status != S_OK) {
        report_set(report, status, "cannot listen on \"%s\" with %zu keys: %s", endpoint, count,
                   status == S_BUSY ? strerror(EADDRINUSE) : strerror(errno));
        doors_close(doors);
        return NULL;
    }
    return doors;
}

int doors_take(struct doors *doors, size_t door)
{
    CHECK(door < doors->count && doors->fds[door] >= 0);
    int fd = doors->fds[door];
    doors->fds[door] = -1;
    return fd;
}

void doors_close(struct doors *doors)
{
    if (!doors) {
        return;
    }
    for (size_t i = 0; i < doors->count; i++) {
        if (doors->fds[i] >= 0) {
            close(doors->fds[i]);
        }
    }
    if (doors->group >= 0) {
        close(doors->group);
    }
    free(doors);
}

/* --- callers -------------------------------------------------------------------------------------------- */

static struct caller *caller_find(struct doors *doors, const uint8_t address[GUARD_ADDRESS_SIZE])
{
    for (size_t i = 0; i < doors->caller_count; i++) {
        if (memcmp(doors->callers[i].address, address, GUARD_ADDRESS_SIZE) == 0) {
            return &doors->callers[i];
        }
    }
    return NULL;
}

static void caller_remove(struct doors *doors, struct caller *caller)
{
    *caller = doors->callers[--doors->caller_count];
}

/* A place for a new one; that of the oldest when there is none. */
static struct caller *caller_add(struct doors *doors)
{
    struct caller *oldest = &doors->callers[0];

    for (size_t i = 1; i < doors->caller_count; i++) {
        oldest = doors->callers[i].since_ms < oldest->since_ms ? &doors->callers[i] : oldest;
    }
    return doors->caller_count < DOOR_CALLERS_MAX ? &doors->callers[doors->caller_count++] : oldest;
}

void doors_knock(struct doors *doors, const uint8_t address[GUARD_ADDRESS_SIZE], uint64_t now_ms)
{
    struct caller *caller = caller_find(doors, address);
    size_t door = caller ? (caller->door + 1) % doors->count : 1;

    if (door == 0) {
        caller_remove(doors, caller);
    } else {
        caller = caller ? caller : caller_add(doors);
        memcpy(caller->address, address, GUARD_ADDRESS_SIZE);
        caller->door = door;
        caller->since_ms = now_ms;
    }
    if (!program_set(doors)) {
        log_event(LOG_WARNING, "doors_failed", "error=\"%s\"", strerror(errno));
    }
}

void doors_tick(struct doors *doors, uint64_t now_ms)
{
    size_t before = doors->caller_count;

    for (size_t i = doors->caller_count; i-- > 0;) {
        if (now_ms - doors->callers[i].since_ms > DOOR_KNOCK_MS) {
            caller_remove(doors, &doors->callers[i]);
        }
    }
    if (doors->caller_count != before) {
        (void)program_set(doors);
    }
}

size_t doors_of(const struct doors *doors, const uint8_t address[GUARD_ADDRESS_SIZE])
{
    for (size_t i = 0; i < doors->caller_count; i++) {
        if (memcmp(doors->callers[i].address, address, GUARD_ADDRESS_SIZE) == 0) {
            return doors->callers[i].door;
        }
    }
    return 0;
}

/* --- who calls ------------------------------------------------------------------------------------------- */

const uint8_t *door_key(const struct roster_node *remote, uint32_t attempt)
{
    const struct roster_key *before = remote->former_count > 0 ? &remote->former[remote->former_count - 1] : NULL;

    return before != NULL && before->closing.size == 0 && attempt / 2 % 2 == 0 ? before->curve_public : remote->curve_public;
}
