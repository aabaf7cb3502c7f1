/* archive.h: the container of a backup: named files one behind the other, each with its hash, and a seal over all of them.
 *
 *   "qanat backup 1\n" and a NUL
 *   file: 'F'  mode u32  name size u16  content size u64  name  content  BLAKE2b-256 of everything from 'F' on
 *   end:  'E'  count of files u64  BLAKE2b-256 of this and of the hashes of all files
 *
 * Numbers are little-endian. It is written and read in one pass, in memory of one block; any byte that differs is found before the end was
 * believed. One of our own and not an archive format of others because it must be sealed, needs no paths, links or owners, and is forty lines to
 * read in any language. */
#ifndef QANAT_NODE_CARE_ARCHIVE_H
#define QANAT_NODE_CARE_ARCHIVE_H

#include <sys/types.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum { ARCHIVE_NAME_MAX = 128, ARCHIVE_FILES_MAX = 100 * 1000 * 1000 };

struct archive_writer;

/* Writes a draft (node/draft.h) until archive_finish(). S_EXISTS when `path` is there; S_BUSY when another process writes it. */
enum status archive_create(const char *path, struct archive_writer **writer_out, struct report *report);

enum status archive_add_bytes(struct archive_writer *writer, const char *name, mode_t mode, struct bytes content);

/* Adds `size` bytes of `fd` from its beginning; *content_out (may be NULL) is their BLAKE2b-256. S_IO when there are fewer. */
enum status archive_add_file(struct archive_writer *writer, const char *name, mode_t mode, int fd, uint64_t size,
                             struct hash *content_out);

/* Takes the last file added out again. Once after each addition. */
enum status archive_take_back(struct archive_writer *writer);

/* Seals, syncs and gives the file its name: S_EXISTS when that is taken meanwhile. */
enum status archive_finish(struct archive_writer *writer);

/* Bytes written so far. */
uint64_t archive_size(const struct archive_writer *writer);

/* After S_NO_SPACE: there may be room, but the file system takes no file as large (FAT: 4 GiB). */
bool archive_is_too_large(const struct archive_writer *writer);

/* Without archive_finish() nothing is left. */
void archive_close(struct archive_writer *writer);

struct archive_reader;

struct archive_entry {
    char name[ARCHIVE_NAME_MAX + 1];
    mode_t mode;
    uint64_t size;
};

/* S_NOT_FOUND, S_INVALID (no backup), S_VERSION (of a newer program). */
enum status archive_open(const char *path, struct archive_reader **reader_out, struct report *report);

/* The next file; the content of the one before must have been taken. S_NOT_FOUND at the end, when the seal holds; S_CORRUPT with a report. */
enum status archive_next(struct archive_reader *reader, struct archive_entry *entry_out, struct report *report);

/* The content of the current file: into memory (S_TOO_LARGE over `size_max`), or to a descriptor, where the caller removes it when this fails.
 * *content_out (may be NULL) is its BLAKE2b-256. */
enum status archive_take_bytes(struct archive_reader *reader, size_t size_max, struct buffer *out, struct report *report);
enum status archive_take_file(struct archive_reader *reader, int fd, struct hash *content_out, struct report *report);

void archive_reader_close(struct archive_reader *reader);

#endif
