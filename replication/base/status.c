#include "replication/base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

bool error_is_no_space(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

const char *status_text(enum status status)
{
    switch (status) {
#define X(name, text)                                                                               \
    case S_##name:                                                                                  \
        return text;
        STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

void report_clear(struct report *report)
{
    report->status = S_OK;
    report->text[0] = '\0';
}

enum status report_set(struct report *report, enum status status, const char *format, ...)
{
    va_list args;

    if (!report || report->status != S_OK) {
        return status;
    }
    report->status = status;
    va_start(args, format);
    vsnprintf(report->text, sizeof report->text, format, args);
    va_end(args);
    return status;
}
