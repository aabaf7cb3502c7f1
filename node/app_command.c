#include "node/app_command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/local_time.h"
#include "node/log.h"
#include "node/owner.h"
#include "replication/base/check.h"

enum { SPIN_PAUSE_US = 20 * 1000, LONG_COMMAND_MS = 500, NOWHERE_ATTEMPTS = 100 };

struct app_commands {
    uv_poll_t poll;
    int listen_fd;
    int spare_fd; /* given up for a moment when there are no descriptors, to turn a command away */
    char path[PATH_MAX]; /* of the socket, to remove it at the end */
    struct stat ours;    /* what stands there, while it is ours */
    bool is_astray;      /* it is not, and could not be made anew: told once */
    command_runner *run;
    void *ctx;
    _Atomic int running;
    _Atomic int holders; /* the owner, and each thread until its last use: the last one frees */
};

/* One command on its thread. */
struct handoff {
    struct app_commands *commands;
    int connection;
    int fds[HANDOFF_FDS];
    struct handoff_head head;
    char *words;
    char **argv;
};

enum status handoff_address(const char *dir, struct sockaddr_un *address_out, int *dir_fd_out)
{
    memset(address_out, 0, sizeof *address_out);
    address_out->sun_family = AF_UNIX;
    *dir_fd_out = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*dir_fd_out < 0) {
        return S_NOT_FOUND;
    }
    snprintf(address_out->sun_path, sizeof address_out->sun_path, "/proc/self/fd/%d/qanat.sock", *dir_fd_out);
    return S_OK;
}

/* Receives the head and the four descriptors; false when anything else came. */
static bool head_receive(struct handoff *handoff)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int) * HANDOFF_FDS)];
    } control;
    struct iovec part = {&handoff->head, sizeof handoff->head};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};

    ssize_t got = recvmsg(handoff->connection, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len <= CMSG_LEN(sizeof handoff->fds)) {
        memcpy(handoff->fds, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
    }
    return got == (ssize_t)sizeof handoff->head && handoff->head.magic == HANDOFF_MAGIC &&
           handoff->head.count > 0 && handoff->head.count <= HANDOFF_WORDS_MAX &&
           handoff->head.size >= handoff->head.count && handoff->head.size <= HANDOFF_SIZE_MAX &&
           handoff->fds[HANDOFF_FDS - 1] >= 0;
}

/* Receives the words and points argv at them. */
static bool words_receive(struct handoff *handoff)
{
    size_t size = handoff->head.size, at = 0;

    handoff->words = malloc(size);
    handoff->argv = calloc((size_t)handoff->head.count + 1, sizeof *handoff->argv);
    CHECK(handoff->words != NULL && handoff->argv != NULL);
    while (at < size) {
        ssize_t got = recv(handoff->connection, handoff->words + at, size - at, 0);
        if (got <= 0) {
            return false;
        }
        at += (size_t)got;
    }
    if (handoff->words[size - 1] != '\0') {
        return false;
    }
    at = 0;
    for (uint32_t i = 0; i < handoff->head.count; i++) {
        if (at >= size) {
            return false;
        }
        handoff->argv[i] = handoff->words + at;
        at += strlen(handoff->words + at) + 1;
    }
    return at == size;
}

static ssize_t nothing_read(void *cookie, char *data, size_t size)
{
    (void)cookie, (void)data, (void)size;
    return 0;
}

static ssize_t nothing_written(void *cookie, const char *data, size_t size)
{
    (void)cookie, (void)data, (void)size;
    errno = EBADF;
    return 0;
}

/* The caller's stream; the descriptor passes over. One that is open the other way only (`1<file`, or closed: main.c) is the caller's mistake: nothing comes
 * from it, and what is written to it fails. */
static FILE *stream_open(int fd, const char *mode)
{
    const cookie_io_functions_t nothing = {.read = nothing_read, .write = nothing_written};
    FILE *stream = fdopen(fd, mode);

    if (!stream) {
        close(fd);
        stream = fopencookie(NULL, mode, nothing);
    }
    CHECK(stream != NULL);
    return stream;
}

/* An empty directory that is gone: no name leads anywhere from there, and none can be made. */
static bool nowhere_enter(const struct app_commands *commands)
{
    char path[PATH_MAX + 16];

    snprintf(path, sizeof path, "%.*s/tmp/nowhere", (int)(strrchr(commands->path, '/') - commands->path), commands->path);
    for (int attempt = 0; attempt < NOWHERE_ATTEMPTS; attempt++) { /* another command may remove it before we are in */
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return false;
        }
        if (chdir(path) == 0) {
            (void)rmdir(path);
            return true;
        }
    }
    return false;
}

/* Enters the caller's directory. Root calls from /root, which the node's user may not enter: most commands name no file, and do without. */
static bool directory_enter(const struct handoff *handoff, bool *is_closed_out)
{
    *is_closed_out = false;
    if (unshare(CLONE_FS) != 0) {
        return false;
    }
    *is_closed_out = fchdir(handoff->fds[0]) != 0;
    return !*is_closed_out || nowhere_enter(handoff->commands);
}

/* Runs the words with the caller's directory and streams. */
static int handoff_run(struct handoff *handoff)
{
    bool is_closed;
    static const char *const modes[] = {"r", "w", "w"};
    FILE *streams[3];

    for (int i = 0; i < 3; i++) {
        streams[i] = stream_open(handoff->fds[1 + i], modes[i]);
        handoff->fds[1 + i] = -1;
    }
    int code = 1;
    if (!directory_enter(handoff, &is_closed)) {
        fprintf(streams[2], "qanat: the node cannot enter the working directory: %s\n", strerror(errno));
    } else {
        code =
            handoff->commands->run(handoff->commands->ctx, NULL, (int)handoff->head.count, handoff->argv, streams);
    }
    if (is_closed && code == 1) { /* perhaps for a file that is there */
        fprintf(streams[2], "The running node, as user %u, may not enter this directory: ", (unsigned)owner_user());
        fputs("name files by their whole path, where that user may read and write, or say - for stdin.\n", streams[2]);
    }
    for (int i = 0; i < 3; i++) {
        fclose(streams[i]);
    }
    return code;
}

static void handoff_free(struct handoff *handoff)
{
    for (int i = 0; i < HANDOFF_FDS; i++) {
        if (handoff->fds[i] >= 0) {
            close(handoff->fds[i]);
        }
    }
    close(handoff->connection);
    free(handoff->words);
    free(handoff->argv);
    free(handoff);
}

static void commands_drop(struct app_commands *commands)
{
    if (atomic_fetch_sub(&commands->holders, 1) == 1) {
        free(commands);
    }
}

/* What a long command took (an import: tens of megabytes) goes back to the system, not to the next one like it. */
static void memory_give_back(uint64_t began_ms)
{
    if (local_time_monotonic() - began_ms >= LONG_COMMAND_MS) {
        (void)malloc_trim(0);
    }
}

static void *handoff_thread(void *arg)
{
    struct handoff *handoff = arg;
    struct app_commands *commands = handoff->commands;
    struct timeval wait = {.tv_sec = HANDOFF_WAIT_S};
    uint64_t began_ms = local_time_monotonic();

    setsockopt(handoff->connection, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (head_receive(handoff) && words_receive(handoff)) {
        int32_t code = handoff_run(handoff);
        send(handoff->connection, &code, sizeof code, MSG_NOSIGNAL);
    }
    handoff_free(handoff);
    memory_give_back(began_ms);
    atomic_fetch_sub(&commands->running, 1);
    commands_drop(commands);
    return NULL;
}

static bool is_allowed(int connection)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == owner_user() || peer.uid == geteuid() || peer.uid == 0);
}

static void handoff_start(struct app_commands *commands, int connection)
{
    struct handoff *handoff = calloc(1, sizeof *handoff);
    sigset_t all, before;
    pthread_t thread;

    CHECK(handoff != NULL);
    handoff->commands = commands;
    handoff->connection = connection;
    for (int i = 0; i < HANDOFF_FDS; i++) {
        handoff->fds[i] = -1;
    }
    atomic_fetch_add(&commands->running, 1);
    atomic_fetch_add(&commands->holders, 1);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, NULL, handoff_thread, handoff);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0) {
        pthread_detach(thread);
        return;
    }
    log_event(LOG_ERROR, "command_refused", "error=\"%s\"", strerror(error));
    handoff_free(handoff);
    atomic_fetch_sub(&commands->running, 1);
    commands_drop(commands);
}

/* Without descriptors a waiting command would wake the loop again and again: it is told to come back. */
static void connection_turn_away(struct app_commands *commands)
{
    int32_t code = HANDOFF_BUSY;

    if (commands->spare_fd >= 0) {
        close(commands->spare_fd);
    }
    int connection = accept4(commands->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (connection >= 0) {
        send(connection, &code, sizeof code, MSG_NOSIGNAL);
        close(connection);
    } else {
        (void)usleep(SPIN_PAUSE_US);
    }
    commands->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    log_event(LOG_ERROR, "descriptors_short", "effect=\"a command was turned away\" advice=\"raise LimitNOFILE\"");
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct app_commands *commands = poll->data;
    int connection = accept4(commands->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    (void)status;
    (void)events;
    if (connection < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            connection_turn_away(commands);
        }
        return;
    }
    if (!is_allowed(connection)) {
        close(connection);
    } else if (atomic_load(&commands->running) >= HANDOFF_RUNNING_MAX) {
        int32_t code = HANDOFF_BUSY;
        send(connection, &code, sizeof code, MSG_NOSIGNAL);
        close(connection);
    } else {
        handoff_start(commands, connection);
    }
}

static int listen_at(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return -1;
    }
    unlink(address->sun_path); /* left by a process that was killed: we hold the lock */
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) != 0 ||
        chmod(address->sun_path, 0600) != 0 || listen(fd, HANDOFF_RUNNING_MAX) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

enum status app_commands_open(uv_loop_t *loop, const char *dir, command_runner *run, void *ctx,
                              struct app_commands **commands_out, struct report *report)
{
    struct sockaddr_un address;
    int dir_fd;
    enum status status = handoff_address(dir, &address, &dir_fd);

    if (status != S_OK) {
        return report_set(report, status, "the directory '%s' cannot be opened: %s", dir, strerror(errno));
    }
    int fd = listen_at(&address);
    int error = errno;
    close(dir_fd);
    if (fd < 0) {
        status = error_is_no_space(error) ? S_NO_SPACE : S_IO;
        return report_set(report, status, "cannot take commands on '%s/qanat.sock': %s", dir, strerror(error));
    }
    struct app_commands *commands = calloc(1, sizeof *commands);
    CHECK(commands != NULL);
    snprintf(commands->path, sizeof commands->path, "%s/qanat.sock", dir);
    (void)lstat(commands->path, &commands->ours);
    commands->listen_fd = fd;
    commands->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    commands->holders = 1;
    commands->run = run;
    commands->ctx = ctx;
    CHECK(uv_poll_init(loop, &commands->poll, fd) == 0);
    commands->poll.data = commands;
    uv_poll_start(&commands->poll, UV_READABLE, on_connection);
    *commands_out = commands;
    return S_OK;
}

static bool is_ours(const struct app_commands *commands)
{
    struct stat now;

    return lstat(commands->path, &now) == 0 ? now.st_ino == commands->ours.st_ino && now.st_dev == commands->ours.st_dev : errno != ENOENT;
}

/* Another listener under the number of the one whose name is gone. */
static bool listen_again(struct app_commands *commands)
{
    struct sockaddr_un address;
    char dir[PATH_MAX];
    int dir_fd, fd = -1;

    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(commands->path, '/') - commands->path), commands->path);
    if (handoff_address(dir, &address, &dir_fd) == S_OK) {
        fd = listen_at(&address);
        close(dir_fd);
    }
    if (fd < 0) {
        return false;
    }
    (void)lstat(commands->path, &commands->ours);
    uv_poll_stop(&commands->poll);
    CHECK(dup3(fd, commands->listen_fd, O_CLOEXEC) == commands->listen_fd);
    close(fd);
    uv_poll_start(&commands->poll, UV_READABLE, on_connection);
    return true;
}

void app_commands_look(struct app_commands *commands)
{
    if (commands->listen_fd < 0 || is_ours(commands)) {
        return;
    }
    if (listen_again(commands)) {
        log_event(LOG_WARNING, "command_socket_renewed", "path=\"%s\"", commands->path);
        commands->is_astray = false;
    } else if (!commands->is_astray) {
        log_event(LOG_ERROR, "command_socket_gone", "path=\"%s\" error=\"%s\"", commands->path, strerror(errno));
        commands->is_astray = true;
    }
}

void app_commands_stop(struct app_commands *commands)
{
    if (commands->listen_fd >= 0) {
        uv_poll_stop(&commands->poll);
        close(commands->listen_fd);
        if (commands->spare_fd >= 0) {
            close(commands->spare_fd);
        }
        unlink(commands->path);
        commands->listen_fd = -1;
    }
}

int app_commands_running(const struct app_commands *commands)
{
    return atomic_load(&commands->running);
}

static void on_closed(uv_handle_t *handle)
{
    commands_drop(handle->data);
}

void app_commands_close(struct app_commands *commands)
{
    if (commands != NULL) {
        app_commands_stop(commands);
        uv_close((uv_handle_t *)&commands->poll, on_closed);
    }
}

void app_commands_abandon(int code)
{
    fflush(stdout);
    fflush(stderr);
    _exit(code);
}
