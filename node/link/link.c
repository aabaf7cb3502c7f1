#include "node/link/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/link/assay.h"
#include "node/link/dial.h"
#include "node/link/endpoint.h"
#include "node/link/errand.h"
#include "node/link/keeper.h"
#include "node/link/listener.h"
#include "node/link/mirror/mirror.h"
#include "node/link/network.h"
#include "node/link/zap.h"
#include "node/log.h"
#include "node/rest.h"
#include "node/store/operation/incident_row.h"
#include "replication/base/check.h"

struct link {
    struct link_options options;
    struct curve_pair own, former[IDENTITY_FORMER_MAX];
    struct session_context session_context;
    struct dial_options dial_options;
    struct socket_context *context;
    struct drain *drain;
    struct zap *zap;
    struct drain_item *zap_item;
    struct members *members;
    struct keeper *keeper;
    struct admit *admit;
    struct sessions *sessions;
    struct gate *gate;
    struct mirrors *mirrors;
    struct network *network;
    struct listener *listener;
    struct dial *dials[LINK_DIALS_MAX];
    struct dial *retired[LINK_DIALS_MAX]; /* stopped; freed when their sessions are reaped */
    size_t dial_count, retired_count;
    struct id uplink; /* whom it dials as the node above; zero: nobody yet */
    struct errand_host errand_host;
    struct errands *errands;
    uv_timer_t coalesce, tick;
    int open_timers;
    uint32_t ticks;
    uint64_t generation; /* of the store, as the sessions were told */
    bool is_stopped;
};

static void dial_uplink(struct link *link);
static void dial_neighbours(struct link *link);
static void dials_tend(struct link *link);

/* --- changes --- */

/* Ends what runs outside its windows, and dials what may go on. */
static void windows_hold(struct link *link)
{
    struct session *session;

    for (size_t i = 0; (session = sessions_at(link->sessions, i)) != NULL;) {
        const struct id *remote = session_remote(session);
        if (gate_is_open(link->gate, remote)) {
            i++;
        } else {
            session_defer(session, gate_retry_ms(link->gate, remote)); /* not counted by sessions_at() any more */
        }
    }
    for (size_t i = 0; i < link->dial_count; i++) {
        dial_look(link->dials[i]);
    }
}

void link_changed(struct link *link)
{
    link->generation = store_generation(link->options.store);
    if (gate_refresh(link->gate)) {
        windows_hold(link);
    }
    if (members_refresh(link->members)) {
        log_event(LOG_DEBUG, "roster_changed", "members=%zu", roster_count(members_roster(link->members)));
        errands_wake(link->errands);
        if (link->options.is_listening) {
            dial_uplink(link); /* another one may stand above */
            dial_neighbours(link); /* one may have become known */
        }
    }
    sessions_changed(link->sessions);
    mirrors_look(link->mirrors);
}

static void on_coalesced(uv_timer_t *timer)
{
    link_changed(timer->data);
}

void link_poke(struct link *link)
{
    bool is_news = store_generation(link->options.store) != link->generation || members_left_ms(link->members) == 0;

    if (!link->is_stopped && is_news && !uv_is_active((uv_handle_t *)&link->coalesce)) {
        uv_update_time(link->options.loop);
        uv_timer_start(&link->coalesce, on_coalesced, LINK_COALESCE_MS, 0);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct link *link = timer->data;

    link_poke(link);
    if (gate_tick(link->gate)) {
        sessions_changed(link->sessions); /* course files may pass now, or not */
    }
    windows_hold(link);
    if (link->listener != NULL) {
        listener_tick(link->listener);
    }
    zap_tell(link->zap);
    if (++link->ticks % (INCIDENT_FLUSH_MS / LINK_TICK_MS) == 0) {
        incident_flush(link->options.store);
    }
    mirrors_tick(link->mirrors);
    sessions_report(link->sessions);
    keeper_look(link->keeper);
    if (link->options.is_listening) {
        dials_tend(link);
    }
}

void link_report(struct link *link)
{
    sessions_report(link->sessions);
}

/* Before the loop blocks. */
static void on_flush(void *ctx)
{
    struct link *link = ctx;

    sessions_flush(link->sessions);
    mirrors_resume(link->mirrors);
    if (gate_take_spent(link->gate)) {
        windows_hold(link);
    }
    sessions_reap(link->sessions);
}

/* --- the door --- */

static bool may_connect(void *ctx, const uint8_t key[CURVE_KEY_SIZE])
{
    struct link *link = ctx;

    members_refresh(link->members);
    if (link->is_stopped) {
        return false;
    }
    if (members_find_key(link->members, key) != NULL || admit_knows(link->admit, key)) {
        return true;
    }
    (void)members_gave_up(link->members, key);
    return false;
}

static enum status listen_start(struct link *link, struct report *report)
{
    struct listener_options options = {
        .context = link->context, .drain = link->drain,
        .sessions = link->sessions, .members = link->members,
        .gate = link->gate, .admit = link->admit, .own = &link->own, .former = link->former,
        .former_count = link->options.identity->former_count, .self = link->options.identity->node,
    };

    link->zap = zap_open(link->context, may_connect, link, report);
    link->listener = link->zap != NULL ? listener_open(&options, report) : NULL;
    if (link->listener == NULL) {
        return S_INTERNAL;
    }
    enum status status = zap_prove(link->zap, link->context, listener_socket(link->listener), link->own.public_key, report);
    if (status == S_OK) {
        link->zap_item = drain_add(link->drain, zap_raw(link->zap), zap_take, link->zap);
        status = listener_bind(link->listener, link->options.config->listen, report);
    }
    if (status == S_OK) {
        log_event(LOG_INFO, "listening", "endpoint=%s", listener_bound(link->listener));
    }
    return status;
}

/* --- dialing --- */

bool link_uplink(const struct link *link, struct id *node_out, char endpoint_out[ENDPOINT_MAX])
{
    const struct roster_node *above = roster_uplink(members_roster(link->members), &link->options.identity->node);
    const char *first, *second;

    if (above == NULL) {
        return false;
    }
    *node_out = above->node;
    endpoint_uplink(members_roster(link->members), &link->options.identity->node, link->options.config->uplink, &first, &second);
    snprintf(endpoint_out, ENDPOINT_MAX, "%.*s", ENDPOINT_MAX - 1, first);
    return endpoint_out[0] != '\0';
}

bool link_errand(const struct link *link, struct id *node_out)
{
    return errands_due(link->errands, node_out);
}

static struct dial *dial_find(const struct link *link, const struct id *node)
{
    for (size_t i = 0; i < link->dial_count; i++) {
        if (id_equal(dial_remote(link->dials[i]), node)) {
            return link->dials[i];
        }
    }
    return NULL;
}

enum status link_dial(struct link *link, const struct id *node, struct report *report)
{
    const struct roster_node *member = roster_find(members_roster(link->members), node);
    const struct roster_node *above = roster_uplink(members_roster(link->members), &link->options.identity->node);

    if (member == NULL) {
        return report_set(report, S_NOT_FOUND, "this node is no member of the federation");
    }
    if (id_equal(node, &link->options.identity->node)) {
        return report_set(report, S_USAGE, "'%s' is this node itself", member->name);
    }
    if (member->is_revoked) {
        return report_set(report, S_DENIED, "'%s' was revoked%s", member->name,
                          member == above ? ", and stands above this node: where it is to go on, qanat invite --moves makes a token for qanat join here" : "");
    }
    struct dial *dial = dial_find(link, node);
    if (sessions_find(link->sessions, node) != NULL) {
        return S_OK;
    }
    if (dial != NULL) {
        dial_now(dial);
        return S_OK;
    }
    const char *endpoint = member->endpoint, *other = "";
    if (member == above) {
        endpoint_uplink(members_roster(link->members), &link->options.identity->node, link->options.config->uplink, &endpoint, &other);
    }
    if (endpoint[0] == '\0' || link->dial_count == LINK_DIALS_MAX) {
        return report_set(report, S_NOT_FOUND, "no address is known of '%s': it has to dial this node", member->name);
    }
    link->dials[link->dial_count++] = dial_start(&link->dial_options, node, endpoint, other);
    return S_OK;
}

static void on_network(void *ctx)
{
    struct link *link = ctx;
    for (size_t i = 0; i < link->dial_count && !link->is_stopped; i++) {
        dial_network(link->dials[i]);
    }
}

/* Nodes nearby that the options name. */
static bool neighbour_next(const struct link *link, char **rest, const struct roster_node **node_out)
{
    char *name = strtok_r(*rest, ",", rest);

    if (name == NULL) {
        return false;
    }
    name += strspn(name, " ");
    for (size_t size = strlen(name); size > 0 && name[size - 1] == ' '; size--) {
        name[size - 1] = '\0';
    }
    *node_out = roster_find_name(members_roster(link->members), name);
    return true;
}

static bool is_neighbour(const struct link *link, const struct id *node)
{
    char names[CONFIG_TEXT_MAX], *rest = names;
    const struct roster_node *neighbour;
    bool is_found = false;

    snprintf(names, sizeof names, "%s", link->options.config->neighbours);
    while (!is_found && neighbour_next(link, &rest, &neighbour)) {
        is_found = neighbour != NULL && id_equal(&neighbour->node, node);
    }
    return is_found;
}

static void dial_uplink(struct link *link)
{
    const struct roster_node *above = roster_uplink(members_roster(link->members), &link->options.identity->node);
    struct id former = link->uplink;

    link->uplink = above != NULL ? above->node : id_none;
    if (above != NULL && dial_find(link, &above->node) == NULL) {
        link_dial(link, &above->node, NULL);
    }
    if (!id_equal(&former, &link->uplink) && dial_find(link, &former) != NULL && !is_neighbour(link, &former)) {
        log_event(LOG_INFO, "uplink_changed", "peer=\"%s\"", above != NULL ? above->name : "");
        errands_part(link->errands, &former);
    }
}

static void dial_neighbours(struct link *link)
{
    char names[CONFIG_TEXT_MAX], *rest = names;
    const struct roster_node *node;

    snprintf(names, sizeof names, "%s", link->options.config->neighbours);
    while (neighbour_next(link, &rest, &node)) {
        if (node != NULL && !id_equal(&node->node, &link->options.identity->node)) {
            link_dial(link, &node->node, NULL);
        }
    }
}

/* --- dials that end ------------------------------------------------------------------------------------- */

static bool errand_dial(void *ctx, const struct id *node)
{
    struct link *link = ctx;
    size_t count = link->dial_count;

    return link_dial(link, node, NULL) == S_OK && link->dial_count > count;
}

static void errand_retire(void *ctx, const struct id *node)
{
    struct link *link = ctx;

    for (size_t i = 0; i < link->dial_count; i++) {
        struct dial *dial = link->dials[i];
        if (id_equal(dial_remote(dial), node) && !id_equal(node, &link->uplink) && link->retired_count < LINK_DIALS_MAX) {
            link->dials[i] = link->dials[--link->dial_count];
            link->retired[link->retired_count++] = dial;
            dial_stop(dial);
            return;
        }
    }
}

static void errand_look(void *ctx, const struct id *node, struct link_peer *out)
{
    link_peer_get(ctx, node, out);
}

/* Lets go of what has ended, and dials the node above where its own call was the connection until now. */
static void dials_tend(struct link *link)
{
    size_t kept = 0;

    for (size_t i = 0; i < link->retired_count; i++) {
        if (dial_has_ended(link->retired[i])) {
            dial_free(link->retired[i]);
        } else {
            link->retired[kept++] = link->retired[i];
        }
    }
    link->retired_count = kept;
    errands_tick(link->errands, uv_hrtime() / 1000000);
    dial_uplink(link);
}

void link_hours(const struct link *link, const struct id *node, struct hours_answer *answer_out)
{
    gate_ask(link->gate, node, answer_out);
}

void link_override(struct link *link, const struct id *node, bool is_given)
{
    gate_override(link->gate, node, is_given);
}

bool link_tend(struct link *link, bool *is_unheard_out)
{
    bool is_done = keeper_tend(link->keeper);

    *is_unheard_out = keeper_is_unheard(link->keeper);
    return is_done;
}

void link_greet(struct link *link, const struct id *node)
{
    struct session *session = sessions_find(link->sessions, node);

    if (session != NULL) {
        session_greet(session);
    }
}

void link_reload(struct link *link)
{
    link->dial_options.retry_min_ms = (uint32_t)link->options.config->retry_min_ms;
    link->dial_options.retry_max_ms = (uint32_t)link->options.config->retry_max_ms;
    struct dial *dial = dial_find(link, &link->uplink);
    if (dial != NULL) {
        dial_now(dial);
    }
    dial_uplink(link);
    dial_neighbours(link);
}

/* --- what others ask --- */

void link_peer_get(const struct link *link, const struct id *node, struct link_peer *out)
{
    const struct session *session = sessions_find(link->sessions, node);
    const struct dial *dial = dial_find(link, node);

    *out = (struct link_peer){.node = *node, .error = ""};
    if (session != NULL) {
        out->is_connected = true;
        out->progress = *session_progress(session);
    }
    if (dial != NULL) {
        out->is_dialed = true;
        out->is_deferred = dial_is_deferred(dial);
        out->failures = dial_failures(dial);
        out->error = dial_error(dial);
    }
}

size_t link_peers(const struct link *link, struct id *nodes_out, size_t max)
{
    const struct session *session;
    size_t count = 0;

    for (; (session = sessions_at(link->sessions, count)) != NULL; count++) {
        if (count < max) {
            nodes_out[count] = *session_remote(session);
        }
    }
    return count;
}

bool link_roster_is_read(const struct link *link)
{
    return members_left_ms(link->members) > REST_NEAR_MS;
}

const struct roster *link_roster(const struct link *link)
{
    return members_roster(link->members);
}

const char *link_bound(const struct link *link)
{
    return link->listener != NULL ? listener_bound(link->listener) : "";
}

/* --- the life of a link --- */

static void link_prepare(struct link *link)
{
    const struct identity *identity = link->options.identity;

    memcpy(link->own.public_key, identity->curve_public, sizeof link->own.public_key);
    memcpy(link->own.secret_key, identity->curve_secret, sizeof link->own.secret_key);
    for (size_t i = 0; i < identity->former_count; i++) {
        memcpy(link->former[i].public_key, identity->former[i].curve_public, sizeof link->former[i].public_key);
        memcpy(link->former[i].secret_key, identity->former[i].curve_secret, sizeof link->former[i].secret_key);
    }
    link->gate = gate_new(link->options.loop, link->options.store);
    link->session_context = (struct session_context){
        .loop = link->options.loop, .store = link->options.store,
        .members = link->members, .gate = link->gate,
        .content = link->options.content,
        .self = identity->node,
        .federation = link->options.federation->id,
        .on_progress = link->options.on_progress,
        .ctx = link->options.ctx,
    };
    link->context = socket_context_new();
    link->drain = drain_new(link->options.loop, on_flush, link);
    link->sessions = sessions_new(&link->session_context);
    link->session_context.sessions = link->sessions;
    link->mirrors = mirrors_new(&link->session_context, link->options.config->mirror_proxy);
    link->session_context.mirrors = link->mirrors;
    link->session_context.assay = assay_new(link->options.store, link->options.loop);
    link->keeper = keeper_new(link->options.store, link->members, &identity->node);
    link->errand_host = (struct errand_host){errand_dial, errand_retire, errand_look, link};
    link->errands = errands_new(link->options.store, link->members, &identity->node, &link->errand_host);
    link->admit = admit_new(link->options.store, link->members, link->options.federation, identity);
    link->dial_options = (struct dial_options){
        .context = link->context,
        .drain = link->drain,
        .sessions = link->sessions,
        .members = link->members,
        .gate = link->gate,
        .own = &link->own,
        .former = link->former,
        .former_count = identity->former_count,
        .loop = link->options.loop,
        .retry_min_ms = (uint32_t)link->options.config->retry_min_ms,
        .retry_max_ms = (uint32_t)link->options.config->retry_max_ms,
    };
    uv_timer_init(link->options.loop, &link->coalesce);
    uv_timer_init(link->options.loop, &link->tick);
    link->coalesce.data = link->tick.data = link, link->open_timers = 2;
    uv_timer_start(&link->tick, on_tick, LINK_TICK_MS, LINK_TICK_MS);
}

enum status link_open(const struct link_options *options, struct link **link_out, struct report *report)
{
    struct link *link = calloc(1, sizeof *link);
    enum status status = S_OK;

    CHECK(link != NULL);
    link->options = *options;
    link->generation = store_generation(options->store);
    link->members = members_open(options->store, options->federation, report);
    if (link->members == NULL) {
        free(link);
        return report->status;
    }
    link_prepare(link);
    if (options->is_listening && options->config->listen[0] != '\0') {
        status = listen_start(link, report);
    }
    if (status != S_OK) {
        link_stop(link);
        link_close(link);
        return status;
    }
    if (!members_has(link->members, &options->identity->node)) {
        log_event(LOG_WARNING, "not_a_member", "reason=\"the roster does not list this node, or it was revoked\"");
    }
    dial_uplink(link);
    if (options->is_listening) {
        dial_neighbours(link); /* a one-shot sync talks to the one that it is for */
    }
    link->network = network_open(options->loop, on_network, link);
    *link_out = link;
    return S_OK;
}

void link_stop(struct link *link)
{
    link->is_stopped = true;
    uv_timer_stop(&link->coalesce);
    uv_timer_stop(&link->tick);
    for (size_t i = 0; i < link->dial_count; i++) {
        dial_stop(link->dials[i]);
    }
    mirrors_stop(link->mirrors);
    sessions_end_all(link->sessions, S_OK);
    gate_stop(link->gate);
}

bool link_is_idle(const struct link *link)
{
    return sessions_is_idle(link->sessions) && admit_is_idle(link->admit) && gate_is_idle(link->gate) && keeper_is_idle(link->keeper) &&
           mirrors_is_idle(link->mirrors);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct link *link = handle->data;

    if (--link->open_timers == 0) {
        free(link);
    }
}

void link_close(struct link *link)
{
    if (link == NULL) {
        return;
    }
    CHECK(link->is_stopped && link_is_idle(link));
    for (size_t i = 0; i < link->dial_count; i++) {
        dial_free(link->dials[i]);
    }
    for (size_t i = 0; i < link->retired_count; i++) {
        dial_free(link->retired[i]);
    }
    errands_free(link->errands);
    listener_close(link->listener);
    if (link->zap_item != NULL) {
        drain_remove(link->zap_item);
    }
    zap_close(link->zap);
    network_close(link->network);
    mirrors_free(link->mirrors);
    sessions_free(link->sessions);
    assay_free(link->session_context.assay);
    admit_free(link->admit);
    keeper_free(link->keeper);
    gate_free(link->gate);
    drain_free(link->drain);
    socket_context_free(link->context);
    members_close(link->members);
    uv_close((uv_handle_t *)&link->coalesce, on_timer_closed);
    uv_close((uv_handle_t *)&link->tick, on_timer_closed);
}
