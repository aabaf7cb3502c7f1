#include "node/limits.h"

#include <pthread.h>
#include <sys/resource.h>

struct need {
    __rlimit_resource_t resource;
    rlim_t min, wanted;
    const char *name, *how;
    rlim_t unit; /* of the numbers that are told */
    const char *unit_name;
};

static enum status need_take(const struct need *need, struct report *report)
{
    struct rlimit limit;

    if (getrlimit(need->resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return S_OK;
    }
    rlim_t raised = limit.rlim_max < need->wanted ? limit.rlim_max : need->wanted;
    if (limit.rlim_cur < raised) {
        limit.rlim_cur = raised;
        (void)setrlimit(need->resource, &limit);
        (void)getrlimit(need->resource, &limit);
    }
    if (limit.rlim_cur >= need->min) {
        return S_OK;
    }
    return report_set(report, S_DENIED, "the limit of %s is %llu%s, and at least %llu%s are needed: raise it (%s)", need->name,
                      (unsigned long long)(limit.rlim_cur / need->unit), need->unit_name, (unsigned long long)(need->min / need->unit),
                      need->unit_name, need->how);
}

enum status limits_take(struct report *report)
{
    static const struct need needs[] = {
        {RLIMIT_NOFILE, LIMIT_FILES_MIN, LIMIT_FILES_WANTED, "open files", "ulimit -n, or LimitNOFILE= of the unit", 1, ""},
        {RLIMIT_AS, (rlim_t)LIMIT_MEMORY_MIN_MIB << 20, RLIM_INFINITY, "address space", "ulimit -v, or LimitAS= of the unit", 1 << 20, " MiB"},
        {RLIMIT_STACK, (rlim_t)LIMIT_STACK_MIN_KIB << 10, (rlim_t)LIMIT_STACK_MIB << 20, "the stack",
         "ulimit -s, or LimitSTACK= of the unit", 1 << 10, " KiB"},
    };
    pthread_attr_t attributes;

    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        enum status status = need_take(&needs[i], report);
        if (status != S_OK) {
            return status;
        }
    }
    if (pthread_attr_init(&attributes) == 0) {
        size_t size = 0;
        (void)pthread_attr_getstacksize(&attributes, &size);
        if (size < (size_t)LIMIT_STACK_MIB << 20 && pthread_attr_setstacksize(&attributes, (size_t)LIMIT_STACK_MIB << 20) == 0) {
            (void)pthread_setattr_default_np(&attributes);
        }
        pthread_attr_destroy(&attributes);
    }
    return S_OK;
}
