/* stranger MODE PORT [NODE_DIR SERVER_DIR]: misbehaves at a listening port, for strangers.sh.
 *
 *   idle   400 TCP connections that never finish a handshake, held for five seconds
 *   giant  the ZMTP greeting, then one frame that says it has 2 GiB, and bytes for as long as they are taken
 *   slow   60 connections whose greeting comes at a byte every 50 ms
 *   old    greetings of ZMTP 1.0, 2.0 and of other mechanisms, HTTP, TLS and noise
 *   keys   200 CURVE clients with random keys, eight at a time
 * At the port of the pages, until its input ends:
 *   values eight bodies of 4 MiB that are nothing but values, and 72 that lack their last byte
 *   places 1,600 requests from each of three addresses whose bodies do not come
 * With the keys of a member (NODE_DIR) of the federation, and the listener's key from SERVER_DIR:
 *   bomb   session frames: a zstd body that grows to 1 GiB, deeply nested protobuf, noise
 * Prints one line of what happened; exit 0 when it was cut off or ignored as it should be. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <zstd.h>

#include "node/dir.h"
#include "node/link/opening.h"
#include "node/link/socket.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

enum { IDLE_COUNT = 400, KEYS_ROUNDS = 25, KEYS_AT_ONCE = 8, GREETING_SIZE = 64, BOMB_SIZE = 1 << 30 };

static void pause_ms(long ms)
{
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
}

static int tcp_open(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval limit = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int run_idle(int port)
{
    static int fds[IDLE_COUNT];
    int opened = 0;

    for (int i = 0; i < IDLE_COUNT; i++) {
        fds[i] = tcp_open(port);
        opened += fds[i] >= 0;
    }
    pause_ms(5000);
    for (int i = 0; i < IDLE_COUNT; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    printf("idle: %d connections were held\n", opened);
    return 0;
}

static int run_giant(int port)
{
    /* Signature, version 3.1, mechanism, as-server 0; then a long frame of 2^31 bytes. */
    uint8_t greeting[GREETING_SIZE] = {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1, 'C', 'U', 'R', 'V', 'E'};
    uint8_t head[9] = {0x02, 0, 0, 0, 0, 0x80, 0, 0, 0};
    static uint8_t noise[65536];
    uint64_t sent = 0;
    int fd = tcp_open(port);

    if (fd < 0 || send(fd, greeting, sizeof greeting, MSG_NOSIGNAL) < 0 ||
        send(fd, head, sizeof head, MSG_NOSIGNAL) < 0) {
        printf("giant: no connection\n");
        return 1;
    }
    while (sent < (1ULL << 31)) {
        ssize_t got = send(fd, noise, sizeof noise, MSG_NOSIGNAL);
        if (got <= 0) {
            break;
        }
        sent += (uint64_t)got;
    }
    close(fd);
    printf("giant: cut after %llu bytes\n", (unsigned long long)sent);
    return sent < (64 << 20) ? 0 : 1;
}

static int run_slow(int port)
{
    enum { COUNT = 60 };
    uint8_t greeting[GREETING_SIZE] = {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1, 'C', 'U', 'R', 'V', 'E'};
    int fds[COUNT], opened = 0;

    for (int i = 0; i < COUNT; i++) {
        fds[i] = tcp_open(port);
        opened += fds[i] >= 0;
    }
    for (int at = 0; at < GREETING_SIZE; at++) {
        for (int i = 0; i < COUNT; i++) {
            (void)!send(fds[i], greeting + at, 1, MSG_NOSIGNAL);
        }
        pause_ms(50);
    }
    for (int i = 0; i < COUNT; i++) {
        close(fds[i]);
    }
    printf("slow: %d greetings, byte by byte\n", opened);
    return 0;
}

/* One line: it is done. Whoever looks at the node meanwhile closes our input. */
static int hold_on(const char *said, int count)
{
    char byte;

    printf("%s: %d\n", said, count);
    fflush(stdout);
    return read(STDIN_FILENO, &byte, 1) < 0 || count == 0;
}

static bool post(int fd, const char *path, const char *body, size_t size, size_t sent)
{
    char head[200];
    int length = snprintf(head, sizeof head,
                          "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", path, size);

    return send(fd, head, (size_t)length, MSG_NOSIGNAL) == length && send(fd, body, sent, MSG_NOSIGNAL) == (ssize_t)sent;
}

static int run_values(int port)
{
    enum { WHOLE = 8, CUT = 72, SIZE = 4 * 1024 * 1024 - 8 };
    char *body = malloc(SIZE), said[16];
    int held = 0;

    memcpy(body, "{\"text\":[", 9);
    for (size_t i = 9; i + 3 <= SIZE; i += 3) {
        memcpy(body + i, "{},", 3);
    }
    memcpy(body + SIZE - 4, "{}]}", 4);
    for (int i = 0; i < WHOLE + CUT; i++) {
        int fd = tcp_open(port);
        held += fd >= 0 && post(fd, "/api/v1/verify", body, SIZE, SIZE - (i >= WHOLE));
        if (i < WHOLE) {
            (void)!recv(fd, said, sizeof said, 0);
        }
    }
    free(body);
    return hold_on("values", held);
}

static int run_places(int port)
{
    enum { EACH = 1600 };
    int held = 0;

    for (int i = 0; i < 3 * EACH; i++) {
        struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (unsigned)(i / EACH));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        held += bind(fd, (struct sockaddr *)&from, sizeof from) == 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
                post(fd, "/verify", "x", 60000, 1);
    }
    return hold_on("places", held);
}

/* Who speaks another protocol is cut off or ignored: nobody gets a session. */
static int run_old(int port)
{
    static const char *const greetings[] = {
        "\x01\x00",                                                          /* ZMTP 1.0 */
        "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x05\x00\x00",        /* ZMTP 2.0 */
        "\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x03\x00NULL",             /* ZMTP 3.0, no mechanism */
        "\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x03\x00PLAIN",
        "GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",                     /* TLS */
    };
    static const size_t sizes[] = {2, 14, 16, 17, 29, 11};
    uint8_t frame[GREETING_SIZE];
    int opened = 0;

    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
            int fd = tcp_open(port);
            opened += fd >= 0;
            memset(frame, 0, sizeof frame);
            memcpy(frame, greetings[i], sizes[i]);
            (void)!send(fd, frame, i < 4 ? sizeof frame : sizes[i], MSG_NOSIGNAL);
            randombytes_buf(frame, sizeof frame);
            (void)!send(fd, frame, sizeof frame, MSG_NOSIGNAL);
            pause_ms(10);
            close(fd);
        }
    }
    printf("old: %d greetings of other protocols\n", opened);
    return 0;
}

static int run_keys(struct socket_context *context, int port, const uint8_t server_key[CURVE_KEY_SIZE])
{
    struct report report = {.status = S_OK};
    char endpoint[ENDPOINT_MAX];
    int taken = 0;

    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port);
    for (int round = 0; round < KEYS_ROUNDS; round++) {
        struct socket *sockets[KEYS_AT_ONCE];
        for (int i = 0; i < KEYS_AT_ONCE; i++) {
            struct curve_pair pair;
            crypto_box_keypair(pair.public_key, pair.secret_key);
            sockets[i] = socket_dialer_new(context, &pair, server_key, &report);
            if (sockets[i] == NULL || socket_connect(sockets[i], endpoint, &report) != S_OK) {
                printf("keys: %s\n", report.text);
                return 1;
            }
        }
        pause_ms(100);
        for (int i = 0; i < KEYS_AT_ONCE; i++) {
            taken += socket_send(sockets[i], NULL, bytes_text("hello")) == S_OK;
            socket_close(sockets[i]);
        }
    }
    printf("keys: %d of %d got in\n", taken, KEYS_ROUNDS * KEYS_AT_ONCE);
    return taken == 0 ? 0 : 1;
}

/* --- with a member's keys
 * ------------------------------------------------------------------------------------- */

/* A connection as a member, its opening said. */
static struct socket *member_open(struct socket_context *context, int port, const char *node_dir,
                                  const uint8_t server_key[CURVE_KEY_SIZE])
{
    struct identity identity;
    struct report report = {.status = S_OK};
    struct curve_pair pair;
    struct opening opening = {.line = CHANNEL_CONTROL};
    uint8_t packet[OPENING_SIZE];
    char endpoint[ENDPOINT_MAX];

    if (dir_load_identity(node_dir, &identity, &report) != S_OK) {
        return NULL;
    }
    memcpy(pair.public_key, identity.curve_public, CURVE_KEY_SIZE);
    memcpy(pair.secret_key, identity.curve_secret, CURVE_KEY_SIZE);
    randombytes_buf(opening.number, sizeof opening.number);
    opening_encode(&opening, packet);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port);
    struct socket *socket = socket_dialer_new(context, &pair, server_key, &report);
    if (socket == NULL || socket_connect(socket, endpoint, &report) != S_OK) {
        return NULL;
    }
    for (int i = 0; i < 100; i++) {
        if (socket_send(socket, NULL, bytes_of(packet, sizeof packet)) == S_OK) {
            return socket;
        }
        pause_ms(50);
    }
    return NULL;
}

/* A frame whose body says it has `declared` bytes. */
static void send_body(struct socket *socket, uint8_t type, uint64_t declared, bool is_packed,
                      struct bytes body)
{
    struct buffer frame;

    buffer_init(&frame);
    buffer_append_u8(&frame, WIRE_VERSION);
    buffer_append_u8(&frame, type);
    buffer_append_u8(&frame, is_packed);
    buffer_append_varint(&frame, declared);
    buffer_append(&frame, body.data, body.size);
    for (int i = 0; i < 20 && socket_send(socket, NULL, buffer_bytes(&frame)) == S_BUSY; i++) {
        pause_ms(20);
    }
    buffer_release(&frame);
}

static int run_bomb(struct socket *socket)
{
    uint8_t nested[30000], noise[1000];
    size_t size = BOMB_SIZE;
    uint8_t *zeros = calloc(1, size), *packed = malloc(ZSTD_compressBound(size));

    size = ZSTD_compress(packed, ZSTD_compressBound(size), zeros, size, 3);
    for (size_t i = 0; i < sizeof nested; i++) {
        nested[i] = i % 3 == 0 ? 0x0a : 0x7f; /* field 1, length-delimited, again and again */
    }
    for (uint8_t type = MESSAGE_HELLO; type <= MESSAGE_BUNDLE; type++) {
        randombytes_buf(noise, sizeof noise);
        if (size < PACKET_SIZE_MAX) {
            send_body(socket, type, BOMB_SIZE, true, bytes_of(packed, size));
        }
        send_body(socket, type, BODY_SIZE_MAX, true, bytes_of(packed, size < 30000 ? size : 30000));
        send_body(socket, type, sizeof nested, false, bytes_of(nested, sizeof nested));
        send_body(socket, type, sizeof noise, false, bytes_of(noise, sizeof noise));
    }
    pause_ms(1000);
    printf("bomb: %zu packed bytes thrown\n", size);
    free(zeros);
    free(packed);
    return 0;
}

int main(int argc, char **argv)
{
    struct report report = {.status = S_OK};
    struct identity server;
    int port = argc > 2 ? atoi(argv[2]) : 0;

    signal(SIGPIPE, SIG_IGN);
    if (port == 0 || sodium_init() < 0) {
        fputs("stranger idle|giant|slow|old|keys|bomb|values|places PORT [NODE_DIR SERVER_DIR]\n", stderr);
        return 2;
    }
    if (strcmp(argv[1], "values") == 0) {
        return run_values(port);
    }
    if (strcmp(argv[1], "places") == 0) {
        return run_places(port);
    }
    if (strcmp(argv[1], "idle") == 0) {
        return run_idle(port);
    }
    if (strcmp(argv[1], "giant") == 0) {
        return run_giant(port);
    }
    if (strcmp(argv[1], "slow") == 0) {
        return run_slow(port);
    }
    if (strcmp(argv[1], "old") == 0) {
        return run_old(port);
    }
    if (argc < 5 || dir_load_identity(argv[4], &server, &report) != S_OK) {
        return 2;
    }
    struct socket_context *context = socket_context_new();
    int code;
    if (strcmp(argv[1], "keys") == 0) {
        code = run_keys(context, port, server.curve_public);
    } else {
        struct socket *socket = member_open(context, port, argv[3], server.curve_public);
        code = socket != NULL ? run_bomb(socket) : 1;
        socket_close(socket);
    }
    socket_context_free(context);
    return code;
}
