/* real_files.h: a database's files as they are at one moment, in another directory (real_store.c). */
#ifndef QANAT_TESTS_SIM_REAL_FILES_H
#define QANAT_TESTS_SIM_REAL_FILES_H

/* The file and its log; what the directory `to_dir` held of another is gone. */
void real_files_copy(const char *from_dir, const char *to_dir);

#endif
