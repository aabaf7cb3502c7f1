/* adopt_desk.h: a store, and a closed stream of its own node that a peer brings back, for the tests of adoptions. */
#ifndef QANAT_TESTS_NODE_STORE_STREAM_ADOPT_DESK_H
#define QANAT_TESTS_NODE_STORE_STREAM_ADOPT_DESK_H

#include "node/store/stream/adopt.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

/* `closed` is a stream of the desk's own node, as a peer brings it back. */
struct adopt_desk {
    struct desk *desk;
    struct stream_writer closed;
    struct id living;
};

enum { ADOPT_BEFORE = 0, ADOPT_BEHIND = 255 }; /* first bytes of incarnations that sort before and behind the living one, all but surely */

int adopt_desk_setup(void **state);
int adopt_desk_teardown(void **state);

/* The closed stream is of another incarnation and topic; another one, in its place. */
void adopt_desk_name(struct adopt_desk *fixture, uint8_t incarnation, enum topic topic);
void adopt_desk_begin(struct adopt_desk *fixture, uint8_t incarnation, enum topic topic);
void adopt_desk_other(struct adopt_desk *fixture, uint8_t incarnation);

/* It says that it adopted `incarnation` up to `to`; nothing with 0: a hole. */
void adopt_desk_says(struct adopt_desk *fixture, uint8_t incarnation, uint64_t to);

/* It arrives from `after_seq` on. */
enum status adopt_desk_deliver(struct adopt_desk *fixture, uint64_t after_seq);

/* One number of the living stream. */
void adopt_desk_put(struct adopt_desk *fixture, const char *key, int64_t number);
int64_t adopt_desk_get(struct adopt_desk *fixture, const char *key);

/* It is adopted; `arg` is a plan. */
enum status adopt_desk_adopt(struct adopt_desk *fixture);
enum status adopt_desk_plan_run(struct db *db, void *arg);

/* The first closed stream (a 10, b 5) is counted in the living one (a 1), and another closed stream begins. */
void adopt_desk_first(struct adopt_desk *fixture, uint8_t incarnation);

/* What a reader counts, over how many streams. */
struct adopt_sum {
    int64_t total;
    unsigned streams;
    struct id last;
};

struct adopt_sum adopt_desk_sum(struct adopt_desk *fixture);
uint64_t adopt_desk_adopted(struct adopt_desk *fixture);

#endif
