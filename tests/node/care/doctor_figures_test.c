#include <string.h>

#include "node/care/doctor.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"
#include "tests/kit/kit_roster.h"

static void a_node_over_its_bound_is_told_and_no_figure_changes(void **state)
{
    static const struct kit_member nodes[] = {{"hub", NODE_HUB, -1, "CN", ""}};
    struct kit_store kit;
    struct findings findings;
    struct result_outcome outcome;
    struct id id;
    (void)state;

    kit_store_open(&kit);
    findings_init(&findings);
    struct inspection inspection = {.dir = kit.dir, .findings = &findings, .store = kit.store, .has_identity = true};
    struct doctor doctor = {.inspection = &inspection, .now_ms = (uint64_t)KIT_NOW_S * 1000};
    config_init(&inspection.config);
    inspection.roster = kit_roster_new(nodes, 1, &id);
    inspection.identity.node = kit.identity.node;
    kit_people_make(&kit, 1);
    assert_int_equal(kit_results(&kit, "event_id,person,course,kind,at,score,minutes\n1,p0,a,completed,2026-09-01,,\n2,p0,b,completed,2026-09-01,,\n",
                                 &outcome), S_OK);
    result_outcome_release(&outcome);
    doctor_figures(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_IMPLAUSIBLE), 0);
    inspection.config.plausible_completions = 1;
    doctor_figures(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_IMPLAUSIBLE), 1);
    assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 2);
    roster_free(inspection.roster);
    findings_release(&findings);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_over_its_bound_is_told_and_no_figure_changes),
    };
    return KIT_RUN(tests);
}
