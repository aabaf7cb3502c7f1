/* verify.c: `qanat verify`: is everything that is kept what was written? */
#include "node/cmd/command.h"

#include <unistd.h>

#include "node/care/inspect.h"
#include "node/cmd/finding_print.h"
#include "node/json.h"

static enum status verify_run(struct command_context *context)
{
    struct findings findings;
    struct inspection inspection;
    bool is_quick = command_flag(context, "quick");
    enum status status = command_words(context, 0, 0);

    if (status != S_OK) {
        return status;
    }
    if (access(context->dir, X_OK) != 0) {
        return report_set(&context->report, S_NOT_FOUND, "'%s' is no directory that can be read", context->dir);
    }
    findings_init(&findings);
    inspect_begin(&inspection, context->dir, NULL, &findings);
    (void)command_overrides(context, &inspection.config); /* they were judged before */
    if (!is_quick) {
        inspect_pages(&inspection);
    }
    inspect_streams(&inspection);
    if (!is_quick) {
        inspect_blobs(&inspection);
    }
    json_t *document = json_pack("{s:o, s:{s:I, s:I, s:I, s:I}}", "dir", json_file_name(context->dir), "looked_at", "streams",
                                 (json_int_t)inspection.streams, "cells", (json_int_t)inspection.cells, "contents",
                                 (json_int_t)inspection.blobs, "bytes", (json_int_t)inspection.blob_bytes);
    if (!context->is_json) {
        fprintf(context->err, "looked at %llu cells in %llu streams, %llu contents (%.1f MB)\n",
                (unsigned long long)inspection.cells, (unsigned long long)inspection.streams,
                (unsigned long long)inspection.blobs, (double)inspection.blob_bytes / 1e6);
    }
    inspect_end(&inspection);
    status = findings_print(context, &findings, document);
    findings_release(&findings);
    return status;
}

const struct command verify_commands[] = {
    {"verify", NEEDS_DIR, "[--quick] [--json]", "look for damage in everything this node keeps; changes nothing",
     "Sums every stream anew from its cells and compares it with what its writer signed, so that a single flipped bit is found which the\n"
     "database's own check cannot see; checks the database's pages and references, the keys, and hashes every file of every course.\n"
     "Runs beside a running node. Exit 1 when something was found; each finding says what to do. --quick looks at the streams only.\n\n"
     "  qanat verify --dir /var/lib/qanat --json | jq '.findings[].code'",
     verify_run},
    {0},
};
