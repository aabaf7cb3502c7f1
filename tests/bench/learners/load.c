/* load: learners at work, for benches and for a test that kills the node under them.
 *
 * load run MAIN CONTENT LEARNERS FILE SECONDS PERIOD_MS COURSE
 *     signs in the people p1 to pLEARNERS (password "correct horse"), opens COURSE for each, and then works:
 * each learner acts once a period, at a moment of its own; two of three times the content commits its state,
 * else they open a page: the course's document, then four files of its package. Every learner has an address
 * and connections of their own. The time of an action runs from the moment at which it was due (nobody waits
 * for a slow server before acting), so a stall is seen by everyone whom it concerns. Writes to FILE what was
 * acknowledged; when the server goes away, work ends there. load check MAIN FILE asks for each launch of FILE
 * whether what was acknowledged is there: 0 when all is. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "replication/base/bytes.h"
#include "replication/base/check.h"

enum {
    TEXT_MAX = 256,
    FILES = 4,
    SETUP_MAX = 8, /* learners that sign in at once */
    STATE_SIZE = 1500,
    EVENTS_MAX = 256,
};

/* What a learner waits for. */
enum step {
    STEP_SIGN_IN,
    STEP_LAUNCH,
    STEP_IDLE,
    STEP_COMMIT,
    STEP_DOCUMENT,
    STEP_FILE,
    STEP_CHECK,
    STEP_DONE
};

struct learner {
    unsigned number;
    enum step step;
    unsigned file, actions;
    uint64_t seq, acknowledged;
    double due, start; /* of the next action; of the request under way */
    char cookie[TEXT_MAX], csrf[TEXT_MAX], launch[TEXT_MAX], base[TEXT_MAX];
    int sockets[2]; /* to the pages and API; to the content */
    int current;    /* which of them a request is under way on */
    struct buffer in, out;
};

struct times {
    double *values;
    size_t count, capacity;
};

static struct {
    struct sockaddr_in servers[2];
    const char *course;
    int epoll;
    double begin, end, period;
    bool is_down;
    unsigned done, faults;
    struct times sign_ins, commits, documents, files;
    struct learner *learners;
    unsigned count;
} load;

static const char *const files[FILES] = {"index.html", "page.html", "script.js", "picture.png"};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- times --- */

static void times_add(struct times *times, double value)
{
    if (times->count == times->capacity) {
        times->capacity = times->capacity ? times->capacity * 2 : 1024;
        times->values = realloc(times->values, times->capacity * sizeof *times->values);
        CHECK(times->values);
    }
    times->values[times->count++] = value;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void times_print(struct times *times, const char *name, double seconds)
{
    if (times->count == 0) {
        return;
    }
    qsort(times->values, times->count, sizeof *times->values, ascending);
    printf("%-10s %8zu, %6.0f/s: p50 %7.2f ms, p99 %7.2f ms, p99.9 %7.2f ms, max %7.2f ms\n", name,
           times->count, (double)times->count / seconds, times->values[times->count / 2] * 1e3,
           times->values[times->count * 99 / 100] * 1e3, times->values[times->count * 999 / 1000] * 1e3,
           times->values[times->count - 1] * 1e3);
}

/* --- one request --- */

/* A connection of the learner's own address (127.1.x.y). */
static int dial(const struct learner *learner, int which)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    own.sin_addr.s_addr = htonl(0x7f010000u + 1 + learner->number);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0 ||
        connect(fd, (const struct sockaddr *)&load.servers[which], sizeof load.servers[which]) != 0) {
        close(fd);
        load.is_down = true;
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = (void *)(uintptr_t)learner};
    CHECK(epoll_ctl(load.epoll, EPOLL_CTL_ADD, fd, &event) == 0);
    return fd;
}

static void ask(struct learner *learner, int which, const char *method, const char *path, const char *body)
{
    char text[4096];
    int size = snprintf(
        text, sizeof text,
        "%s %s HTTP/1.1\r\nHost: %s:%d\r\nCookie: qanat_session=%s\r\nX-Qanat-CSRF: %s\r\nAccept: */*\r\n",
        method, path, inet_ntoa(load.servers[which].sin_addr), ntohs(load.servers[which].sin_port),
        learner->cookie, learner->csrf);

    if (body) {
        size += snprintf(text + size, sizeof text - (size_t)size,
                         "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
    }
    size += snprintf(text + size, sizeof text - (size_t)size, "\r\n%s", body ? body : "");
    CHECK((size_t)size < sizeof text);
    if (learner->sockets[which] < 0) {
        learner->sockets[which] = dial(learner, which);
    }
    learner->current = which;
    buffer_clear(&learner->in);
    if (learner->sockets[which] < 0 ||
        send(learner->sockets[which], text, (size_t)size, MSG_NOSIGNAL) != size) {
        load.is_down = true;
    }
}

/* The value of a text member of a JSON document, or of a header, up to its end. */
static bool value_find(const char *text, const char *name, char end, char out[TEXT_MAX])
{
    const char *at = strstr(text, name), *stop = at ? strchr(at + strlen(name), end) : NULL;

    if (!stop || (size_t)(stop - at) - strlen(name) >= TEXT_MAX) {
        return false;
    }
    at += strlen(name);
    memcpy(out, at, (size_t)(stop - at));
    out[stop - at] = '\0';
    return true;
}

/* The status of the answer once all of it is here, else 0. */
static int answer_status(struct learner *learner)
{
    buffer_append_u8(&learner->in, 0);
    learner->in.size--;
    const char *text = (const char *)learner->in.data, *body = strstr(text, "\r\n\r\n"),
               *length = strcasestr(text, "\r\nContent-Length:");

    if (!body) {
        return 0;
    }
    size_t size = length && length < body ? strtoul(length + 17, NULL, 10) : 0;
    return learner->in.size >= (size_t)(body + 4 - text) + size ? atoi(text + 9) : 0;
}

/* --- what learners do --- */

static void sign_in(struct learner *learner)
{
    char body[TEXT_MAX];

    learner->step = STEP_SIGN_IN;
    learner->start = now();
    snprintf(body, sizeof body, "{\"person\":\"p%u\",\"password\":\"correct horse\"}", learner->number + 1);
    ask(learner, 0, "POST", "/api/v1/session", body);
}

static void commit(struct learner *learner)
{
    char path[TEXT_MAX * 2], body[STATE_SIZE + 512], filler[STATE_SIZE + 1];

    memset(filler, 'a' + (int)(learner->seq % 26), STATE_SIZE);
    filler[STATE_SIZE] = '\0';
    learner->step = STEP_COMMIT;
    snprintf(path, sizeof path, "/api/v1/launches/%s/state", learner->launch);
    snprintf(body, sizeof body,
             "{\"seq\":%llu,\"cmi\":{\"core\":{\"lesson_status\":\"incomplete\",\"lesson_location\":\"page%"
             "llu\",\"session_time\":\"00:%02llu:%02llu\"},"
             "\"suspend_data\":\"%s\"}}",
             (unsigned long long)learner->seq + 1, (unsigned long long)learner->seq,
             (unsigned long long)(learner->seq / 60 % 60), (unsigned long long)(learner->seq % 60), filler);
    learner->seq++;
    ask(learner, 0, "PUT", path, body);
}

static void file_ask(struct learner *learner)
{
    char path[TEXT_MAX + 32];
    const char *own = strstr(learner->base, "/c/");

    CHECK(own);
    snprintf(path, sizeof path, "%s%s", own, files[learner->file]);
    learner->step = STEP_FILE;
    ask(learner, 1, "GET", path, NULL);
}

static void act(struct learner *learner)
{
    char path[TEXT_MAX];

    learner->start = learner->due;
    learner->due += load.period;
    if (learner->actions++ % 3 != 2) {
        commit(learner);
        return;
    }
    learner->step = STEP_DOCUMENT;
    snprintf(path, sizeof path, "/api/v1/courses/%s", load.course);
    ask(learner, 0, "GET", path, NULL);
}

static void fault(struct learner *learner, int status)
{
    if (load.faults++ < 5) {
        fprintf(stderr, "load: p%u, step %d: status %d: %.300s\n", learner->number + 1, (int)learner->step,
                status, (const char *)learner->in.data);
    }
    learner->step = STEP_DONE;
    load.done++;
}

static void signed_in(struct learner *learner)
{
    const char *text = (const char *)learner->in.data;
    char body[TEXT_MAX];

    times_add(&load.sign_ins, now() - learner->start);
    CHECK(value_find(text, "qanat_session=", ';', learner->cookie) &&
          value_find(text, "\"csrf\": \"", '"', learner->csrf));
    learner->step = STEP_LAUNCH;
    snprintf(body, sizeof body, "{\"course\":\"%s\"}", load.course);
    ask(learner, 0, "POST", "/api/v1/launches", body);
}

static void launched(struct learner *learner)
{
    const char *text = (const char *)learner->in.data;

    CHECK(value_find(text, "\"launch\": \"", '"', learner->launch) &&
          value_find(text, "\"base\": \"", '"', learner->base));
    learner->step = STEP_IDLE;
    load.done++;
}

static void check_answered(struct learner *learner, int status)
{
    bool is_there = status == 200 && strstr((const char *)learner->in.data, "\"stale\": true");

    if (!is_there) {
        fault(learner, status);
    } else {
        learner->step = STEP_DONE;
        load.done++;
    }
}

/* A whole answer is here. */
static void answered(struct learner *learner, int status)
{
    double time = now();

    if (learner->step == STEP_CHECK) {
        check_answered(learner, status);
        return;
    }
    if (status / 100 != 2) {
        fault(learner, status);
        return;
    }
    switch (learner->step) {
    case STEP_SIGN_IN:
        signed_in(learner);
        return;
    case STEP_LAUNCH:
        launched(learner);
        return;
    case STEP_COMMIT:
        learner->acknowledged = learner->seq;
        times_add(&load.commits, time - learner->start);
        learner->step = STEP_IDLE;
        return;
    case STEP_DOCUMENT:
        times_add(&load.documents, time - learner->start);
        learner->file = 0;
        learner->start = time;
        file_ask(learner);
        return;
    case STEP_FILE:
        times_add(&load.files, time - learner->start);
        learner->start = time;
        learner->step = STEP_IDLE;
        if (++learner->file < FILES) {
            file_ask(learner);
        }
        return;
    case STEP_IDLE:
    case STEP_CHECK:
    case STEP_DONE:
        return;
    }
}

static void readable(struct learner *learner)
{
    uint8_t *room = buffer_reserve(&learner->in, 65536);
    ssize_t got = recv(learner->sockets[learner->current], room, 65536, MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) { /* the other socket may have been closed for its silence */
        char byte;
        if (got < 0 || learner->step != STEP_IDLE) {
            load.is_down = true;
            return;
        }
        for (int i = 0; i < 2; i++) {
            if (learner->sockets[i] >= 0 &&
                recv(learner->sockets[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
                close(learner->sockets[i]);
                learner->sockets[i] = -1;
            }
        }
        return;
    }
    learner->in.size += (size_t)got;
    int status = answer_status(learner);
    if (status) {
        answered(learner, status);
    }
}

static void events_take(int wait_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(load.epoll, events, EVENTS_MAX, wait_ms);

    for (int i = 0; i < count && !load.is_down; i++) {
        readable(events[i].data.ptr);
    }
}

static void learners_make(unsigned count)
{
    load.count = count;
    load.learners = calloc(count, sizeof *load.learners);
    CHECK(load.learners);
    for (unsigned i = 0; i < count; i++) {
        load.learners[i].number = i;
        load.learners[i].sockets[0] = load.learners[i].sockets[1] = -1;
    }
}

static void server_set(int which, const char *address)
{
    char host[64];
    const char *colon = strrchr(address, ':');

    CHECK(colon && (size_t)(colon - address) < sizeof host);
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    load.servers[which] =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
    CHECK(inet_pton(AF_INET, host, &load.servers[which].sin_addr) == 1);
}

static void everyone_signs_in(void)
{
    unsigned next = 0;

    while (load.done < load.count && !load.is_down) {
        while (next < load.count && next - load.done < SETUP_MAX) {
            sign_in(&load.learners[next++]);
        }
        events_take(100);
    }
}

static void everyone_works(double seconds)
{
    unsigned from = 0;

    load.begin = now() + 0.1;
    load.end = load.begin + seconds;
    for (unsigned i = 0; i < load.count; i++) { /* in the order of the moments at which they act */
        load.learners[i].due = load.begin + load.period * i / load.count;
        load.learners[i].actions = i % 3;
    }
    while (now() < load.end && !load.is_down) {
        double time = now();
        for (unsigned n = 0; n < load.count; n++) {
            struct learner *learner = &load.learners[from];
            if (learner->due > time) {
                break;
            }
            if (learner->step == STEP_IDLE) {
                act(learner);
            } else { /* still busy with what was due a period ago: the next is late from its own moment on */
                break;
            }
            from = (from + 1) % load.count;
        }
        events_take(1);
    }
}

static int run(char **argv)
{
    FILE *out = fopen(argv[5], "w");
    double seconds = atof(argv[6]);

    server_set(0, argv[2]);
    server_set(1, argv[3]);
    learners_make((unsigned)atoi(argv[4]));
    load.period = atof(argv[7]) / 1e3;
    load.course = argv[8];
    CHECK(out);
    double start = now();
    everyone_signs_in();
    CHECK(!load.is_down && !load.faults);
    times_print(&load.sign_ins, "sign-ins", now() - start);
    printf("ready\n");
    fflush(stdout);
    load.done = 0;
    everyone_works(seconds);
    double worked = now() - load.begin;
    for (unsigned i = 0; i < load.count; i++) {
        const struct learner *learner = &load.learners[i];
        if (learner->acknowledged) {
            fprintf(out, "%s %s %s %llu\n", learner->cookie, learner->csrf, learner->launch,
                    (unsigned long long)learner->acknowledged);
        }
    }
    CHECK(fclose(out) == 0);
    times_print(&load.commits, "commits", worked);
    times_print(&load.documents, "documents", worked);
    times_print(&load.files, "files", worked);
    printf("%s after %.1f s, %u faults\n", load.is_down ? "the server went away" : "ended", worked,
           load.faults);
    return load.faults > 0;
}

/* Says each acknowledged commit again: a server that holds it calls it stale. */
static int check(char **argv)
{
    FILE *in = fopen(argv[3], "r");
    char path[TEXT_MAX * 2], body[TEXT_MAX];
    unsigned asked = 0;

    CHECK(in);
    server_set(0, argv[2]);
    learners_make(1);
    struct learner *learner = &load.learners[0];
    unsigned long long seq;
    while (fscanf(in, "%255s %255s %255s %llu", learner->cookie, learner->csrf, learner->launch, &seq) == 4) {
        learner->step = STEP_CHECK;
        snprintf(path, sizeof path, "/api/v1/launches/%s/state", learner->launch);
        snprintf(body, sizeof body, "{\"seq\":%llu,\"cmi\":{}}", seq);
        ask(learner, 0, "PUT", path, body);
        asked++;
        while (load.done < asked && !load.is_down) {
            events_take(1000);
        }
    }
    fclose(in);
    printf("%u launches asked for what was acknowledged, %u lack it\n", asked, load.faults);
    return asked == 0 || load.faults > 0 || load.is_down;
}

int main(int argc, char **argv)
{
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    CHECK(load.epoll >= 0);
    if (argc == 9 && strcmp(argv[1], "run") == 0) {
        return run(argv);
    }
    if (argc == 4 && strcmp(argv[1], "check") == 0) {
        return check(argv);
    }
    fprintf(stderr,
            "usage: load run MAIN CONTENT LEARNERS FILE SECONDS PERIOD_MS COURSE | load check MAIN FILE\n");
    return 2;
}
