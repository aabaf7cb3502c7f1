#include "node/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "replication/base/bytes.h"

enum { LINE_MAX_SIZE = 2048 };

static _Atomic int level_now = LOG_WARNING;

void log_set_level(enum log_level level)
{
    atomic_store(&level_now, (int)level);
}

void log_raise_level(enum log_level level)
{
    if (atomic_load(&level_now) < (int)level) {
        log_set_level(level);
    }
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    char line[LINE_MAX_SIZE];
    va_list args;

    if ((int)level > atomic_load(&level_now)) {
        return;
    }
    int used = snprintf(line, sizeof line, "level=%s event=%s ", names[level], event);
    va_start(args, format);
    vsnprintf(line + used, sizeof line - (size_t)used, format, args);
    va_end(args);
    utf8_disarm_line(line); /* names and files of elsewhere stand in it */
    fprintf(stderr, "%s\n", line);
}

void log_check_failed(const char *file, int line, const char *text)
{
    log_event(LOG_ERROR, "check_failed", "file=%s line=%d check=\"%s\"", file, line, text);
}
