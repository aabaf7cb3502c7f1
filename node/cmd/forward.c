#include "node/cmd/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/app_command.h"
#include "replication/base/bytes.h"

/* Connects to D/qanat.sock, or returns -1. */
static int handoff_connect(const char *dir)
{
    struct sockaddr_un address;
    int dir_fd;

    if (handoff_address(dir, &address, &dir_fd) != S_OK) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        fd = -1;
    }
    close(dir_fd);
    return fd;
}

bool command_node_runs(const char *dir)
{
    int fd = handoff_connect(dir);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool send_all(int fd, struct bytes data)
{
    while (data.size > 0) {
        ssize_t sent = send(fd, data.data, data.size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        data = bytes_of(data.data + sent, data.size - (size_t)sent);
    }
    return true;
}

/* The head, with the working directory and the standard streams riding along. */
static bool send_head(int fd, const struct handoff_head *head, int cwd)
{
    int fds[HANDOFF_FDS] = {cwd, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof fds)];
    } control;
    struct iovec part = {(void *)head, sizeof *head};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};

    memset(&control, 0, sizeof control);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(header), fds, sizeof fds);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *head;
}

static enum status exchange(int fd, const struct handoff_head *head, struct bytes words, int *exit_code_out)
{
    int32_t code = 0;
    int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (cwd < 0) {
        return S_DENIED;
    }
    bool is_sent = send_head(fd, head, cwd) && send_all(fd, words);
    close(cwd);
    /* Even when sending failed: a busy node answers without reading. */
    ssize_t got = recv(fd, &code, sizeof code, MSG_WAITALL);
    if (got != (ssize_t)sizeof code) {
        return S_IO;
    }
    (void)is_sent;
    if (code == HANDOFF_BUSY) {
        return S_BUSY;
    }
    *exit_code_out = code;
    return S_OK;
}

/* Names by which a process means its own files; in the node they would be the node's. */
static const struct {
    const char *prefix, *target; /* the latter below /proc/PID/ */
} own_names[] = {{"/dev/stdin", "fd/0"}, {"/dev/stdout", "fd/1"}, {"/dev/stderr", "fd/2"},
                 {"/dev/fd/", "fd/"},    {"/proc/self/", ""},     {"/proc/thread-self/", ""}};

void command_word_write(const char *word, long pid, struct buffer *words)
{
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL,
               *path = equals ? equals + 1 : word;
    char own[32];

    buffer_append(words, word, (size_t)(path - word));
    for (size_t i = 0; i < sizeof own_names / sizeof *own_names; i++) {
        size_t size = strlen(own_names[i].prefix);
        bool is_folder = own_names[i].prefix[size - 1] == '/';
        if (strncmp(path, own_names[i].prefix, size) == 0 && (is_folder || path[size] == '\0')) {
            snprintf(own, sizeof own, "/proc/%ld/", pid);
            buffer_append(words, own, strlen(own));
            buffer_append(words, own_names[i].target, strlen(own_names[i].target));
            path += size;
            break;
        }
    }
    buffer_append(words, path, strlen(path) + 1);
}

enum status command_forward(const char *dir, int argc, char **argv, int *exit_code_out)
{
    struct buffer words;
    enum status status = S_TOO_LARGE;

    int fd = handoff_connect(dir);
    if (fd < 0) {
        return S_NOT_FOUND;
    }
    buffer_init(&words);
    for (int i = 0; i < argc && words.size <= HANDOFF_SIZE_MAX; i++) {
        command_word_write(argv[i], (long)getpid(), &words);
    }
    if (argc > 0 && argc <= HANDOFF_WORDS_MAX && words.size <= HANDOFF_SIZE_MAX) {
        struct handoff_head head = {HANDOFF_MAGIC, (uint32_t)argc, (uint32_t)words.size};
        status = exchange(fd, &head, buffer_bytes(&words), exit_code_out);
    }
    buffer_release(&words);
    close(fd);
    return status;
}
