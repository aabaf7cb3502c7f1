#include "node/learn/person/password.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "the text of a hash fits");

enum { PASSES = 2, MEMORY_SIZE = 19 * 1024 * 1024 };

struct password_work {
    struct password_task *tasks;
    size_t count;
    _Atomic size_t next;
    _Atomic bool has_failed;
};

bool password_verify(struct bytes password, const char *stored)
{
    return stored[0] && crypto_pwhash_str_verify(stored, (const char *)password.data, password.size) == 0;
}

static void task_run(struct password_task *task, struct password_work *work)
{
    if (password_verify(task->password, task->stored)) {
        snprintf(task->hash, sizeof task->hash, "%s", task->stored);
        return;
    }
    if (crypto_pwhash_str(task->hash, (const char *)task->password.data, task->password.size, PASSES,
                          MEMORY_SIZE)) {
        task->hash[0] = '\0';
        atomic_store(&work->has_failed, true);
    }
}

static void *work_run(void *arg)
{
    struct password_work *work = arg;
    size_t index;

    while ((index = atomic_fetch_add(&work->next, 1)) < work->count) {
        task_run(&work->tasks[index], work);
    }
    return NULL;
}

bool password_hash_all(struct password_task *tasks, size_t count)
{
    struct password_work work = {.tasks = tasks, .count = count};
    pthread_t threads[PASSWORD_THREADS_MAX];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = cores < 1 ? 1 : (size_t)cores, started = 0;

    wanted = wanted > PASSWORD_THREADS_MAX ? PASSWORD_THREADS_MAX : wanted;
    wanted = wanted > count ? count : wanted;
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, work_run, &work) == 0) {
        started++;
    }
    work_run(&work); /* this thread works too, and alone when none could be made */
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    return !atomic_load(&work.has_failed);
}
