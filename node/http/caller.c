#include "node/http/caller.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "replication/base/check.h"

/* The number of idle ones follows each change. */
static void idle_count(struct caller *caller, int step)
{
    if (caller->phase == CALLER_HEAD && !caller->is_shut) {
        caller->callers->idle += (unsigned)step;
    }
}

static void caller_shut(struct caller *caller)
{
    if (!caller->is_shut) {
        idle_count(caller, -1);
        caller->is_shut = true;
        (void)shutdown(caller->fd, SHUT_RDWR);
    }
}

/* Ends the one that has been idle for longest. */
static void idlest_shut(struct callers *callers)
{
    struct caller *idlest = NULL;

    for (struct caller *caller = callers->first; caller; caller = caller->next) {
        if (caller->phase == CALLER_HEAD && !caller->is_shut &&
            (!idlest || caller->since_ms <= idlest->since_ms)) {
            idlest = caller;
        }
    }
    if (idlest) {
        caller_shut(idlest);
    }
}

struct caller *caller_new(struct callers *callers, int fd, uint64_t now_ms)
{
    struct caller *caller = calloc(1, sizeof *caller);

    CHECK(caller);
    if (callers->idle >= HTTP_IDLE_MAX) {
        idlest_shut(callers);
    }
    *caller = (struct caller){
        .next = callers->first, .link = &callers->first, .callers = callers, .fd = fd, .since_ms = now_ms};
    if (caller->next) {
        caller->next->link = &caller->next;
    }
    callers->first = caller;
    idle_count(caller, 1);
    return caller;
}

void caller_free(struct caller *caller)
{
    if (caller) {
        idle_count(caller, -1);
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
        idle_count(caller, -1);
        caller->phase = phase;
        caller->since_ms = now_ms;
        caller->body_size = 0;
        idle_count(caller, 1);
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
        if (!caller->is_shut && is_late(caller, now_ms)) {
            caller_shut(caller);
            count++;
        }
    }
    return count;
}
