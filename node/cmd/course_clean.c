/* course_clean.c: `qanat course clean`: let go of what nothing here needs any more. */
#include "node/cmd/course.h"
#include "node/cmd/table.h"
#include "node/learn/course/course_clean.h"

static json_t *rows_json(struct course_desk *desk, const struct buffer *cleaned)
{
    const struct course_cleaned *list = (const struct course_cleaned *)(const void *)cleaned->data;
    struct db *db = store_read_begin(desk->context->store);
    json_t *rows = json_array();

    for (size_t i = 0; i < cleaned->size / sizeof *list; i++) {
        json_t *row = course_row_json(desk, db, &list[i].row);

        json_object_set_new(row, "frees", json_integer((json_int_t)list[i].bytes));
        json_array_append_new(rows, row);
    }
    store_read_end(desk->context->store, db);
    return rows;
}

static void clean_print(struct course_desk *desk, const struct course_clean *clean)
{
    static const struct table_column columns[] = {{"course", "COURSE", false},   {"lang", "LANG", false},
                                                  {"version", "VERSION", false}, {"state", "STATE", false},
                                                  {"bytes", "BYTES", true},      {"frees", "FREES", true}};
    struct command_context *context = desk->context;
    json_t *rows = rows_json(desk, clean->cleaned);
    uint64_t total = clean->orphan_bytes;
    size_t index;
    json_t *row;

    json_array_foreach(rows, index, row)
    {
        total += (uint64_t)json_integer_value(json_object_get(row, "frees"));
    }
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:b, s:o, s:I, s:I, s:I}", "dry_run", clean->is_dry, "versions", rows,
                                   "orphans", (json_int_t)clean->orphans, "orphan_bytes",
                                   (json_int_t)clean->orphan_bytes, "frees", (json_int_t)total));
        return;
    }
    if (json_array_size(rows) > 0) {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    }
    fprintf(context->out, "%zu versions and %llu contents without a version %s %llu bytes\n",
            json_array_size(rows), (unsigned long long)clean->orphans,
            clean->is_dry ? "would go and free" : "are gone and freed", (unsigned long long)total);
    json_decref(rows);
}

enum status course_run_clean(struct command_context *context)
{
    struct course_desk desk;
    struct buffer cleaned;
    struct course_clean clean = {.is_relayed_too = command_flag(context, "relayed"),
                                 .is_dry = command_flag(context, "dry-run"),
                                 .cleaned = &cleaned};
    enum status status = course_desk_open(&desk, context);

    buffer_init(&cleaned);
    clean.courses = &desk.courses;
    status = status == S_OK ? command_words(context, 0, 0) : status;
    if (status == S_OK) {
        status = store_write_wait(context->store, course_clean_run, &clean);
        if (status == S_STALE && clean.is_dry && clean.is_counted) {
            status = S_OK;
        } else if (status == S_OK) {
            status = store_write_wait(context->store, blobs_sweep, desk.blobs);
        }
        if (status != S_OK) {
            report_set(&context->report, status, "nothing was removed: %s", status_text(status));
        }
    }
    if (status == S_OK) {
        clean_print(&desk, &clean);
    }
    buffer_release(&cleaned);
    course_desk_close(&desk);
    return status;
}
