/* set.h: an observed-remove set whose elements are added and removed at several nodes.
 *
 * Each stream has one cell for an element it ever touched. The cell says by which dot (stream, number) the
 * stream holds the element in, and which dots of whichever streams it saw and removed. An element is in the
 * set while some dot is not removed: who removes takes out what was seen, an addition made meanwhile
 * elsewhere survives (Shapiro et al. 2011; one number for each stream and element suffices because a stream's
 * later dot replaces its earlier ones, as in Bieniusa et al. 2012).
 *
 * Value after its kind byte: varint size and bytes of the element; varint number of the own dot, 0 for none;
 * varint count of removes; for each, ascending by stream: 33 bytes stream id, varint number (> 0). */
#ifndef QANAT_CRDT_SET_H
#define QANAT_CRDT_SET_H

#include "replication/crdt/cell.h"
#include "replication/stream/stream.h"

enum { ELEMENT_SIZE_MAX = 1024, ELEMENT_REMOVES_MAX = 256 };

/* One addition. Numbers of one stream must grow with each addition of the same element: the seq or the HLC
 * do. */
struct set_dot {
    struct stream_id stream;
    uint64_t number;
};

/* What one stream says of one element. */
struct set_element {
    struct bytes element;
    uint64_t added;                /* number of the own dot; 0: not held in by this stream */
    const struct set_dot *removed; /* strictly ascending by stream */
    size_t removed_count;          /* at most ELEMENT_REMOVES_MAX */
};

/* Appends the cell value. S_TOO_LARGE over a maximum, S_INVALID when removes are not ascending or have number
 * 0. */
enum status set_element_encode(const struct set_element *element, struct buffer *out);

/* Reads a CELL_ELEMENT value; bytes borrow from `value`, removes are put into `removed`. S_INVALID,
 * S_TOO_LARGE. */
enum status set_element_decode(struct bytes value, struct set_dot removed[ELEMENT_REMOVES_MAX],
                               struct set_element *out);

/* What is known of one element's dots of one stream: it is in while added > removed. */
struct set_record {
    struct bytes element; /* owned by the fold */
    struct stream_id stream;
    uint64_t added;
    uint64_t removed;
};

/* Owns its records until set_fold_release(). */
struct set_fold {
    struct set_record *records; /* by element, then stream */
    size_t count;
    size_t capacity;
};

void set_fold_init(struct set_fold *fold);
void set_fold_release(struct set_fold *fold);

/* Adds the value of one cell of `stream`: the streams' cells of one element, or of all elements of a set.
 * S_INVALID, S_TOO_LARGE when it is malformed; nothing is added then. */
enum status set_fold_add(struct set_fold *fold, const struct stream_id *stream, struct bytes value);

void set_fold_merge(struct set_fold *fold, const struct set_fold *other);

/* The first element in the set behind `after` (data NULL: the very first), in byte order; false at the end.
 */
bool set_fold_next(const struct set_fold *fold, struct bytes after, struct bytes *element_out);

bool set_fold_has(const struct set_fold *fold, struct bytes element);

/* Fills up to `max` of the dots that hold `element` in, by stream: what a remover has to list. Returns how
 * many there are. */
size_t set_fold_dots(const struct set_fold *fold, struct bytes element, struct set_dot *dots_out, size_t max);

#endif
