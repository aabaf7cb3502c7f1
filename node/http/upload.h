/* upload.h: a file that a browser brings, streamed to disk, then given to a command: `course import`, `person import`.
 *
 *   POST /api/v1/uploads?for=course&id=...&lang=...   the body is the file; 202 {"upload":N} once all of it is here
 *   GET  /api/v1/uploads/N                            how far its command is, and what it said
 *
 * Who may not, what is too large and what has no room is refused before the body is read. The body goes to a file without a
 * name in tmp/ (it goes with this process), piece by piece in the thread pool while its connection is suspended: memory is
 * two pieces for each. Commands run one after the other on a thread of their own; what they unpack is unpacked in the same
 * sandbox as at the command line. The newest UPLOADS_KEPT_MAX outcomes are kept until the node stops. */
#ifndef QANAT_NODE_HTTP_UPLOAD_H
#define QANAT_NODE_HTTP_UPLOAD_H

#include "node/http/exchange.h"

enum {
    UPLOADS_UNDER_WAY_MAX = 4,        /* being received, waiting for their command or in it */
    UPLOADS_KEPT_MAX = 16,
    UPLOAD_PIECE_SIZE = 256 * 1024,
    UPLOAD_LOOK_SIZE = 16 * 1024 * 1024, /* free space is looked at again each time so much came */
    UPLOAD_TEXT_MAX = 256 * 1024,     /* of what a command said */
};

struct uploads;
struct upload;

struct uploads *uploads_new(struct http_context *context);

/* Commands that have not begun never will. Idle: none runs; then it may be freed. */
void uploads_stop(struct uploads *uploads);
bool uploads_is_idle(struct uploads *uploads);
void uploads_free(struct uploads *uploads);

/* The headers are here: begins to receive, or answers why not. */
void upload_begin(struct exchange *exchange);

/* A piece of the body; suspends the connection while it is written. */
void upload_take(struct exchange *exchange, const char *data, size_t size);

/* The exchange ends: a file whose command was not begun goes. */
void upload_end(struct exchange *exchange);

/* Cuts what a command said (`size` bytes, then a NUL; NULL stays NULL) to UPLOAD_TEXT_MAX, between characters. */
char *upload_text_cut(char *text, size_t size);

#endif
