/* status.h: the one list of outcomes of the whole program, and the report a person reads.
 *
 * Functions return `enum status`; S_OK is 0. Where a person must act, they also fill a `struct report`:
 * what failed first, the subject in quotes, what to do. Fixed size, so that reporting cannot fail. */
#ifndef QANAT_BASE_STATUS_H
#define QANAT_BASE_STATUS_H

#include <stdbool.h>

#define STATUS_LIST(X)                                                                              \
    X(OK, "done")                                                                                   \
    X(INVALID, "not valid")                       /* malformed input: file, frame, option */        \
    X(TOO_LARGE, "over a limit")                  /* a named limit of limits.h */                    \
    X(VERSION, "another version")                 /* newer format or protocol than we know */       \
    X(NOT_FOUND, "not found")                                                                       \
    X(EXISTS, "already there")                                                                      \
    X(DENIED, "not allowed")                      /* rights, roster, revocation */                   \
    X(BAD_SIGNATURE, "signature does not match")                                                    \
    X(BAD_DIGEST, "digest does not match")                                                          \
    X(FORKED, "two histories under one sequence")                                                   \
    X(STALE, "overtaken")                         /* precondition no longer holds: retry */         \
    X(BUSY, "busy")                               /* try again later */                             \
    X(NO_SPACE, "no space")                                                                         \
    X(NO_MEMORY, "no memory")                                                                       \
    X(IO, "input or output failed")                                                                 \
    X(CORRUPT, "stored data is damaged")                                                            \
    X(UNREACHABLE, "peer out of reach")                                                             \
    X(USAGE, "wrong usage")                                                                         \
    X(PARTIAL, "done in part")                                                                      \
    X(INTERNAL, "internal fault")

enum status {
#define X(name, text) S_##name,
    STATUS_LIST(X)
#undef X
};

enum { REPORT_TEXT_MAX = 512 };

/* What failed, for a person. `status` is S_OK while nothing was reported; the first report wins. */
struct report {
    enum status status;
    char text[REPORT_TEXT_MAX];
};

/* True for the numbers of the system (errno) that mean a full disk to whoever wrote: no room or no inode (ENOSPC), a quota (EDQUOT), a limit on the size of
 * files (EFBIG). Such a fault is S_NO_SPACE. */
bool error_is_no_space(int error);

/* A short lower-case text for `status`; never NULL. */
const char *status_text(enum status status);

/* Empties `report`. */
void report_clear(struct report *report);

/* Records `status` with a printf-style text unless something was recorded before; `report` may be NULL.
 * Returns `status`, so that callers write `return report_set(r, S_INVALID, "...", ...)`. */
enum status report_set(struct report *report, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
