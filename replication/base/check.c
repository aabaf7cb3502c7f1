#include "replication/base/check.h"

#include <stddef.h>
#include <stdlib.h>

static check_handler *installed_handler;

void check_set_handler(check_handler *handler)
{
    installed_handler = handler;
}

void check_failed(const char *file, int line, const char *text)
{
    if (installed_handler) {
        installed_handler(file, line, text);
    }
    abort();
}
