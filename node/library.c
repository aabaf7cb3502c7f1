#include "node/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "replication/base/check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static enum status pointers_fill(struct library *library, void *handle, struct report *report)
{
    for (size_t i = 0; i < library->count; i++) {
        void *function = dlsym(handle, library->names[i]);
        if (!function) {
            return report_set(report, S_IO, "'%s' has no function '%s': install its version of Debian 12",
                              library->file, library->names[i]);
        }
        memcpy((char *)library->pointers + i * sizeof function, &function, sizeof function);
    }
    __atomic_store_n(&library->is_loaded, true, __ATOMIC_RELEASE);
    return S_OK;
}

enum status library_load(struct library *library, struct report *report)
{
    enum status status = S_OK;

    CHECK(library->size == library->count * sizeof(void *));
    CHECK(pthread_mutex_lock(&lock) == 0);
    if (!library->is_loaded) {
        void *handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
        status = handle ? pointers_fill(library, handle, report)
                        : report_set(report, S_IO, "'%s' cannot be loaded: install its package (%s)",
                                     library->file, dlerror());
        if (handle && status != S_OK) {
            dlclose(handle);
        }
    }
    CHECK(pthread_mutex_unlock(&lock) == 0);
    return status;
}

void library_need(struct library *library)
{
    struct report report = {.status = S_OK};

    if (__atomic_load_n(&library->is_loaded, __ATOMIC_ACQUIRE) || library_load(library, &report) == S_OK) {
        return;
    }
    fprintf(stderr, "qanat: %s\n", report.text);
    _exit(LIBRARY_EXIT);
}
