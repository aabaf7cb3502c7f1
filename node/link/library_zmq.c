/* ZeroMQ, loaded by who opens a line: it brings Kerberos, PGM and the C++ library along. */
#include <zmq.h>

#include "node/library.h"

#define ZMQ_FUNCTIONS(of) of(zmq_ctx_new) of(zmq_ctx_set) of(zmq_ctx_term) of(zmq_socket) of(zmq_close) of(zmq_setsockopt) \
    of(zmq_getsockopt) of(zmq_bind) of(zmq_unbind) of(zmq_connect) of(zmq_socket_monitor) of(zmq_poll) of(zmq_send) of(zmq_recv) \
    of(zmq_msg_init) of(zmq_msg_recv) of(zmq_msg_close) of(zmq_msg_data) of(zmq_msg_size) of(zmq_msg_more) of(zmq_msg_get) of(zmq_msg_gets) \
    of(zmq_errno) of(zmq_strerror)
LIBRARY_OF(ZMQ_FUNCTIONS, "libzmq.so.5");

LIBRARY_FORWARD(void *, zmq_ctx_new, (void), ())
LIBRARY_FORWARD(int, zmq_ctx_set, (void *context, int option, int value), (context, option, value))
LIBRARY_FORWARD(int, zmq_ctx_term, (void *context), (context))
LIBRARY_FORWARD(void *, zmq_socket, (void *context, int type), (context, type))
LIBRARY_FORWARD(int, zmq_close, (void *socket), (socket))
LIBRARY_FORWARD(int, zmq_setsockopt, (void *socket, int option, const void *value, size_t size),
                (socket, option, value, size))
LIBRARY_FORWARD(int, zmq_getsockopt, (void *socket, int option, void *value, size_t *size),
                (socket, option, value, size))
LIBRARY_FORWARD(int, zmq_bind, (void *socket, const char *address), (socket, address))
LIBRARY_FORWARD(int, zmq_unbind, (void *socket, const char *address), (socket, address))
LIBRARY_FORWARD(int, zmq_connect, (void *socket, const char *address), (socket, address))
LIBRARY_FORWARD(int, zmq_socket_monitor, (void *socket, const char *address, int events), (socket, address, events))
LIBRARY_FORWARD(int, zmq_poll, (zmq_pollitem_t *items, int count, long timeout), (items, count, timeout))
LIBRARY_FORWARD(int, zmq_send, (void *socket, const void *data, size_t size, int flags), (socket, data, size, flags))
LIBRARY_FORWARD(int, zmq_recv, (void *socket, void *data, size_t size, int flags), (socket, data, size, flags))
LIBRARY_FORWARD(int, zmq_msg_init, (zmq_msg_t *message), (message))
LIBRARY_FORWARD(int, zmq_msg_recv, (zmq_msg_t *message, void *socket, int flags), (message, socket, flags))
LIBRARY_FORWARD(int, zmq_msg_close, (zmq_msg_t *message), (message))
LIBRARY_FORWARD(void *, zmq_msg_data, (zmq_msg_t *message), (message))
LIBRARY_FORWARD(size_t, zmq_msg_size, (const zmq_msg_t *message), (message))
LIBRARY_FORWARD(int, zmq_msg_more, (const zmq_msg_t *message), (message))
LIBRARY_FORWARD(int, zmq_msg_get, (const zmq_msg_t *message, int property), (message, property))
LIBRARY_FORWARD(const char *, zmq_msg_gets, (const zmq_msg_t *message, const char *property), (message, property))
LIBRARY_FORWARD(int, zmq_errno, (void), ())
LIBRARY_FORWARD(const char *, zmq_strerror, (int code), (code))
