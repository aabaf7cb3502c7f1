#include "node/http/caller.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "replication/base/check.h"

struct caller *caller_new(struct callers *callers, int fd, uint64_t now_ms)
{
    struct caller *caller = calloc(1, sizeof *caller);

    CHECK(caller);
    *caller = (struct caller){.next = callers->first, .link = &callers->first, .fd = fd, .since_ms = now_ms};
    if (caller->next) {
        caller->next->link = &caller->next;
    }
    callers->first = caller;
    return caller;
}

void caller_free(struct caller *caller)
{
    if (caller) {
        *caller->link = caller->next;
        if (caller->next) {
            caller->next->link = caller->link;
        }
        free(caller);
    }
}

void caller_enter(struct caller *caller, enum caller_phase phase, uint64_t now_ms)
{
    if (caller) {
        caller->phase = phase;
        caller->since_ms = now_ms;
        caller->body_size = 0;
    }
}

void caller_take(struct caller *caller, size_t size)
{
    if (caller) {
        caller->body_size += size;
    }
}

/* A stretch of the body that brought enough is followed by the next. */
static bool is_late(struct caller *caller, uint64_t now_ms)
{
    switch (caller->phase) {
    case CALLER_HEAD:
        return now_ms - caller->since_ms > HTTP_HEAD_MS;
    case CALLER_BODY:
        if (now_ms - caller->since_ms <= HTTP_BODY_MS) {
            return false;
        }
        if (caller->body_size < HTTP_BODY_MIN) {
            return true;
        }
        caller_enter(caller, CALLER_BODY, now_ms);
        return false;
    case CALLER_SERVED:
        return false;
    }
    CHECK(false);
    return false;
}

unsigned callers_look(struct callers *callers, uint64_t now_ms)
{
    unsigned count = 0;

    if (now_ms - callers->looked_ms < HTTP_LOOK_MS) {
        return 0;
    }
    callers->looked_ms = now_ms;
    for (struct caller *caller = callers->first; caller; caller = caller->next) {
        if (is_late(caller, now_ms)) {
            (void)shutdown(caller->fd, SHUT_RDWR);
            count++;
        }
    }
    return count;
}
