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
 * header. A library stays loaded until the process ends. */
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

struct library {
    const char *file;
    const char *const *names;
    size_t count;
    void *pointers; /* the structure */
    size_t size;    /* of the structure */
    bool is_loaded;
};

/* Fills the pointers, at its first success only. S_IO with the library or the function in the report
 * when this machine does not have it; a later call tries again. Any thread. */
enum status library_load(struct library *library, struct report *report);

#endif
