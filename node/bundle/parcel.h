/* parcel.h: objects packed into PIECES frames, as a session packs them: many small ones to a frame, a large
 * one over several, as much as fits when compressed. For the files of this room only. */
#ifndef QANAT_NODE_BUNDLE_PARCEL_H
#define QANAT_NODE_BUNDLE_PARCEL_H

#include "replication/wire/message.h"

enum {
    PARCEL_BLOCK = 1024,           /* pieces start at multiples of this */
    PARCEL_PIECE_COST = 48,        /* what a piece takes in a frame beside its data */
    PARCEL_BUDGET_MIN = 30 * 1024, /* so much fits a frame however incompressible */
    PARCEL_BUDGET_MAX = 256 * 1024,
    PARCEL_OBJECTS_MAX = PIECES_MAX,
};

/* Takes one whole frame; anything but S_OK ends the packing. */
typedef enum status parcel_emit(void *ctx, struct bytes frame);

struct parcel_object {
    struct hash object;
    uint32_t size;
    size_t start; /* in `data` */
};

struct parcel {
    struct parcel_object objects[PARCEL_OBJECTS_MAX];
    size_t count;
    struct buffer data;
    struct buffer frame;
    struct piece pieces[PIECES_MAX];
    size_t budget;
    parcel_emit *emit;
    void *ctx;
};

void parcel_init(struct parcel *parcel, parcel_emit *emit, void *ctx);
void parcel_release(struct parcel *parcel);

/* Adds an object of at most MEMBER_WHOLE_MAX; sends when enough has gathered. */
enum status parcel_add(struct parcel *parcel, const struct hash *object, struct bytes data);

/* Sends what is there. */
enum status parcel_flush(struct parcel *parcel);

/* The most that an object of `size` bytes can add to the file. */
uint64_t parcel_cost(uint64_t size);

/* The same for what was added and not yet sent. */
uint64_t parcel_pending_cost(const struct parcel *parcel);

#endif
