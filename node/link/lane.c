#include "node/link/lane.h"

#include "node/link/congestion.h"
#include "node/link/sessions.h"
#include "node/link/traffic.h"
#include "node/local_time.h"

void lane_init(struct lane *lane, uint64_t now_ms)
{
    *lane = (struct lane){.has_led = false};
    small_init(&lane->small, now_ms);
}

struct lane_link lane_look(const struct lane *lane, enum lane_second second, int fd, const struct session *session)
{
    bool stands = second == LANE_STANDS; /* of the kernel only what counts then is asked: this runs for each frame */
    uint64_t acked = 0;

    if (!stands) {
        (void)traffic_acked(fd, &acked);
    }
    return (struct lane_link){.second = second,
                              .acked = acked,
                              .is_paced = session != NULL && sessions_is_paced(session),
                              .is_sending = stands && lane->has_led && traffic_is_sending(fd),
                              .now_ms = local_time_monotonic()};
}

static enum lane_way control_way(const struct lane *lane, const struct lane_link *link)
{
    bool is_quiet = link->now_ms - lane->small.last_ms >= SMALL_REST_MS && !link->is_sending;

    return lane->has_led && link->second == LANE_STANDS && !link->is_paced && !is_quiet ? LANE_SECOND : LANE_FIRST;
}

/* May so many bytes more be before control? */
static bool has_room(const struct lane *lane, size_t size, const struct lane_link *link)
{
    uint64_t arrived = link->acked > lane->acked ? link->acked - lane->acked : 0;
    uint64_t waiting = lane->has_led && lane->led > arrived ? lane->led - arrived : 0;

    return waiting + size <= LANE_LEAD_MAX;
}

struct lane_choice lane_choose(struct lane *lane, enum channel channel, size_t size, const struct lane_link *link)
{
    if (channel == CHANNEL_CONTROL) {
        return (struct lane_choice){.way = control_way(lane, link)};
    }
    if (small_may(&lane->small, size, link->second != LANE_NONE, link->now_ms)) {
        return (struct lane_choice){.way = LANE_FIRST, .is_little = true};
    }
    if (link->second == LANE_STANDS) {
        return (struct lane_choice){.way = lane->has_led ? LANE_FIRST : LANE_SECOND};
    }
    if (link->is_paced || !has_room(lane, size, link)) {
        return (struct lane_choice){.way = LANE_WAIT};
    }
    return (struct lane_choice){.way = LANE_FIRST, .is_leading = true};
}

void lane_sent(struct lane *lane, const struct lane_choice *choice, size_t size, const struct lane_link *link, int fd)
{
    if (choice->is_little) {
        small_sent(&lane->small, size);
    }
    if (choice->is_leading) {
        if (!lane->has_led) {
            (void)congestion_begin(fd);
            lane->acked = link->acked;
        }
        lane->has_led = true;
        lane->led += size;
    }
}

bool lane_is_moving(const struct session *session)
{
    switch (session_progress(session)->state) {
    case PEER_COMPARING:
    case PEER_MOVING:
        return !session_is_over(session);
    case PEER_CLOSED:
    case PEER_GREETING:
    case PEER_IN_STEP:
        return false;
    }
    return false;
}

bool lane_foresees(const struct session *session)
{
    const struct peer_progress *progress = session_progress(session);

    return lane_is_moving(session) && (progress->we_lack_cells > LANE_CELLS_MAX || progress->we_lack_bytes > SMALL_BULK_MAX);
}
