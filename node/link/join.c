#include "node/link/join.h"

#include <string.h>
#include <time.h>

#include <zmq.h>

#include "node/link/door.h"
#include "node/link/monitor.h"
#include "node/link/resolve.h"
#include "node/local_time.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"
#include "replication/trust/statement.h"

enum { STEP_MS = 100 };

/* One attempt at one address. */
struct attempt {
    struct socket *socket;
    struct monitor *monitor;
    struct buffer *frame_out;
    const char *endpoint;
    bool is_connected; /* TCP is up */
    bool is_up;        /* the other proved its key and let us in */
};

static void request_fill(const struct roster_node *node, struct message *message)
{
    *message = (struct message){
        .type = MESSAGE_JOIN,
        .join = {.name = bytes_text(node->name),
                 .country = bytes_text(node->country),
                 .endpoint = bytes_text(node->endpoint),
                 .region = bytes_text(node->region),
                 .kind = (uint32_t)node->kind,
                 .sign_public = bytes_of(node->sign_public, sizeof node->sign_public),
                 .curve_public = bytes_of(node->curve_public, sizeof node->curve_public),
                 .signature = bytes_of(node->consent, sizeof node->consent)},
    };
}

/* S_STALE: go on waiting. */
static enum status attempt_event(struct attempt *attempt, const struct monitor_event *event,
                                 struct bytes request, struct report *report)
{
    switch (event->kind) {
    case MONITOR_CONNECTED:
        attempt->is_connected = true;
        break;
    case MONITOR_UP:
        attempt->is_up = true;
        if (socket_send(attempt->socket, NULL, request) != S_OK) {
            return report_set(report, S_UNREACHABLE, "the connection to %s broke", attempt->endpoint);
        }
        break;
    case MONITOR_REFUSED:
        return report_set(report, S_DENIED,
                          "the node at %s does not know this token: it was used, has expired or was "
                          "withdrawn; ask for a new one",
                          attempt->endpoint);
    case MONITOR_DOWN:
        if (attempt->is_connected && !attempt->is_up) {
            return report_set(report, S_BAD_SIGNATURE,
                              "who answers at %s is not the node that made this token (or hung "
                              "up): nothing was sent to it",
                              attempt->endpoint);
        }
        return report_set(report, S_UNREACHABLE, "the node at %s is out of reach", attempt->endpoint);
    case MONITOR_ACCEPTED:
    case MONITOR_STARVED:
        break;
    }
    return S_STALE;
}

static enum status attempt_run(struct attempt *attempt, struct bytes request, int wait_s,
                               struct report *report)
{
    uint64_t end = local_time_monotonic() + (uint64_t)wait_s * 1000;
    struct monitor_event event;
    struct packet packet;

    while (local_time_monotonic() < end) {
        zmq_pollitem_t items[] = {{socket_raw(attempt->socket), 0, ZMQ_POLLIN, 0},
                                  {monitor_raw(attempt->monitor), 0, ZMQ_POLLIN, 0}};
        zmq_poll(items, 2, STEP_MS);
        if (socket_receive(attempt->socket, &packet)) {
            buffer_append(attempt->frame_out, packet.body.data, packet.body.size);
            return S_OK;
        }
        while (monitor_take(attempt->monitor, &event)) {
            enum status status = attempt_event(attempt, &event, request, report);
            if (status != S_STALE) {
                return status;
            }
        }
    }
    return report_set(report, S_UNREACHABLE, "the node at %s did not answer within %d s", attempt->endpoint,
                      wait_s);
}

static enum status attempt_make(struct socket_context *context, const struct token *token,
                                struct attempt *attempt, struct bytes request, int wait_s,
                                struct report *report)
{
    struct curve_pair pair;

    token_curve_pair(token->seed, pair.public_key, pair.secret_key);
    attempt->socket = socket_dialer_new(context, &pair, token->inviter_curve, report);
    if (attempt->socket == NULL) {
        return S_INTERNAL;
    }
    attempt->monitor = monitor_open(context, attempt->socket);
    enum status status = socket_connect(attempt->socket, attempt->endpoint, report);
    if (status == S_OK) {
        status = attempt_run(attempt, request, wait_s, report);
    }
    monitor_close(attempt->monitor);
    socket_close(attempt->socket);
    return status;
}

/* Who changed its keys listens behind several doors, and where others at this address, or a router that hides them, came with an earlier key of it,
 * the first one is not that of the token's: each failure leads to the next (door.h). */
static enum status attempts_make(struct socket_context *context, const struct token *token, struct attempt *attempt, struct bytes request, int wait_s,
                                 struct report *report)
{
    const struct attempt fresh = *attempt;
    enum status status = S_BAD_SIGNATURE;

    for (unsigned i = 0; i <= DOORS_MAX && status == S_BAD_SIGNATURE; i++) {
        if (i > 0) {
            zmq_poll(NULL, 0, STEP_MS); /* it takes note of the failure */
        }
        *attempt = fresh;
        report_clear(report);
        status = attempt_make(context, token, attempt, request, wait_s, report);
    }
    return status;
}

enum status join_ask(const struct token *token, const struct roster_node *node, int wait_s,
                     struct join_answer *answer, struct report *report)
{
    struct message message;
    struct buffer request;
    enum status status = S_UNREACHABLE;

    if (token->endpoint_count == 0) {
        return report_set(report, S_INVALID,
                          "this token names no address: join with the invitation's file instead");
    }
    request_fill(node, &message);
    buffer_init(&request);
    CHECK(message_encode(&message, &request) == S_OK); /* a checked node fits */
    struct socket_context *context = socket_context_new();
    for (size_t i = 0; i < token->endpoint_count && status == S_UNREACHABLE; i++) {
        struct resolved found;
        report_clear(report);
        status = resolve_now(token->endpoints[i], &found, report);
        for (size_t k = 0; k < found.count && (k == 0 || status == S_UNREACHABLE); k++) { /* each address of the name */
            struct attempt attempt = {.frame_out = &answer->frame, .endpoint = found.address[k]};
            buffer_clear(&answer->frame);
            status = attempts_make(context, token, &attempt, buffer_bytes(&request), wait_s, report);
        }
        memcpy(answer->endpoint, token->endpoints[i], ENDPOINT_MAX);
    }
    socket_context_free(context);
    buffer_release(&request);
    return status;
}

/* --- the answer ----------------------------------------------------------------------------------------- */

static enum status federation_read(const struct token *token, const struct welcome_message *welcome,
                                   struct federation *federation, struct report *report)
{
    memset(federation, 0, sizeof *federation);
    if (!bytes_equal(welcome->federation, bytes_of(token->federation.b, sizeof token->federation.b)) ||
        !bytes_equal(welcome->authority_public,
                     bytes_of(token->authority_public, sizeof token->authority_public))) {
        return report_set(report, S_BAD_SIGNATURE,
                          "the answer is from another federation than the token names");
    }
    if (welcome->federation_name.size > FEDERATION_NAME_MAX ||
        welcome->secret.size != sizeof federation->secret) {
        return report_set(report, S_INVALID, "the answer to the request to join is malformed");
    }
    federation->id = token->federation;
    federation->anchor = token->anchor;
    memcpy(federation->authority_public, token->authority_public, sizeof federation->authority_public);
    memcpy(federation->secret, welcome->secret.data, sizeof federation->secret);
    if (welcome->federation_name.size > 0) {
        memcpy(federation->name, welcome->federation_name.data, welcome->federation_name.size);
    }
    return S_OK;
}

/* The statements must make us a member, from the authority down. */
static enum status membership_check(const struct token *token, const struct identity *self,
                                    const struct welcome_message *welcome, struct report *report)
{
    struct roster *roster = roster_new(&token->federation, token->authority_public);
    enum status status = S_OK;

    roster_anchor(roster, &token->anchor);
    for (size_t i = 0; i < welcome->count && status == S_OK; i++) {
        status = roster_add(roster, welcome->statements[i], report);
    }
    const struct roster_node *node = status == S_OK ? roster_find(roster, &self->node) : NULL;
    if (status == S_OK && (node == NULL || node->is_revoked || !id_equal(&node->parent, &token->inviter) ||
                           memcmp(node->curve_public, self->curve_public, sizeof self->curve_public) != 0)) {
        status =
            report_set(report, S_DENIED, "the answer does not make this node a member of the federation");
    }
    roster_free(roster);
    return status;
}

enum status join_check(const struct token *token, const struct identity *self, struct join_answer *answer,
                       struct arena *arena, struct report *report)
{
    struct message message;

    if (message_decode(buffer_bytes(&answer->frame), arena, &message) != S_OK ||
        message.type != MESSAGE_WELCOME) {
        return report_set(report, S_INVALID, "the answer to the request to join is malformed");
    }
    if (message.welcome.refusal.size > 0) {
        return report_set(report, S_DENIED, "refused by the inviter: %.*s", (int)message.welcome.refusal.size,
                          (const char *)message.welcome.refusal.data);
    }
    answer->welcome = message.welcome;
    enum status status = federation_read(token, &answer->welcome, &answer->federation, report);
    return status == S_OK ? membership_check(token, self, &answer->welcome, report) : status;
}

enum status join_put(struct db *db, void *arg)
{
    const struct welcome_message *welcome = arg;
    struct statement statement;
    enum status status = S_OK;

    for (size_t i = 0; i < welcome->count && status == S_OK; i++) {
        status = statement_decode(welcome->statements[i], &statement, NULL);
        if (status == S_OK) {
            status = roster_statement_put(db, welcome->statements[i], statement.at_ms);
        }
    }
    return status;
}
