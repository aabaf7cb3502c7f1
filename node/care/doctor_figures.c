/* Figures that can hardly be right (node/stats/plausible.h): told, never changed. */
#include "node/care/doctor.h"

#include <stdlib.h>

#include "node/stats/plausible.h"

static void doubt_tell(struct findings *findings, const struct implausible *item)
{
    char text[IMPLAUSIBLE_TEXT_MAX];

    plausible_text(item, text);
    findings_add(findings, FINDING_IMPLAUSIBLE, item->node, "%s", text);
}

void doctor_figures(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    const struct plausible_bounds bounds = {inspection->config.plausible_completions, inspection->config.plausible_people};
    struct stats_request request = {
        .late_after_h = inspection->config.late_after_h, .now_ms = (int64_t)doctor->now_ms, .self = &inspection->identity.node};
    struct implausible *found;

    if (!inspection->roster || !inspection->has_identity || !inspection->store) {
        return;
    }
    found = calloc(IMPLAUSIBLE_MAX, sizeof *found);
    if (found) {
        size_t count = plausible_look(inspection->store, inspection->roster, &request, &bounds, found);
        for (size_t i = 0; i < count; i++) {
            doubt_tell(inspection->findings, &found[i]);
        }
    }
    free(found);
    findings_note(inspection->findings, "figures");
}
