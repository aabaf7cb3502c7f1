#include "node/http/caller.h"

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

void caller_begin(struct caller *caller)
{
    caller->is_served = true;
}

void caller_end(struct caller *caller, uint64_t now_ms)
{
    caller->is_served = false;
    caller->since_ms = now_ms;
}

unsigned callers_look(struct callers *callers, uint64_t now_ms)
{
    unsigned count = 0;

    if (now_ms - callers->looked_ms < HTTP_LOOK_MS) {
        return 0;
    }
    callers->looked_ms = now_ms;
    for (struct caller *caller = callers->first; caller; caller = caller->next) {
        if (!caller->is_served && now_ms - caller->since_ms > HTTP_HEAD_MS) {
            (void)shutdown(caller->fd, SHUT_RDWR);
            count++;
        }
    }
    return count;
}
