#include "node/link/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "node/incident.h"
#include "node/link/congestion.h"
#include "node/link/monitor.h"
#include "node/link/spare.h"
#include "node/link/traffic.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"

enum { CUTS_MAX = 64 };

struct arrivals {
    arrival_gone *gone;
    void *ctx;
    struct monitor *monitor;
    struct drain_item *item;
    struct guard *guard;
    struct doors *doors; /* NULL: one key */
    struct spare spare;
    unsigned garbled; /* handshakes, since the last tick */
    int cuts[CUTS_MAX]; /* to be made when all was heard */
    size_t cut_count;
    struct route late[ARRIVAL_LATE_MAX]; /* the oldest is overwritten first */
    size_t late_count;
};

struct arrivals *arrivals_new(arrival_gone *gone, void *ctx, size_t descriptors)
{
    struct arrivals *arrivals = calloc(1, sizeof *arrivals);

    CHECK(arrivals != NULL);
    arrivals->gone = gone;
    arrivals->ctx = ctx;
    arrivals->guard = guard_new(descriptors);
    spare_init(&arrivals->spare);
    return arrivals;
}

void arrivals_free(struct arrivals *arrivals)
{
    if (arrivals == NULL) {
        return;
    }
    if (arrivals->item != NULL) {
        drain_remove(arrivals->item);
    }
    monitor_close(arrivals->monitor);
    guard_free(arrivals->guard);
    spare_release(&arrivals->spare);
    free(arrivals);
}

void arrivals_watch(struct arrivals *arrivals, struct socket_context *context, struct socket *socket)
{
    arrivals->monitor = monitor_open(context, socket);
}

void arrivals_doors(struct arrivals *arrivals, struct doors *doors)
{
    arrivals->doors = doors;
}

/* --- what the library tells --- */

static void cuts_make(struct arrivals *arrivals)
{
    for (size_t i = 0; i < arrivals->cut_count; i++) {
        socket_shutdown(arrivals->cuts[i]);
    }
    arrivals->cut_count = 0;
}

/* Not before all was heard: the descriptor may have become another's. */
static void cuts_add(struct arrivals *arrivals, int fd)
{
    if (arrivals->cut_count == CUTS_MAX) {
        cuts_make(arrivals);
    }
    arrivals->cuts[arrivals->cut_count++] = fd;
    incident_add(INCIDENT_CONNECTIONS, 1);
}

/* It went by itself. */
static void cuts_spare(struct arrivals *arrivals, int fd)
{
    for (size_t i = arrivals->cut_count; i-- > 0;) {
        if (arrivals->cuts[i] == fd) {
            arrivals->cuts[i] = arrivals->cuts[--arrivals->cut_count];
        }
    }
}

static void on_accepted(struct arrivals *arrivals, int fd)
{
    uint8_t address[GUARD_ADDRESS_SIZE];

    cuts_spare(arrivals, fd);
    (void)congestion_choose(fd);
    traffic_address(fd, address);
    int cut = guard_accept(arrivals->guard, fd, address, local_time_monotonic());
    if (arrivals->spare.is_starved) {
        cuts_add(arrivals, fd);
    }
    if (cut >= 0 && !(arrivals->spare.is_starved && cut == fd)) {
        cuts_add(arrivals, cut);
    }
}

static void on_gone(struct arrivals *arrivals, int fd, bool is_told)
{
    uint8_t address[GUARD_ADDRESS_SIZE];
    bool is_there = guard_address(arrivals->guard, fd, address);

    cuts_spare(arrivals, fd);
    if (guard_gone(arrivals->guard, fd, is_told)) {
        incident_add(INCIDENT_HANDSHAKES, 1);
        arrivals->garbled++;
        if (arrivals->doors != NULL && is_there) {
            doors_knock(arrivals->doors, address, local_time_monotonic());
        }
    }
    arrivals->gone(arrivals->ctx, fd);
}

static bool event_take(void *ctx)
{
    struct arrivals *arrivals = ctx;
    struct monitor_event event;

    if (!monitor_take(arrivals->monitor, &event)) {
        cuts_make(arrivals);
        return false;
    }
    if (event.kind == MONITOR_REFUSED || event.kind == MONITOR_UP) {
        guard_settled(arrivals->guard);
    } else if (event.kind == MONITOR_ACCEPTED) {
        on_accepted(arrivals, event.fd);
    } else if (event.kind == MONITOR_STARVED) {
        spare_give(&arrivals->spare);
    } else if (event.kind == MONITOR_DOWN && event.fd >= 0) {
        on_gone(arrivals, event.fd, event.is_told);
    }
    return true;
}

void arrivals_add(struct arrivals *arrivals, struct drain *drain)
{
    arrivals->item = drain_add(drain, monitor_raw(arrivals->monitor), event_take, arrivals);
}

void arrivals_hear(struct arrivals *arrivals)
{
    guard_turn(arrivals->guard);
    while (event_take(arrivals)) {
    }
}

/* --- packets --- */

static bool is_late(const struct arrivals *arrivals, const struct route *route)
{
    size_t count = arrivals->late_count < ARRIVAL_LATE_MAX ? arrivals->late_count : ARRIVAL_LATE_MAX;

    for (size_t i = 0; i < count; i++) {
        if (memcmp(arrivals->late[i].b, route->b, ROUTE_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

bool arrivals_packet(struct arrivals *arrivals, const struct packet *packet)
{
    return guard_packet(arrivals->guard, packet->fd, packet->body.size);
}

void arrivals_forget(struct arrivals *arrivals, const struct route *route)
{
    arrivals->late[arrivals->late_count++ % ARRIVAL_LATE_MAX] = *route;
}

bool arrivals_cut(struct arrivals *arrivals, const struct packet *packet)
{
    if (is_late(arrivals, &packet->route)) {
        return false;
    }
    if (!guard_is_new(arrivals->guard, packet->fd)) { /* else the descriptor may be another's; the next packet tells */
        arrivals_forget(arrivals, &packet->route);
        socket_shutdown(packet->fd);
    }
    return true;
}

void arrivals_tick(struct arrivals *arrivals)
{
    int cuts[CUTS_MAX];

    arrivals_hear(arrivals);
    guard_tell(arrivals->guard, &arrivals->garbled);
    size_t count = guard_look(arrivals->guard, traffic_received, local_time_monotonic(), cuts, CUTS_MAX);
    for (size_t i = 0; i < count; i++) {
        socket_shutdown(cuts[i]);
    }
    if (count > 0) {
        incident_add(INCIDENT_CONNECTIONS, count);
        log_event(LOG_WARNING, "connections_cut", "count=%zu reason=\"sent too much, or was silent too long\"", count);
    }
    spare_take(&arrivals->spare);
}
