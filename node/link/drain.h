/* drain.h: ZeroMQ sockets inside the libuv loop, without a missed wake-up.
 *
 * ZMQ_FD is edge-triggered and any send or receive may eat the edge of another, so readiness is never taken
 * from the descriptor alone: it only wakes the loop. Before the loop blocks, every socket is drained
 * (DRAIN_BUDGET packets each, or DRAIN_BURST_MS when they take long to handle: a small frame may hold a megabyte, and who sends many
 * of these must not keep the others' waiting), then `flush` sends what waits, then every socket is asked again; while
 * anything is left the loop does not block. A timer asks once a second more, for the wake-up that 4.3.4 loses
 * after EINTR. */
#ifndef QANAT_NODE_LINK_DRAIN_H
#define QANAT_NODE_LINK_DRAIN_H

#include <stdbool.h>
#include <uv.h>

enum { DRAIN_BUDGET = 64, DRAIN_BURST_MS = 4, DRAIN_ROUNDS_MAX = 4, DRAIN_RECHECK_MS = 1000 };

struct drain;
struct drain_item;

/* Takes and handles one packet; false when none waited. May remove any item, its own included. */
typedef bool drain_take(void *ctx);

/* Sends what waits; called on the loop thread before it blocks. */
typedef void drain_flush(void *ctx);

/* Starts the handles on `loop`. Never NULL. */
struct drain *drain_new(uv_loop_t *loop, drain_flush *flush, void *ctx);

/* Stops and frees; the items must have been removed. Memory goes when the loop has run its close callbacks.
 */
void drain_free(struct drain *drain);

/* Watches one ZeroMQ socket; items are drained in the order in which they were added. */
struct drain_item *drain_add(struct drain *drain, void *zmq_socket, drain_take *take, void *ctx);

/* Before the socket is closed. */
void drain_remove(struct drain_item *item);

#endif
