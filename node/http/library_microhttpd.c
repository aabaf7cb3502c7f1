/* GNU libmicrohttpd, loaded by who serves pages: it brings GnuTLS and what that needs along. */
#include <microhttpd.h>
#include <stdarg.h>

#include "node/library.h"

#define HTTP_FUNCTIONS(of) of(MHD_start_daemon_va) of(MHD_get_daemon_info) of(MHD_get_connection_info) of(MHD_stop_daemon) of(MHD_run) \
    of(MHD_get_timeout) of(MHD_get_connection_values) of(MHD_lookup_connection_value) of(MHD_lookup_connection_value_n) \
    of(MHD_queue_response) of(MHD_suspend_connection) of(MHD_resume_connection) of(MHD_create_response_from_buffer) \
    of(MHD_create_response_from_buffer_with_free_callback_cls) of(MHD_create_response_from_callback) \
    of(MHD_create_response_from_fd_at_offset64) of(MHD_add_response_header) of(MHD_destroy_response) of(MHD_http_unescape)
LIBRARY_OF(HTTP_FUNCTIONS, "libmicrohttpd.so.12");

LIBRARY_FORWARD_VOID(MHD_stop_daemon, (struct MHD_Daemon *daemon), (daemon))
LIBRARY_FORWARD(enum MHD_Result, MHD_run, (struct MHD_Daemon *daemon), (daemon))
LIBRARY_FORWARD(enum MHD_Result, MHD_get_timeout, (struct MHD_Daemon *daemon, MHD_UNSIGNED_LONG_LONG *timeout),
                (daemon, timeout))
LIBRARY_FORWARD(int, MHD_get_connection_values,
                (struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIterator iterator, void *context),
                (connection, kind, iterator, context))
LIBRARY_FORWARD(const char *, MHD_lookup_connection_value,
                (struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key),
                (connection, kind, key))
LIBRARY_FORWARD(enum MHD_Result, MHD_lookup_connection_value_n,
                (struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key, size_t key_size,
                 const char **value, size_t *value_size),
                (connection, kind, key, key_size, value, value_size))
LIBRARY_FORWARD(enum MHD_Result, MHD_queue_response,
                (struct MHD_Connection *connection, unsigned status, struct MHD_Response *response),
                (connection, status, response))
LIBRARY_FORWARD_VOID(MHD_suspend_connection, (struct MHD_Connection *connection), (connection))
LIBRARY_FORWARD_VOID(MHD_resume_connection, (struct MHD_Connection *connection), (connection))
LIBRARY_FORWARD(struct MHD_Response *, MHD_create_response_from_buffer,
                (size_t size, void *buffer, enum MHD_ResponseMemoryMode mode),
                (size, buffer, mode))
LIBRARY_FORWARD(struct MHD_Response *, MHD_create_response_from_buffer_with_free_callback_cls,
                (size_t size, void *buffer, MHD_ContentReaderFreeCallback release, void *context),
                (size, buffer, release, context))
LIBRARY_FORWARD(struct MHD_Response *, MHD_create_response_from_callback,
                (uint64_t size, size_t block_size, MHD_ContentReaderCallback read, void *context,
                 MHD_ContentReaderFreeCallback release),
                (size, block_size, read, context, release))
LIBRARY_FORWARD(struct MHD_Response *, MHD_create_response_from_fd_at_offset64,
                (uint64_t size, int fd, uint64_t offset),
                (size, fd, offset))
LIBRARY_FORWARD(enum MHD_Result, MHD_add_response_header,
                (struct MHD_Response *response, const char *header, const char *content),
                (response, header, content))
LIBRARY_FORWARD_VOID(MHD_destroy_response, (struct MHD_Response *response), (response))
LIBRARY_FORWARD(size_t, MHD_http_unescape, (char *text), (text))

struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept, void *accept_context,
                                    MHD_AccessHandlerCallback handler, void *context, ...)
{
    va_list options;

    library_need(&library);
    va_start(options, context);
    struct MHD_Daemon *daemon = lib.MHD_start_daemon_va(flags, port, accept, accept_context, handler, context, options);
    va_end(options);
    return daemon;
}

/* What the node asks for takes no further arguments. */
const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...)
{
    library_need(&library);
    return lib.MHD_get_daemon_info(daemon, type);
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection, enum MHD_ConnectionInfoType type, ...)
{
    library_need(&library);
    return lib.MHD_get_connection_info(connection, type);
}
