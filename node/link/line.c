#include "node/link/line.h"

#include <string.h>

#include "node/incident.h"
#include "node/link/guard.h"
#include "node/link/opening.h"
#include "node/link/traffic.h"
#include "node/log.h"

void line_init(struct line *line, unsigned number, const struct line_owner *owner)
{
    *line = (struct line){.owner = owner, .number = number, .fd = -1};
}

void line_close(struct line *line)
{
    if (line->socket_item != NULL) {
        drain_remove(line->socket_item);
    }
    if (line->monitor_item != NULL) {
        drain_remove(line->monitor_item);
    }
    monitor_close(line->monitor);
    socket_close(line->socket);
    line_init(line, line->number, line->owner);
}

static bool line_take(void *ctx)
{
    struct line *line = ctx;
    struct packet packet;

    if (!socket_receive(line->socket, &packet)) {
        return false;
    }
    line->accounted += guard_wire_size(packet.body.size);
    line->owner->packet(line->owner->ctx, line, &packet);
    return line->socket != NULL;
}

static bool line_take_event(void *ctx)
{
    struct line *line = ctx;
    struct monitor_event event;

    if (!monitor_take(line->monitor, &event)) {
        return false;
    }
    if (event.kind == MONITOR_CONNECTED) {
        line->fd = event.fd;
    }
    line->owner->event(line->owner->ctx, line, &event);
    return line->socket != NULL;
}

bool line_open(struct line *line, const struct line_way *way, struct report *report)
{
    line->socket = socket_dialer_new(way->context, way->own, way->remote_key, report);
    if (line->socket == NULL) {
        return false;
    }
    line->monitor = monitor_open(way->context, line->socket);
    if (socket_connect(line->socket, way->address, report) != S_OK) {
        return false;
    }
    line->socket_item = drain_add(way->drain, socket_raw(line->socket), line_take, line);
    line->monitor_item = drain_add(way->drain, monitor_raw(line->monitor), line_take_event, line);
    return true;
}

bool line_say_opening(struct line *line, const uint8_t number[8])
{
    struct opening opening = {.line = line->number};
    uint8_t packet[OPENING_SIZE];

    memcpy(opening.number, number, sizeof opening.number);
    opening_encode(&opening, packet);
    line->is_up = socket_send(line->socket, NULL, bytes_of(packet, sizeof packet)) == S_OK;
    return line->is_up;
}

bool lines_are_choked(struct line *lines, size_t count, const struct id *remote)
{
    char node[ID_HEX_SIZE];
    uint64_t received;

    for (size_t i = 0; i < count; i++) {
        if (lines[i].fd >= 0 && traffic_received(lines[i].fd, &received) && guard_is_backlogged(&lines[i].accounted, received)) {
            id_hex(remote, node);
            incident_add_of(INCIDENT_CONNECTIONS, remote, 1);
            log_event(LOG_WARNING, "connections_cut", "count=1 node=%s reason=\"a message without an end\"", node);
            return true;
        }
    }
    return false;
}
