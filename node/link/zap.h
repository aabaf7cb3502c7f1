/* zap.h: who may open a connection: the ZAP handler (ZeroMQ RFC 27), on the loop thread.
 *
 * Without a handler a CURVE listener lets anybody in, so: open this, then zap_prove(), then bind. The handler
 * only guards the door; who may say what is checked at every message. */
#ifndef QANAT_NODE_LINK_ZAP_H
#define QANAT_NODE_LINK_ZAP_H

#include "node/link/socket.h"

struct zap;

enum { ZAP_PROVE_MS = 20 * 1000 };

/* True when the holder of `key` may connect. */
typedef bool zap_admit(void *ctx, const uint8_t key[CURVE_KEY_SIZE]);

/* NULL with a report when the library refuses. One per context. */
struct zap *zap_open(struct socket_context *context, zap_admit *admit, void *ctx, struct report *report);
void zap_close(struct zap *zap);

/* Answers one waiting request; false when there is none. (drain_take) */
bool zap_take(void *zap);
void *zap_raw(struct zap *zap);

/* Tells the journal what was refused since it was told last; NULL: nothing. */
void zap_tell(struct zap *zap);

/* Refused connections so far. */
uint64_t zap_refused(const struct zap *zap);

/* The start-up self-test: binds `listener` to a loopback port for a moment and knocks with a random key. S_OK
 * only when that key was refused by this handler; S_DENIED: it got in, do not run. Blocks for some
 * milliseconds, ZAP_PROVE_MS at most. */
enum status zap_prove(struct zap *zap, struct socket_context *context, struct socket *listener,
                      const uint8_t listener_key[CURVE_KEY_SIZE], struct report *report);

#endif
