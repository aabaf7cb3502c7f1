#include "node/link/spare.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "node/incident.h"
#include "node/log.h"

void spare_init(struct spare *spare)
{
    memset(spare->fds, -1, sizeof spare->fds);
    spare->is_starved = false;
    spare_take(spare);
}

void spare_release(struct spare *spare)
{
    for (int i = 0; i < SPARE_MAX; i++) {
        if (spare->fds[i] >= 0) {
            close(spare->fds[i]);
            spare->fds[i] = -1;
        }
    }
}

void spare_give(struct spare *spare)
{
    if (!spare->is_starved) {
        incident_add(INCIDENT_CONNECTIONS, 1);
        log_event(LOG_ERROR, "descriptors_short", "effect=\"connections are turned away\" advice=\"raise LimitNOFILE\"");
    }
    spare->is_starved = true;
    spare_release(spare);
}

void spare_take(struct spare *spare)
{
    bool has_all = true;

    for (int i = 0; i < SPARE_MAX; i++) {
        if (spare->fds[i] < 0) {
            spare->fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        }
        has_all = has_all && spare->fds[i] >= 0;
    }
    spare->is_starved = spare->is_starved && !has_all;
}
