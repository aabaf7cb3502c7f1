/* course_import.h: a package becomes a version of a course on this node. */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_IMPORT_H
#define QANAT_NODE_LEARN_COURSE_COURSE_IMPORT_H

#include "node/learn/course/course.h"
#include "node/learn/import/import.h"

/* What the person says; NULL or "" where nothing is said. */
struct course_import {
    const char *path;  /* archive or folder */
    const char *id;    /* must be given */
    const char *lang;  /* must be given */
    const char *title; /* else the package's, else the id */
    const char *series;
    const char *localises;
    const char *from;    /* what it was translated from, LANG or LANG@VERSION: course_source.h */
    const char *version; /* else the next whole number */
    struct import_watch *watch; /* or NULL */
};

struct course_imported {
    struct course_row row;
    bool is_known; /* the same files were there already, as this version: nothing changed but that */
    size_t restored; /* so many contents which that version had lost are here again */
    size_t item_count;
    char notes[4096 + 1]; /* oddities of the package, one per line */
    uint64_t read_ms, store_ms;
};

/* Not for the loop or writer thread. On anything but S_OK nothing of the package stays. */
enum status course_import(struct courses *courses, const struct course_import *import,
                          struct course_imported *imported_out, struct report *report);

#endif
