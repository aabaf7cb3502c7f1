#include "node/learn/import/import_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif

/* What an unpacker needs: its open descriptors, memory, the clock, and a way out. */
static const int calls_allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(time),
    SCMP_SYS(sched_yield),
    SCMP_SYS(restart_syscall),
#ifdef WITH_SANITIZER
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(prctl),
    SCMP_SYS(getrusage),
    SCMP_SYS(tgkill),
    SCMP_SYS(rseq),
#endif
};

/* What a library may try out of habit: it is told no, and goes on. */
static const int calls_denied[] = {
    SCMP_SYS(open),       SCMP_SYS(openat),    SCMP_SYS(stat),      SCMP_SYS(lstat),
    SCMP_SYS(access),     SCMP_SYS(faccessat), SCMP_SYS(readlink),  SCMP_SYS(statx),
    SCMP_SYS(readlinkat), SCMP_SYS(ioctl),     SCMP_SYS(fadvise64), SCMP_SYS(getcwd),
    SCMP_SYS(fcntl),      SCMP_SYS(prlimit64), SCMP_SYS(sysinfo),   SCMP_SYS(unlink),
};

static bool limit_resources(void)
{
    const struct {
        int resource;
        rlim_t value;
    } limits[] = {
        {RLIMIT_CORE, 0},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_NOFILE, 3},
        {RLIMIT_CPU, SANDBOX_CPU_MAX_S},
#ifndef WITH_SANITIZER /* which reserves terabytes of address space */
        {RLIMIT_AS, (rlim_t)SANDBOX_MEMORY_MAX_MIB * 1024 * 1024},
#endif
    };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit limit = {limits[i].value, limits[i].value};

        if (setrlimit((__rlimit_resource_t)limits[i].resource, &limit) != 0) {
            return false;
        }
    }
    return true;
}

/* Landlock: a rule set that handles every access and allows none. Best effort: older kernels do not have it.
 */
static void deny_files(void)
{
#ifdef HAVE_LINUX_LANDLOCK_H
    struct landlock_ruleset_attr attr = {.handled_access_fs =
                                             (1ULL << 13) - 1}; /* the rights of its first version */
    long ruleset = syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);

    if (ruleset >= 0) {
        (void)syscall(SYS_landlock_restrict_self, ruleset, 0);
        close((int)ruleset);
    }
#endif
}

/* Memory, but none that can be executed; fstat of an open descriptor in the form of newer C libraries. */
static int add_conditional(scmp_filter_ctx filter)
{
    int failed = 0;

    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 2, SCMP_A0(SCMP_CMP_LE, 2, 0),
                               SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
    failed |=
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 1, SCMP_A0(SCMP_CMP_GT, 2, 0));
    return failed;
}

static bool filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failed = 0;

    if (!filter) {
        return false;
    }
    for (size_t i = 0; i < sizeof calls_allowed / sizeof calls_allowed[0]; i++) {
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls_allowed[i], 0);
    }
    for (size_t i = 0; i < sizeof calls_denied / sizeof calls_denied[0]; i++) {
        failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), calls_denied[i], 0);
    }
    failed |= add_conditional(filter);
    failed |= seccomp_load(filter);
    seccomp_release(filter);
    return failed == 0;
}

bool import_sandbox_enter(void)
{
    if (close_range(3, ~0U, 0) != 0) {
        return false;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return false;
    }
    deny_files();
    return limit_resources() && filter_calls();
}
