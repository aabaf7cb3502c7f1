/* import_watch.h: how far an import has come, for whoever tells a person meanwhile, from another thread. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_WATCH_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All zero at first. */
struct import_watch {
    _Atomic uint64_t size;     /* of the archive, or of all files of the folder; 0: not known yet */
    _Atomic uint64_t unpacked; /* so much of it became members */
    _Atomic uint64_t scanned;  /* so much of the archive was taken apart for the export of the original */
    atomic_bool is_folder;     /* which is not taken apart */
};

/* What an import says; `watch` may be NULL. */
void import_watch_archive(struct import_watch *watch, uint64_t size);
void import_watch_folder(struct import_watch *watch, const char *path);
void import_watch_unpacked(struct import_watch *watch, uint64_t size);
void import_watch_scanned(struct import_watch *watch, uint64_t size);

/* Bytes left to do. An archive is read twice, so that each reading counts half. */
uint64_t import_watch_left(const struct import_watch *watch);

#endif
