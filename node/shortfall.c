#include "node/shortfall.h"

#include <stddef.h>

#include "replication/base/check.h"

static _Thread_local struct shortfall *innermost;

void shortfall_begin(struct shortfall *watch)
{
    watch->status = S_OK;
    watch->outer = innermost;
    innermost = watch;
}

void shortfall_note(enum status status)
{
    if (innermost && innermost->status == S_OK) {
        innermost->status = status;
    }
}

enum status shortfall_status(void)
{
    return innermost ? innermost->status : S_OK;
}

enum status shortfall_end(struct shortfall *watch)
{
    CHECK(innermost == watch);
    innermost = watch->outer;
    return watch->status;
}
