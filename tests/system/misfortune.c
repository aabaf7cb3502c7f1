/* A machine that fails, for one process: preloaded (LD_PRELOAD), it stands between the program and its C library.
 *
 * MISFORTUNE names a file of seven lines of 20 digits, looked at at every call, so that a script changes its fate while
 * the process runs:
 *   1  seconds (may be negative, then the first character is '-') that the wall clock is off
 *   2  1: fsync() and fdatasync() fail with EIO
 *   3  the how many-th allocation from now on fails, counted in this process; 0: none
 *   4  1: that one and every one after it
 *   5  1: no file can be made beside another to take its place (linkat: ENOSPC)
 *   6  1: TCP has no BBR, and of its connections says what it would say of a long way on which much is lost
 *   7  1: no file keeps a mode (fchmod: EPERM), as on a FAT stick */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <linux/tcp.h>

enum { LINE = 21, LINES = 7, FILE_SIZE = LINE * LINES };
enum { FATE_CLOCK, FATE_SYNC, FATE_MEMORY, FATE_FOR_GOOD, FATE_FILES, FATE_LINES, FATE_MODES };

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

int linkat(int from, const char *path, int to, const char *name, int flags)
{
    static int (*real)(int, const char *, int, const char *, int);

    real = real ? real : (int (*)(int, const char *, int, const char *, int))dlsym(RTLD_NEXT, "linkat");
    if (fate(FATE_FILES)) {
        errno = ENOSPC;
        return -1;
    }
    return real(from, path, to, name, flags);
}

int fchmod(int fd, mode_t mode)
{
    static int (*real)(int, mode_t);

    if (fate(FATE_MODES)) {
        errno = EPERM;
        return -1;
    }
    real = real ? real : (int (*)(int, mode_t))dlsym(RTLD_NEXT, "fchmod");
    return real(fd, mode);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
    static int (*real)(int, int, int, const void *, socklen_t);

    real = real ? real : (int (*)(int, int, int, const void *, socklen_t))dlsym(RTLD_NEXT, "setsockopt");
    if (level == IPPROTO_TCP && name == TCP_CONGESTION && fate(FATE_LINES)) {
        errno = ENOENT;
        return -1;
    }
    return real(fd, level, name, value, size);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    static int (*real)(int, int, int, void *, socklen_t *);

    real = real ? real : (int (*)(int, int, int, void *, socklen_t *))dlsym(RTLD_NEXT, "getsockopt");
    int code = real(fd, level, name, value, size);
    if (code == 0 && level == IPPROTO_TCP && name == TCP_CONGESTION && fate(FATE_LINES)) {
        strncpy(value, "reno", *size);
    }
    if (code == 0 && level == IPPROTO_TCP && name == TCP_INFO && *size >= sizeof(struct tcp_info) && fate(FATE_LINES)) {
        struct tcp_info *info = value;
        info->tcpi_min_rtt = info->tcpi_rtt = 100000;
        info->tcpi_snd_cwnd = 12;
        info->tcpi_snd_mss = 1400;
        info->tcpi_total_retrans = info->tcpi_data_segs_out / 4;
    }
    return code;
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
