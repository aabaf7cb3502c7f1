/* library.h: functions of a shared library that is loaded when the first of them is called for.
 *
 * Each command is a process of its own. What draws a certificate and what fetches from a mirror bring forty
 * further libraries, and finding, mapping and relocating those took half of the time of every short command;
 * now only who draws or fetches pays for them. One file lists what it calls,
 *
 *     #define FUNCTIONS(of) of(cairo_create) of(cairo_destroy)
 *     LIBRARY_OF(FUNCTIONS, "libcairo.so.2");
 *
 * and calls `lib.cairo_create(...)` once library_load(&library) said S_OK. The types are those of the library's own
 * header. A library stays loaded until the process ends.
 *
 * Where several files call a library, one file defines the functions under the library's own names instead, and
 * the others call them as if they were linked:
 *
 *     LIBRARY_FORWARD(int, zmq_bind, (void *socket, const char *address), (socket, address))
 */
#ifndef QANAT_NODE_LIBRARY_H
#define QANAT_NODE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "replication/base/status.h"

/* Members of a structure of pointers, and the names for it, in the same order. */
#define LIBRARY_POINTER(function) __typeof__(&(function)) function;
#define LIBRARY_NAME(function)    #function,

/* `file` is the name that the dynamic linker looks for, with the version of its interface. */
#define LIBRARY(file, names, pointers)                                                                       \
    {                                                                                                        \
        file, names, sizeof(names) / sizeof *(names), &(pointers), sizeof(pointers), false                   \
    }

/* What a file that uses one has of it: `lib` with the pointers, `names`, and `library` to be loaded. */
#define LIBRARY_OF(functions, file)                                                                 \
    static struct {                                                                                 \
        functions(LIBRARY_POINTER)                                                                  \
    } lib;                                                                                          \
    static const char *const names[] = {functions(LIBRARY_NAME)};                                   \
    static struct library library = LIBRARY(file, names, lib)

/* A function of the library, defined here: the first call of any loads it. LIBRARY_FORWARD_VOID: it returns nothing. */
#define LIBRARY_FORWARD(type, function, parameters, arguments) \
    type function parameters                                   \
    {                                                          \
        library_need(&library);                                \
        return lib.function arguments;                         \
    }
#define LIBRARY_FORWARD_VOID(function, parameters, arguments) \
    void function parameters                                  \
    {                                                         \
        library_need(&library);                               \
        lib.function arguments;                               \
    }

struct library {
    const char *file;
    const char *const *names;
    size_t count;
    void *pointers; /* the structure */
    size_t size;    /* of the structure */
    bool is_loaded; /* read and written as an atomic one */
};

/* Fills the pointers, at its first success only. S_IO with the library or the function in the report
 * when this machine does not have it; a later call tries again. Any thread. */
enum status library_load(struct library *library, struct report *report);

/* The same where nobody could go on without it: on a machine that does not have it the process ends, as it
 * would have before main() were it linked: the reason on stderr, LIBRARY_EXIT. */
enum { LIBRARY_EXIT = 127 };
void library_need(struct library *library);

#endif
