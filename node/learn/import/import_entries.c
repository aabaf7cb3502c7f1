#include "node/learn/import/import_entries.h"

#include <unistd.h>

#include "node/learn/import/import_child.h"

/* `is_inside`: between an entry and its end. */
static enum status frame_take(const struct import_entries *taker, enum import_frame type, struct bytes payload,
                              bool *is_inside, struct report *report)
{
    if (type == IMPORT_FRAME_FAULT) {
        return import_fault_take(payload, report);
    }
    if (!*is_inside && (type == IMPORT_FRAME_ENTRY || type == IMPORT_FRAME_FOLDER)) {
        *is_inside = type == IMPORT_FRAME_ENTRY;
        return taker->begin(taker->ctx, payload, type == IMPORT_FRAME_FOLDER);
    }
    if (*is_inside && type == IMPORT_FRAME_DATA) {
        return taker->data(taker->ctx, payload);
    }
    if (*is_inside && type == IMPORT_FRAME_ENTRY_END) {
        *is_inside = false;
        return taker->end(taker->ctx);
    }
    return report_set(report, S_INVALID, "the importer's child process spoke out of turn");
}

static void position_tell(const struct import_entries *taker, int fd)
{
    off_t at = taker->read ? lseek(fd, 0, SEEK_CUR) : -1; /* the child reads with the same position */

    if (at >= 0) {
        taker->read(taker->ctx, (uint64_t)at);
    }
}

enum status import_entries_read(int fd, const char *lang, const struct import_entries *taker, struct report *report)
{
    struct import_child child;
    enum import_frame type;
    struct bytes payload;
    enum status status = import_child_start(IMPORT_TASK_UNPACK, lang, fd, &child, report);
    bool is_done = false, is_inside = false;

    while (status == S_OK && !is_done) {
        status = import_frame_read(&child.reader, &type, &payload);
        is_done = status == S_OK && type == IMPORT_FRAME_DONE && !is_inside;
        if (status == S_OK && !is_done) {
            status = frame_take(taker, type, payload, &is_inside, report);
        }
        position_tell(taker, fd);
    }
    import_child_end(&child, report);
    if (status != S_OK && report->status == S_OK) {
        report_set(report, status == S_NOT_FOUND ? S_INVALID : status,
                   "the importer's child process ended before the archive did");
    }
    return report->status;
}
