/* A machine that fails, for one process: preloaded (LD_PRELOAD), it stands between the program and its C library.
 *
 * MISFORTUNE names a file of four lines of 20 digits, looked at at every call, so that a script changes its fate while
 * the process runs:
 *   1  seconds (may be negative, then the first character is '-') that the wall clock is off
 *   2  1: fsync() and fdatasync() fail with EIO
 *   3  the how many-th allocation from now on fails, counted in this process; 0: none
 *   4  1: that one and every one after it */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 21, LINES = 4, FILE_SIZE = LINE * LINES };
enum { FATE_CLOCK, FATE_SYNC, FATE_MEMORY, FATE_FOR_GOOD };

static const char *fates;
static _Atomic long allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *data, size_t size);

__attribute__((constructor)) static void fates_open(void)
{
    const char *path = getenv("MISFORTUNE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        void *map = mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
        fates = map == MAP_FAILED ? NULL : map;
        close(fd);
    }
}

static long long fate(int line)
{
    const char *text = fates + (long)line * LINE;
    long long value = 0;

    if (!fates) {
        return 0;
    }
    for (int i = 0; i < LINE - 1; i++) {
        value = text[i] >= '0' && text[i] <= '9' ? 10 * value + (text[i] - '0') : value;
    }
    return text[0] == '-' ? -value : value;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);

    real = real ? real : (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(clock, now);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        now->tv_sec += (time_t)fate(FATE_CLOCK);
    }
    return code;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec exact;
    (void)zone;

    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

static int sync_fails(void)
{
    if (fate(FATE_SYNC)) {
        errno = EIO;
        return 1;
    }
    return 0;
}

int fsync(int fd)
{
    static int (*real)(int);

    real = real ? real : (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return sync_fails() ? -1 : real(fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);

    real = real ? real : (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return sync_fails() ? -1 : real(fd);
}

static int memory_fails(void)
{
    long long at = fate(FATE_MEMORY);

    if (at == 0) {
        atomic_store(&allocations, 0);
        return 0;
    }
    long number = atomic_fetch_add(&allocations, 1) + 1;
    return number == at || (number > at && fate(FATE_FOR_GOOD));
}

void *malloc(size_t size)
{
    if (memory_fails()) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (memory_fails()) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

void *realloc(void *data, size_t size)
{
    if (memory_fails()) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(data, size);
}
