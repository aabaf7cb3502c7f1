/* What ZeroMQ with CURVE moves by itself: the yardstick of a transfer, in frames as large as ours.
 * usage: curve serve ENDPOINT KEYFILE BYTES | curve fetch ENDPOINT KEYFILE   (fetch prints bytes and seconds) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { MESSAGE_SIZE = 32 * 1024, KEY_SIZE = 41, QUEUE = 64 };

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int fail(const char *what)
{
    fprintf(stderr, "curve: %s: %s\n", what, zmq_strerror(zmq_errno()));
    return 1;
}

static int serve(void *socket, const char *endpoint, const char *path, unsigned long long bytes)
{
    static char message[MESSAGE_SIZE];
    char public_key[KEY_SIZE], secret_key[KEY_SIZE];
    int is_server = 1, queue = QUEUE, linger = 60000;
    FILE *file = fopen(path, "w");

    if (!file || zmq_curve_keypair(public_key, secret_key) != 0) {
        return fail(path);
    }
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &is_server, sizeof is_server);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, KEY_SIZE);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &queue, sizeof queue);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if (zmq_bind(socket, endpoint) != 0) {
        return fail(endpoint);
    }
    fputs(public_key, file);
    fclose(file);
    for (unsigned long long sent = 0; sent < bytes; sent += MESSAGE_SIZE) {
        if (zmq_send(socket, message, sizeof message, 0) < 0) {
            return fail("send");
        }
    }
    return zmq_send(socket, "", 0, 0) < 0; /* the end */
}

static int fetch(void *socket, const char *endpoint, const char *path)
{
    char message[MESSAGE_SIZE], server_key[KEY_SIZE] = "", public_key[KEY_SIZE], secret_key[KEY_SIZE];
    unsigned long long got = 0;
    FILE *file = fopen(path, "r");
    double start;
    int size;

    if (!file || !fgets(server_key, sizeof server_key, file) || zmq_curve_keypair(public_key, secret_key) != 0) {
        return fail(path);
    }
    fclose(file);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, KEY_SIZE);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, KEY_SIZE);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, KEY_SIZE);
    start = now();
    if (zmq_connect(socket, endpoint) != 0) {
        return fail(endpoint);
    }
    while ((size = zmq_recv(socket, message, sizeof message, 0)) > 0) {
        got += (unsigned)size;
    }
    printf("%llu %.3f\n", got, now() - start);
    return size < 0;
}

int main(int argc, char **argv)
{
    void *context = zmq_ctx_new(), *socket;
    int status = 2;

    if (argc == 5 && strcmp(argv[1], "serve") == 0) {
        socket = zmq_socket(context, ZMQ_PUSH);
        status = serve(socket, argv[2], argv[3], strtoull(argv[4], NULL, 10));
    } else if (argc == 4 && strcmp(argv[1], "fetch") == 0) {
        socket = zmq_socket(context, ZMQ_PULL);
        status = fetch(socket, argv[2], argv[3]);
    } else {
        fprintf(stderr, "usage: curve serve ENDPOINT KEYFILE BYTES | curve fetch ENDPOINT KEYFILE\n");
        return 2;
    }
    zmq_close(socket);
    zmq_ctx_term(context);
    return status;
}
