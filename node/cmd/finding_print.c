#include "node/cmd/finding_print.h"

#include "node/cmd/table.h"

/* The table shows what is wrong and where; what to do stands below each line, because it is long. */
static void rows_print(struct command_context *context, json_t *rows)
{
    size_t index;
    json_t *row;

    json_array_foreach(rows, index, row) {
        fprintf(context->out, "%s  %s: %s\n    %s\n", json_string_value(json_object_get(row, "code")),
                json_string_value(json_object_get(row, "subject")), json_string_value(json_object_get(row, "cause")),
                json_string_value(json_object_get(row, "fix")));
    }
}

enum status findings_print(struct command_context *context, const struct findings *findings, json_t *document)
{
    size_t kept = json_array_size(findings->rows);

    if (context->is_json) {
        json_object_set(document, "checked", findings->checked);
        json_object_set(document, "findings", findings->rows);
        table_print_json(context->out, document);
    } else {
        rows_print(context, findings->rows);
        if (findings->total > kept) {
            fprintf(context->out, "and %zu more\n", findings->total - kept);
        }
        if (findings->total == 0) {
            fputs("nothing is wrong\n", context->out);
        }
        json_decref(document);
    }
    if (findings->faults == 0) {
        return S_OK;
    }
    return report_set(&context->report, S_PARTIAL, "%zu fault%s found in '%s': each says what to do", findings->faults,
                      findings->faults == 1 ? "" : "s", context->dir);
}
