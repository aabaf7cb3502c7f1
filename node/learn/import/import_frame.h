/* import_frame.h: what the importer and its sandboxed child say to each other: one byte of type, four bytes
 * of size (little-endian), the payload.
 *
 * The reader treats every byte as hostile: the child has parsed a stranger's archive. A frame is at most
 * IMPORT_FRAME_MAX bytes. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_FRAME_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_FRAME_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum { IMPORT_FRAME_MAX = 16 * 1024 * 1024, IMPORT_DATA_MAX = 64 * 1024 };

enum import_frame {
    IMPORT_FRAME_ENTRY = 1,       /* from unpack: the path of a file, its data follows */
    IMPORT_FRAME_FOLDER = 2,      /* from unpack: the path of a folder */
    IMPORT_FRAME_DATA = 3,        /* from unpack: up to IMPORT_DATA_MAX bytes of the file */
    IMPORT_FRAME_ENTRY_END = 4,   /* from unpack */
    IMPORT_FRAME_MEMBER = 5,      /* to describe: the path of a member, in order */
    IMPORT_FRAME_FILE = 6,        /* to describe: the (beginning of the) content of the member named last */
    IMPORT_FRAME_DESCRIPTION = 7, /* from describe: import_description_encode() */
    IMPORT_FRAME_FAULT = 8, /* from either: one byte of status, then a text for a person; the last frame */
    IMPORT_FRAME_DONE = 9,  /* from either, and to describe: the last frame */
    IMPORT_FRAME_PART = 10, /* from scan: a raw stream, its data follows, then ENTRY_END; as the next two */
    IMPORT_FRAME_CONTENTS = 11, /* from scan: hashes of contents, 32 bytes each */
    IMPORT_FRAME_RECIPE = 12,   /* from scan: recipe_encode(), members by the number of their content */
    IMPORT_FRAME_PROGRESS =
        13, /* from scan, anywhere between others: eight bytes, how much of the archive was read */
};

/* Writes one frame to `fd`; false when the other side is gone. */
bool import_frame_write(int fd, enum import_frame type, struct bytes payload);

/* Writes many frames with few system calls: a package of small files would be all task switches otherwise. */
struct import_writer {
    int fd;
    struct buffer pending;
};

void import_writer_init(struct import_writer *writer, int fd);
void import_writer_release(struct import_writer *writer);

/* Adds a frame; what is pending goes out when it is IMPORT_DATA_MAX or more, and with import_writer_flush().
 * False when the other side is gone. */
bool import_writer_put(struct import_writer *writer, enum import_frame type, struct bytes payload);
bool import_writer_flush(struct import_writer *writer);

/* Reads frames from `fd`, which stays the caller's, ahead of what it returns. */
struct import_reader {
    int fd;
    struct buffer input; /* read, not yet returned: from `at` on */
    size_t at;
    struct buffer payload;
};

void import_reader_init(struct import_reader *reader, int fd);
void import_reader_release(struct import_reader *reader);

/* The next frame; the payload is borrowed until the next call. S_NOT_FOUND at the end of input, S_INVALID for
 * a frame that is cut or too large. */
enum status import_frame_read(struct import_reader *reader, enum import_frame *type_out,
                              struct bytes *payload_out);

/* The words of a FAULT frame, behind its status, as a line with a NUL: believed to be text, not to be short or clean. `out_size` is 2 or more. */
void import_text_take(struct bytes payload, char *out, size_t out_size);

/* Takes the words of a FAULT frame into the report and returns its status: believed to be text, not to be
 * short or clean. */
enum status import_fault_take(struct bytes payload, struct report *report);

#endif
