#include "tests/kit/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/app_command.h"
#include "node/cmd/forward.h"

/* A loop on a thread of its own, as the running node has one. */
struct node {
    char dir[256];
    uv_loop_t loop;
    uv_async_t stop, look;
    sem_t looked;
    struct app_commands *commands;
    pthread_t thread;
    char seen[4096]; /* the words of the last command, joined by '|' */
    char cwd[256];
};

/* A command that ends when it is let. */
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

static int run_command(void *ctx, const char *who, int argc, char **argv, FILE *streams[3])
{
    struct node *node = ctx;
    (void)who;

    if (strcmp(argv[0], "hold") == 0) {
        pthread_mutex_lock(&held);
        pthread_mutex_unlock(&held);
        return 0;
    }
    if (strcmp(argv[0], "fail") == 0) {
        return 1;
    }
    if (strcmp(argv[0], "say") == 0) {
        assert_int_equal(fgetc(streams[0]), EOF);
        errno = 0;
        return fputs("data\n", streams[1]) >= 0 && fflush(streams[1]) == 0 ? 0 : errno;
    }
    node->seen[0] = '\0';
    for (int i = 0; i < argc && i < 8; i++) {
        strncat(node->seen, argv[i], sizeof node->seen - strlen(node->seen) - 2);
        strcat(node->seen, "|");
    }
    assert_null(argv[argc]);
    node->cwd[0] = '\0';
    (void)!getcwd(node->cwd, sizeof node->cwd);
    assert_true(fprintf(streams[2], "talk\n") > 0);
    return 69;
}

static void on_stop(uv_async_t *stop)
{
    struct node *node = stop->data;

    app_commands_close(node->commands);
    uv_close((uv_handle_t *)stop, NULL);
    uv_close((uv_handle_t *)&node->look, NULL);
}

static void on_look(uv_async_t *look)
{
    struct node *node = look->data;

    app_commands_look(node->commands);
    sem_post(&node->looked);
}

static void *run_loop(void *arg)
{
    struct node *node = arg;

    uv_run(&node->loop, UV_RUN_DEFAULT);
    return NULL;
}

static int node_start(void **state)
{
    struct node *node = calloc(1, sizeof *node);
    struct report report = {0};

    kit_scratch_make(node->dir, sizeof node->dir);
    uv_loop_init(&node->loop);
    uv_async_init(&node->loop, &node->stop, on_stop);
    uv_async_init(&node->loop, &node->look, on_look);
    node->stop.data = node->look.data = node;
    sem_init(&node->looked, 0, 0);
    assert_int_equal(app_commands_open(&node->loop, node->dir, run_command, node, &node->commands, &report),
                     S_OK);
    assert_int_equal(pthread_create(&node->thread, NULL, run_loop, node), 0);
    *state = node;
    return 0;
}

static int node_end(void **state)
{
    struct node *node = *state;

    uv_async_send(&node->stop);
    pthread_join(node->thread, NULL);
    assert_int_equal(uv_loop_close(&node->loop), 0);
    kit_scratch_remove(node->dir);
    free(node);
    return 0;
}

static void test_words_directory_and_exit_code_travel(void **state)
{
    struct node *node = *state;
    char first[] = "result", second[] = "import", third[] = "", fourth[] = "a b\nc";
    char *argv[] = {first, second, third, fourth, NULL};
    char cwd[256];
    int code = 0;

    assert_int_equal(command_forward(node->dir, 4, argv, &code), S_OK);
    assert_int_equal(code, 69);
    assert_string_equal(node->seen, "result|import||a b\nc|");
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_string_equal(node->cwd, cwd);
}

/* As command_forward() does it; the caller's directory is one that the node cannot enter. */
static int32_t answer_from_a_closed_directory(struct node *node, const char *word, int err)
{
    struct handoff_head head = {HANDOFF_MAGIC, 1, (uint32_t)strlen(word) + 1};
    struct sockaddr_un address;
    int dir_fd, in = open("/dev/null", O_RDWR), fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int32_t code = -1;
    int fds[HANDOFF_FDS] = {in, in, in, err};
    char room[CMSG_SPACE(sizeof fds)] = "";
    struct iovec part = {&head, sizeof head};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};

    *CMSG_FIRSTHDR(&message) = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fds)};
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), fds, sizeof fds);
    assert_int_equal(handoff_address(node->dir, &address, &dir_fd), S_OK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(sendmsg(fd, &message, 0), sizeof head);
    assert_int_equal(send(fd, word, head.size, 0), head.size);
    assert_int_equal(recv(fd, &code, sizeof code, MSG_WAITALL), sizeof code);
    close(fd), close(in), close(dir_fd);
    return code;
}

static void test_a_directory_that_the_node_may_not_enter_is_done_without(void **state)
{
    struct node *node = *state;
    char said[512] = "", path[300];
    int ends[2];

    snprintf(path, sizeof path, "%s/tmp", node->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(answer_from_a_closed_directory(node, "say", ends[1]), 0); /* root's `qanat invite` in /root */
    assert_int_equal(answer_from_a_closed_directory(node, "status", ends[1]), 69);
    assert_string_equal(node->cwd, ""); /* no name leads anywhere from there */
    assert_int_equal(answer_from_a_closed_directory(node, "fail", ends[1]), 1);
    assert_true(read(ends[0], said, sizeof said - 1) > 0);
    assert_non_null(strstr(said, "talk\nThe running node, as user"));
    assert_int_equal(rmdir(path), 0); /* nothing is left in it */
    close(ends[0]), close(ends[1]);
}

static int node_answers(struct node *node)
{
    char word[] = "status";
    char *argv[] = {word, NULL};
    int code = 0;

    assert_int_equal(command_forward(node->dir, 1, argv, &code), S_OK);
    return code;
}

static void test_streams_that_are_open_the_other_way_fail_the_command_and_not_the_node(void **state)
{
    struct node *node = *state;
    char word[] = "say";
    char *argv[] = {word, NULL};
    int code = 0, kept = dup(STDOUT_FILENO), kept_in = dup(STDIN_FILENO), other = open("/dev/null", O_RDONLY), written = open("/dev/null", O_WRONLY);

    fflush(stdout);
    assert_int_equal(dup2(other, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(dup2(written, STDIN_FILENO), STDIN_FILENO);
    enum status status = command_forward(node->dir, 1, argv, &code);
    dup2(kept, STDOUT_FILENO), dup2(kept_in, STDIN_FILENO);
    close(kept), close(kept_in), close(other), close(written);
    assert_int_equal(status, S_OK);
    assert_int_equal(code, EBADF);
    assert_int_equal(node_answers(node), 69);
}

static void look(struct node *node)
{
    uv_async_send(&node->look);
    sem_wait(&node->looked);
}

static void test_a_socket_that_was_deleted_is_made_anew(void **state)
{
    struct node *node = *state;
    char path[300], word[] = "person";
    char *argv[] = {word, NULL};
    struct stat before, after;
    int code = 0;

    snprintf(path, sizeof path, "%s/qanat.sock", node->dir);
    for (int round = 0; round < 3; round++) { /* deleted, replaced, and neither */
        assert_int_equal(lstat(path, &before), 0);
        if (round < 2) {
            assert_int_equal(unlink(path), 0);
            assert_int_equal(command_forward(node->dir, 1, argv, &code), S_NOT_FOUND);
        }
        if (round == 1) {
            assert_int_equal(symlink("/nowhere", path), 0);
        }
        look(node);
        assert_int_equal(command_forward(node->dir, 1, argv, &code), S_OK);
        assert_int_equal(code, 69);
        assert_int_equal(lstat(path, &after), 0);
        assert_int_equal(after.st_mode & 0777, 0600);
    }
    assert_int_equal(after.st_ino, before.st_ino);
}

static void test_words_over_the_limit_are_refused_before_sending(void **state)
{
    struct node *node = *state;
    static char *argv[HANDOFF_WORDS_MAX + 2];
    char word[] = "x";
    int code = 0;

    for (int i = 0; i <= HANDOFF_WORDS_MAX; i++) {
        argv[i] = word;
    }
    assert_int_equal(command_forward(node->dir, HANDOFF_WORDS_MAX + 1, argv, &code), S_TOO_LARGE);
    assert_int_equal(command_forward(node->dir, HANDOFF_WORDS_MAX, argv, &code), S_OK);
}

static void test_bytes_over_the_limit_are_refused_before_sending(void **state)
{
    struct node *node = *state;
    char first[] = "say-nothing";
    char *word = malloc(HANDOFF_SIZE_MAX), *argv[] = {first, word, NULL};
    int code = 0;

    assert_non_null(word);
    memset(word, 'x', HANDOFF_SIZE_MAX);
    word[HANDOFF_SIZE_MAX - sizeof first] = '\0'; /* with the ends of both one byte too many */
    assert_int_equal(command_forward(node->dir, 2, argv, &code), S_TOO_LARGE);
    word[HANDOFF_SIZE_MAX - sizeof first - 1] = '\0';
    assert_int_equal(command_forward(node->dir, 2, argv, &code), S_OK);
    assert_int_equal(code, 69);
    free(word);
}

static void *hold(void *dir)
{
    char word[] = "hold";
    char *argv[] = {word, NULL};
    int code = 1;

    assert_int_equal(command_forward(dir, 1, argv, &code), S_OK);
    assert_int_equal(code, 0);
    return NULL;
}

static void test_as_many_commands_as_fit_run_and_one_more_is_told_to_come_back(void **state)
{
    struct node *node = *state;
    pthread_t threads[HANDOFF_RUNNING_MAX];
    char word[] = "status";
    char *argv[] = {word, NULL};
    int code = 0;

    pthread_mutex_lock(&held);
    for (int i = 0; i < HANDOFF_RUNNING_MAX; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hold, node->dir), 0);
    }
    while (app_commands_running(node->commands) < HANDOFF_RUNNING_MAX) {
        sched_yield();
    }
    assert_int_equal(command_forward(node->dir, 1, argv, &code), S_BUSY);
    assert_int_equal(HANDOFF_BUSY & 0xff, 75); /* for a program that takes it for an exit code */
    pthread_mutex_unlock(&held);
    for (int i = 0; i < HANDOFF_RUNNING_MAX; i++) {
        pthread_join(threads[i], NULL);
    }
    while (app_commands_running(node->commands) > 0) {
        sched_yield();
    }
    assert_int_equal(command_forward(node->dir, 1, argv, &code), S_OK);
    assert_int_equal(code, 69);
}

static void test_garbage_ends_the_connection_without_a_command(void **state)
{
    struct node *node = *state;
    struct sockaddr_un address;
    int dir_fd, code;
    uint8_t garbage[64];

    memset(garbage, 0xff, sizeof garbage);
    assert_int_equal(handoff_address(node->dir, &address, &dir_fd), S_OK);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(fd, garbage, sizeof garbage, MSG_NOSIGNAL), sizeof garbage);
    assert_true(recv(fd, &code, sizeof code, MSG_WAITALL) <= 0);
    assert_string_equal(node->seen, "");
    close(fd);
    close(dir_fd);
}

static void test_without_a_node_there_is_nobody_to_forward_to(void **state)
{
    char dir[256], word[] = "status";
    char *argv[] = {word, NULL};
    int code;

    (void)state;
    kit_scratch_make(dir, sizeof dir);
    assert_int_equal(command_forward(dir, 1, argv, &code), S_NOT_FOUND);
    kit_scratch_remove(dir);
}

static void *line_wait(void *stream)
{
    (void)fgetc(stream);
    return NULL;
}

/* In a child: a command waits for a line of its caller, and the process ends all the same. */
static void abandon_beside_a_reader(void)
{
    int ends[2];
    pthread_t thread;
    FILE *stream = pipe(ends) == 0 ? fdopen(ends[0], "r") : NULL;

    alarm(2); /* what hangs is ended by it */
    if (stream && pthread_create(&thread, NULL, line_wait, stream) == 0) {
        while (ftrylockfile(stream) == 0) {
            funlockfile(stream);
            sched_yield();
        }
        app_commands_abandon(69);
    }
    _exit(1);
}

static void test_the_end_does_not_wait_for_a_command_whose_caller_says_nothing(void **state)
{
    int ended = 0;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        abandon_beside_a_reader();
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    assert_int_equal(WEXITSTATUS(ended), 69);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words_directory_and_exit_code_travel, node_start, node_end),
        cmocka_unit_test_setup_teardown(test_a_directory_that_the_node_may_not_enter_is_done_without, node_start, node_end),
        cmocka_unit_test_setup_teardown(test_streams_that_are_open_the_other_way_fail_the_command_and_not_the_node, node_start, node_end),
        cmocka_unit_test_setup_teardown(test_a_socket_that_was_deleted_is_made_anew, node_start, node_end),
        cmocka_unit_test_setup_teardown(test_words_over_the_limit_are_refused_before_sending, node_start,
                                        node_end),
        cmocka_unit_test_setup_teardown(test_bytes_over_the_limit_are_refused_before_sending, node_start, node_end),
        cmocka_unit_test_setup_teardown(test_as_many_commands_as_fit_run_and_one_more_is_told_to_come_back, node_start, node_end),
        cmocka_unit_test_setup_teardown(test_garbage_ends_the_connection_without_a_command, node_start,
                                        node_end),
        cmocka_unit_test(test_without_a_node_there_is_nobody_to_forward_to),
        cmocka_unit_test(test_the_end_does_not_wait_for_a_command_whose_caller_says_nothing),
    };

    return KIT_RUN(tests);
}
