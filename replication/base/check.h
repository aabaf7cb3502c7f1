/* check.h: assertions that stay on in release builds.
 *
 * CHECK() states what the programmer knows; it is never used on bytes from a peer, a disk or a person:
 * those get errors. A failed check ends the process before it can spread damage; the store is crash-safe. */
#ifndef QANAT_BASE_CHECK_H
#define QANAT_BASE_CHECK_H

#define CHECK(condition)                                                                            \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/* Where nothing leads; `text` names what is impossible. */
#define CHECK_NEVER(text) check_failed(__FILE__, __LINE__, text)

/* Called with the place and text of the failed check, just before the process aborts. */
typedef void check_handler(const char *file, int line, const char *text);

/* Installs `handler` (or removes it with NULL). Process-wide; call it before threads start. */
void check_set_handler(check_handler *handler);

/* Calls the handler, then abort(). */
void check_failed(const char *file, int line, const char *text) __attribute__((noreturn));

#endif
