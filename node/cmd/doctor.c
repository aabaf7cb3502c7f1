/* doctor.c: `qanat doctor`: is this node in a state to do its work? */
#include "node/cmd/command.h"

#include <time.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "node/cmd/finding_print.h"
#include "node/cmd/forward.h"
#include "node/json.h"
#include "node/local_time.h"

static json_t *facts_json(const struct command_context *context, const struct doctor *doctor)
{
    const struct inspection *inspection = doctor->inspection;
    struct audit_size size = {0};
    char node[ID_HEX_SIZE] = "";

    if (inspection->store) {
        struct db *db = store_read_begin(inspection->store);
        audit_size(db, &size);
        store_read_end(inspection->store, db);
    }
    if (inspection->has_identity) {
        id_hex(&inspection->identity.node, node);
    }
    return json_pack("{s:o, s:s, s:s, s:s, s:s, s:b, s:I, s:I}", "dir", json_file_name(context->dir), "node", inspection->config.name, "id", node,
                     "kind", inspection->config.kind, "version", PACKAGE_VERSION, "running", doctor->is_running, "schema",
                     (json_int_t)size.schema, "database_bytes", (json_int_t)size.size);
}

static enum status doctor_run(struct command_context *context)
{
    struct findings findings;
    struct inspection inspection;
    struct timespec now;
    enum status status = command_words(context, 0, 0);

    if (status != S_OK) {
        return status;
    }
    if (access(context->dir, X_OK) != 0) {
        return report_set(&context->report, S_NOT_FOUND, "'%s' is no directory that can be read", context->dir);
    }
    clock_gettime(CLOCK_REALTIME, &now);
    findings_init(&findings);
    inspect_begin(&inspection, context->dir, NULL, &findings);
    (void)command_overrides(context, &inspection.config); /* they were judged before */
    if (context->app == NULL) { /* inside a running node it is set */
        (void)local_time_set_zone(inspection.config.time_zone, NULL); /* an unknown one is among the findings */
    }
    const struct doctor doctor = {.inspection = &inspection, .is_running = command_node_runs(context->dir),
                                  .now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000};
    doctor_clock(&doctor);
    doctor_disk(&doctor);
    doctor_files(&doctor);
    doctor_owner(&doctor);
    doctor_database(&doctor);
    doctor_limits(&doctor);
    doctor_program(&doctor);
    doctor_ports(&doctor);
    doctor_roster(&doctor);
    doctor_sync(&doctor);
    doctor_schedule(&doctor);
    doctor_versions(&doctor);
    doctor_writers(&doctor);
    doctor_courses(&doctor);
    doctor_figures(&doctor);
    doctor_keys(&doctor);
    doctor_uplink(&doctor);
    json_t *document = facts_json(context, &doctor);
    inspect_end(&inspection);
    status = findings_print(context, &findings, document);
    findings_release(&findings);
    return status;
}

const struct command doctor_commands[] = {
    {"doctor", NEEDS_DIR, "[--json]", "look for what keeps this node from doing its work; changes nothing",
     "Clock, disk, files and their rights, database, ports, the program that runs, the node's standing in the roster, when it was last in step with\n"
     "the node above, the transfer windows, whether the node above can be reached and answers as a node, courses that wait for room or were refused,\n"
     "and figures that can hardly be right.\n"
     "Each finding has a code, its cause, and what to do; exit 1 when one of them is a fault.\n"
     "Run it first when something is wrong; for damage inside the data there is qanat verify.\n\n"
     "  qanat doctor --dir /var/lib/qanat --json | jq -r '.findings[] | .code + \": \" + .cause'",
     doctor_run},
    {0},
};
