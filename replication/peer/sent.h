/* sent.h: what this side told the other in this session by bases of its own choice, to be bases of what
 * follows. Private to replication/peer.
 *
 * Two kinds of bases. Texts: the last ones make a window, as if the files of a course were compressed in one
 * go. Near duplicates: pictures and other dense contents are found again by features of their beginning,
 * whatever their names are. The other has what was told before it: frames of one session come in order, and
 * when a base is missing all the same it asks anew, which is answered without bases. */
#ifndef QANAT_PEER_SENT_H
#define QANAT_PEER_SENT_H

#include <stdbool.h>

#include "replication/base/bytes.h"
#include "replication/wire/message.h"

enum {
    SENT_TEXTS_MAX = 512, /* more than the other can have under way, so that a repeated question is known */
    SENT_ALIKE_MAX = 512,
    SENT_WINDOW_SIZE = 256 * 1024,
    SENT_WINDOW_LOOKS = 64, /* so many of the last are looked at */
    SKETCH_FEATURES = 4,
    SKETCH_FROM = 64 * 1024, /* of the beginning of a content */
};

/* Features of a content: near duplicates share some of them, others none. */
struct sketch {
    uint64_t features[SKETCH_FEATURES];
};

void sketch_make(struct bytes beginning, struct sketch *sketch_out);

struct sent_text {
    struct hash object;
    uint32_t size;
};

struct sent_alike {
    struct hash object;
    struct sketch sketch;
    bool is_told; /* by a base */
};

struct sent {
    struct sent_text texts[SENT_TEXTS_MAX];
    struct sent_alike alikes[SENT_ALIKE_MAX];
    size_t text_count, alike_count; /* ever: the last ones are in the rings */
};

/* `size` 0: no base of anything, only known as told. */
void sent_text_note(struct sent *sent, const struct hash *object, uint32_t size);
void sent_alike_note(struct sent *sent, const struct hash *object, const struct sketch *sketch, bool is_told);

/* True when the object was told by bases of our choice: asked for again, it goes without. */
bool sent_was_told(const struct sent *sent, const struct hash *object);

/* The object noted last that shares the most features; false when none shares any. */
bool sent_alike_find(const struct sent *sent, const struct hash *object, const struct sketch *sketch,
                     struct hash *base_out);

/* The last texts, oldest first: up to `max`, and up to `size_max` bytes in all; returns how many. */
size_t sent_window(const struct sent *sent, size_t max, size_t size_max, struct hash *bases_out);

#endif
