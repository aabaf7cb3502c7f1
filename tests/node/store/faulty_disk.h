/* faulty_disk.h: a disk that fails on request, under SQLite: the default VFS wrapped, counting writes and
 * syncs.
 *
 * Process-wide; armed for the files of one database and its WAL. */
#ifndef QANAT_TESTS_NODE_STORE_FAULTY_DISK_H
#define QANAT_TESTS_NODE_STORE_FAULTY_DISK_H

#include <stdbool.h>

enum disk_fault { DISK_SOUND, DISK_FULL, DISK_SYNC_FAILS, DISK_WRITE_FAILS };

/* Becomes SQLite's default VFS. Call once, before any store is opened. */
void faulty_disk_install(void);

/* The k-th write (FULL, WRITE_FAILS) or sync (SYNC_FAILS) from now fails, k from 1; with `stays` all later
 * ones too, until armed anew. */
void faulty_disk_arm(enum disk_fault fault, int k, bool stays);

/* How many writes or syncs failed since it was armed. */
int faulty_disk_failures(void);

#endif
