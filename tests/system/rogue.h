/* rogue.h: a member with a valid key who speaks the wire badly: the connection (rogue.c), and what is said of cells (rogue_cells.c). */
#ifndef QANAT_TESTS_SYSTEM_ROGUE_H
#define QANAT_TESTS_SYSTEM_ROGUE_H

#include "node/dir.h"
#include "node/link/socket.h"
#include "replication/peer/peer.h"
#include "replication/wire/message.h"
#include "tests/kit/stream_writer.h"

enum { PUMP_MS = 5, LONELY = 40, HEARD_MAX = 64 };

struct rogue {
    struct socket_context *context;
    struct socket *lines[2], *more[LONELY];
    uint8_t number[8]; /* of this link */
    struct identity identity, server, victim;
    struct federation federation;
    char endpoint[ENDPOINT_MAX];
    struct arena arena;
    struct buffer frame;
    struct stream_writer writer;
    uint64_t sent, wanted, opened;
    uint64_t round, steps;
    int failed; /* sends in a row */
    struct vector_entry heard[HEARD_MAX]; /* streams that the server told of */
    size_t heard_count;
};

void pause_ms(long ms);

/* Opens its connections anew. */
void rogue_open(struct rogue *rogue);

void send_frame(struct rogue *rogue, enum channel channel, struct bytes frame);
void send_body(struct rogue *rogue, uint8_t type, enum channel channel, struct bytes body);
void say_hello(struct rogue *rogue, const struct hello *to);

/* Hears what the server says; true when it wants streams of us. */
bool hear(struct rogue *rogue);

/* Says to have `count` streams that begin with `stream`, incarnation by incarnation, up to `seq`. */
void advertise(struct rogue *rogue, const struct stream_id *stream, uint64_t seq, size_t count);

/* The stream that a mode of cells needs. */
void cells_prepare(struct rogue *rogue, const char *mode);

/* One step of a mode of cells; false when `mode` is none. */
bool cells_step(struct rogue *rogue, const char *mode);

#endif
