#include "node/link/mirror/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/link/mirror/load.h"
#include "node/link/mirror/site.h"
#include "node/link/sessions.h"
#include "node/link/supply.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"

/* A place for a transfer. */
struct running {
    struct mirrors *mirrors;
    struct mirror_owner owner;
    struct mirror_load *load; /* NULL: free */
    struct mirror_site *site;
};

struct mirrors {
    const struct session_context *context;
    char proxy[MIRROR_URL_MAX];
    struct mirror_http *http;
    struct mirror_site sites[MIRRORS_MAX];
    size_t site_count;
    struct running running[MIRROR_LOADS_MAX];
    uint64_t readings;   /* of the members, when the sites were read */
    uint64_t generation; /* of the store, when nothing was left to start */
    bool is_sated;
    bool is_looking;
    bool is_stopped, is_open;
    uint64_t paused_until_ms; /* the store could not take what came */
    uint64_t told_ms;
    size_t writes;    /* records on their way to the store */
    uv_timer_t timer; /* a look soon, from the loop */
};

static uint64_t monotonic_ms(void)
{
    return uv_hrtime() / 1000000;
}

/* --- which mirrors there are
 * -------------------------------------------------------------------------------------- */

/* Whose windows hold for them: those of the node above, where this node's far line leads. */
static struct id far_node(const struct mirrors *mirrors)
{
    const struct roster_node *above =
        roster_uplink(members_roster(mirrors->context->members), &mirrors->context->self);

    return above ? above->node : mirrors->context->self;
}

static bool any_runs(const struct mirrors *mirrors)
{
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        if (mirrors->running[i].load) {
            return true;
        }
    }
    return false;
}

/* Transfers point to their sites, so these change only while none runs: the roster changed, they are stopped.
 */
static void sites_read(struct mirrors *mirrors)
{
    struct mirror named[MIRRORS_MAX];
    uint64_t readings = members_readings(mirrors->context->members);

    if (readings == mirrors->readings && mirrors->readings > 0) {
        return;
    }
    struct db *db = store_read_begin(mirrors->context->store);
    size_t count = mirror_list(db, members_roster(mirrors->context->members), &mirrors->context->self, named);
    bool is_same = count == mirrors->site_count;
    for (size_t i = 0; i < count && is_same; i++) {
        is_same = strcmp(named[i].url, mirrors->sites[i].mirror.url) == 0;
    }
    for (size_t i = 0; i < MIRROR_LOADS_MAX && !is_same; i++) {
        if (mirrors->running[i].load) {
            mirror_load_stop(mirrors->running[i].load);
        }
    }
    if (!is_same && !any_runs(mirrors)) {
        mirrors->site_count = mirror_sites_replace(mirrors->sites, mirrors->site_count, named, count, db);
        is_same = true;
        mirrors->is_sated = false;
    }
    store_read_end(mirrors->context->store, db);
    mirrors->readings = is_same ? readings : mirrors->readings;
}

/* --- what is brought by whom
 * -------------------------------------------------------------------------------------- */

static bool has_session(const struct mirrors *mirrors)
{
    return sessions_at(mirrors->context->sessions, 0) != NULL;
}

static bool is_in_session(const struct mirrors *mirrors, const struct hash *object)
{
    return supply_is_fetched(mirrors->context, NULL, object);
}

static bool is_under_way(const struct mirrors *mirrors, const struct hash *object)
{
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        const struct running *running = &mirrors->running[i];
        if (running->load && mirror_load_has(running->load, object, mirror_site_is_quick(running->site))) {
            return true;
        }
    }
    return false;
}

/* Small things, and what is much like something held here, come cheaper over a session. */
static bool is_worth_it(const struct mirrors *mirrors, struct db *db, const struct wanted *wanted)
{
    const struct store_objects *read = &mirrors->context->content->read;
    struct hash base;

    return !has_session(mirrors) ||
           (wanted->size >= MIRROR_OBJECT_MIN &&
            (!read->bases || read->bases(read->ctx, db, &wanted->object, 1, &base) == 0));
}

/* The content that holds the object; its pieces only when `place` has room for them. */
static void place_find(const struct mirrors *mirrors, struct db *db, const struct wanted *wanted,
                       bool is_from_start, struct content_place *place)
{
    const struct store_objects *read = &mirrors->context->content->read;

    if (!read->place || !read->place(read->ctx, db, &wanted->object, is_from_start, place)) {
        place->content = wanted->object;
        place->total = wanted->size;
        place->count = 1;
        place->pieces[0] = (struct content_piece){wanted->object, 0, (uint32_t)wanted->size};
    }
}

/* The first site that may have it now; NULL: none. */
static struct mirror_site *site_for(const struct mirrors *mirrors, const struct hash *content)
{
    uint64_t now_ms = monotonic_ms();

    for (size_t i = 0; i < mirrors->site_count; i++) {
        const struct mirror_site *site = &mirrors->sites[i];
        if (mirror_site_is_up(site, now_ms) && !mirror_site_lacks(site, content, now_ms)) {
            return (struct mirror_site *)site;
        }
    }
    return NULL;
}

/* --- starting
 * ------------------------------------------------------------------------------------------------------- */

static bool content_is_under_way(const struct mirrors *mirrors, const struct hash *content)
{
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        if (mirrors->running[i].load &&
            hash_equal(&mirror_load_place(mirrors->running[i].load)->content, content)) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct mirrors *mirrors, uint64_t size)
{
    struct id remote = far_node(mirrors);

    return supply_fits(mirrors->context, &remote, size);
}

/* Cuts a run at the first object that somebody else brings, at its size, and at what is left of a quota. */
static void run_cut(const struct mirrors *mirrors, struct content_place *place)
{
    uint64_t size = 0;

    for (size_t i = 0; i < place->count; i++) {
        const struct content_piece *piece = &place->pieces[i];
        bool is_next = i == 0 || place->pieces[i - 1].start + place->pieces[i - 1].size == piece->start;
        size += piece->size;
        if (i > 0 && (!is_next || size > MIRROR_RUN_SIZE || !fits(mirrors, size) || is_in_session(mirrors, &piece->object) ||
                      is_under_way(mirrors, &piece->object))) {
            place->count = i;
        }
    }
}

/* Whether a server gives parts is found out by one question. */
static bool is_being_found_out(const struct mirrors *mirrors, const struct mirror_site *site)
{
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        const struct running *running = &mirrors->running[i];
        if (running->load && running->site == site &&
            mirror_load_place(running->load)->total > MEMBER_WHOLE_MAX) {
            return !site->is_ranged && !site->is_rangeless;
        }
    }
    return false;
}

/* Plans a transfer that begins with the object; false when there is none for now. */
static bool load_plan(struct mirrors *mirrors, struct db *db, const struct wanted *wanted,
                      struct running *running)
{
    struct content_piece first;
    struct content_place place = {.pieces = &first, .max = 1};

    place_find(mirrors, db, wanted, false, &place);
    struct mirror_site *site = site_for(mirrors, &place.content);
    bool is_part = place.total == 0 || place.total > first.size;
    bool is_whole = site && is_part && site->is_rangeless && place.total > 0;
    if (!site || !fits(mirrors, is_whole ? place.total : first.size) || (is_whole && content_is_under_way(mirrors, &place.content)) ||
        (is_part && is_being_found_out(mirrors, site))) {
        return false;
    }
    place.max = is_whole ? MIRROR_WHOLE_PIECES : MIRROR_RUN_PIECES;
    place.pieces = calloc(place.max, sizeof *place.pieces);
    CHECK(place.pieces != NULL);
    place_find(mirrors, db, wanted, is_whole, &place);
    if (is_whole && !mirror_load_is_worth_it(&place)) {
        mirror_site_judge(site, &place.content, S_NOT_FOUND, "", monotonic_ms(), local_time_now());
        free(place.pieces);
        return false;
    }
    if (!is_whole) {
        run_cut(mirrors, &place);
    }
    struct id remote = far_node(mirrors);
    struct mirror_load_options options = {.http = mirrors->http,
                                          .store = mirrors->context->store,
                                          .content = mirrors->context->content,
                                          .owner = &running->owner,
                                          .url = site->mirror.url,
                                          .proxy = mirrors->proxy,
                                          .place = place,
                                          .is_whole = is_whole,
                                          .is_paced = gate_rate_of(mirrors->context->gate, &remote, WINDOW_COURSES) > 0};
    running->site = site;
    running->load = mirror_load_start(&options);
    return true;
}

/* The next thing to bring; false when there is none. */
static bool load_next(struct mirrors *mirrors, struct db *db, struct running *running)
{
    const struct store_objects *read = &mirrors->context->content->read;
    struct wanted wanted[64];
    size_t got = 0;

    for (size_t skip = 0; skip < MIRROR_SCAN_MAX; skip += got) {
        got = read->wanted(read->ctx, db, skip, sizeof wanted / sizeof *wanted, wanted);
        for (size_t i = 0; i < got; i++) {
            if (wanted[i].size <= MEMBER_WHOLE_MAX && is_worth_it(mirrors, db, &wanted[i]) &&
                !is_under_way(mirrors, &wanted[i].object) && !is_in_session(mirrors, &wanted[i].object) &&
                load_plan(mirrors, db, &wanted[i], running)) {
                return true;
            }
        }
        if (got == 0) {
            break;
        }
    }
    return false;
}

static void loads_start(struct mirrors *mirrors)
{
    struct id remote = far_node(mirrors);
    size_t max = gate_rate_of(mirrors->context->gate, &remote, WINDOW_COURSES) > 0 ? MIRROR_LOADS_PACED : MIRROR_LOADS_MAX;
    uint64_t generation = store_generation(mirrors->context->store);

    if (mirrors->site_count == 0 || monotonic_ms() < mirrors->paused_until_ms ||
        (mirrors->is_sated && generation == mirrors->generation) || supply_has_near(mirrors->context)) {
        return;
    }
    struct db *db = store_read_begin(mirrors->context->store);
    bool is_more = true;
    for (size_t i = 0; i < max && is_more; i++) {
        is_more = mirrors->running[i].load || load_next(mirrors, db, &mirrors->running[i]);
    }
    store_read_end(mirrors->context->store, db);
    mirrors->is_sated = !is_more;
    mirrors->generation = generation;
}

/* --- what transfers ask and say
 * ----------------------------------------------------------------------------------- */

static bool on_may_move(void *ctx)
{
    const struct mirrors *mirrors = ((const struct running *)ctx)->mirrors;
    struct id remote = far_node(mirrors);

    return gate_may_move(mirrors->context->gate, &remote, WINDOW_COURSES);
}

static void on_moved(void *ctx, size_t size)
{
    const struct running *running = ctx;
    struct id remote = far_node(running->mirrors);

    gate_count(running->mirrors->context->gate, &remote, WINDOW_COURSES, size);
    gate_spend(running->mirrors->context->gate, &remote, WINDOW_COURSES, size);
    mirror_site_moved(running->site, size);
}

static bool on_is_due(void *ctx, const struct hash *object)
{
    const struct mirrors *mirrors = ((const struct running *)ctx)->mirrors;
    const struct store_objects *read = &mirrors->context->content->read;
    uint64_t size;

    if (is_in_session(mirrors, object)) {
        return false;
    }
    struct db *db = store_read_begin(mirrors->context->store);
    bool is_held = read->find(read->ctx, db, object, &size);
    store_read_end(mirrors->context->store, db);
    return !is_held;
}

static void on_stored(void *ctx, size_t size)
{
    mirror_site_stored(((struct running *)ctx)->site, size, local_time_now());
}

static void on_timer(uv_timer_t *timer)
{
    mirrors_look(timer->data);
}

static void mirrors_soon(struct mirrors *mirrors)
{
    if (!mirrors->is_stopped && !uv_is_active((uv_handle_t *)&mirrors->timer)) {
        uv_update_time(mirrors->context->loop);
        uv_timer_start(&mirrors->timer, on_timer, 0, 0);
    }
}

static void on_changed(void *ctx)
{
    mirrors_soon(((struct running *)ctx)->mirrors);
}

/* --- looking
 * ----------------------------------------------------------------------------------------------------------
 */

static void running_reap(struct mirrors *mirrors, struct running *running)
{
    struct mirror_load *load = running->load;
    enum status status = mirror_load_status(load);
    struct mirror_site *site = running->site;

    site->is_rangeless = site->is_rangeless || mirror_load_is_rangeless(load);
    if (status == S_NO_SPACE || status == S_IO ||
        status == S_INTERNAL) { /* this machine's trouble, not the mirror's */
        mirrors->paused_until_ms = monotonic_ms() + MIRROR_REST_MIN_MS;
        log_event(LOG_WARNING, "mirror_paused", "error=\"%s\"", mirror_load_error(load));
    } else if (status != S_DENIED ||
               !mirror_load_is_rangeless(load)) { /* without ranges it is asked for all of it */
        mirror_site_judge(site, &mirror_load_place(load)->content, status, mirror_load_error(load),
                          monotonic_ms(), local_time_now());
    }
    mirror_load_free(load);
    running->load = NULL;
    mirrors->is_sated = false;
}

static void running_stop_all(struct mirrors *mirrors)
{
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        if (mirrors->running[i].load) {
            mirror_load_stop(mirrors->running[i].load);
        }
    }
}

/* Outside every window nothing is left open that could carry a byte. */
static void mirrors_hold(struct mirrors *mirrors)
{
    struct id remote = far_node(mirrors);
    bool was_open = mirrors->is_open;

    mirrors->is_open = !mirrors->is_stopped && mirrors->context->content &&
                       gate_is_open(mirrors->context->gate, &remote) &&
                       gate_lets_courses(mirrors->context->gate, &remote);
    if (was_open && !mirrors->is_open) {
        running_stop_all(mirrors);
        mirror_http_hang_up(mirrors->http);
    }
    mirrors->is_sated = mirrors->is_sated && was_open == mirrors->is_open;
}

uint64_t mirrors_asked_bytes(const struct mirrors *mirrors)
{
    uint64_t size = 0;

    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        const struct content_place *place = mirrors->running[i].load ? mirror_load_place(mirrors->running[i].load) : NULL;
        for (size_t k = 0; place && k < place->count; k++) {
            size += place->pieces[k].size;
        }
    }
    return size;
}

void mirrors_resume(struct mirrors *mirrors)
{
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        if (mirrors->running[i].load) {
            mirror_load_resume(mirrors->running[i].load);
        }
    }
}

/* What is known of windows and of the roster is as of now. */
static void mirrors_refresh(struct mirrors *mirrors)
{
    mirrors_hold(mirrors);
    sites_read(mirrors);
}

bool mirrors_take(struct mirrors *mirrors, struct db *db, const struct wanted *wanted, bool is_far)
{
    struct content_piece piece;
    struct content_place place = {.pieces = &piece, .max = 1};

    mirrors_refresh(mirrors); /* a session may hear of a mirror and of a course in one breath */
    if (is_under_way(mirrors, &wanted->object)) {
        return true;
    }
    if (!is_far || !mirrors->is_open || mirrors->site_count == 0 ||
        monotonic_ms() < mirrors->paused_until_ms || !is_worth_it(mirrors, db, wanted)) {
        return false;
    }
    place_find(mirrors, db, wanted, false, &place);
    const struct mirror_site *site = site_for(mirrors, &place.content);
    const bool is_mirrors = site && mirror_site_is_quick(site);
    if (is_mirrors) {
        mirrors_soon(mirrors);
    }
    return is_mirrors;
}

void mirrors_look(struct mirrors *mirrors)
{
    if (mirrors->is_looking) {
        return;
    }
    mirrors->is_looking = true;
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        struct running *running = &mirrors->running[i];
        if (running->load && mirror_load_is_over(running->load)) {
            running_reap(mirrors, running);
        } else if (running->load) {
            bool is_news = mirror_load_is_ranged(running->load) && !running->site->is_ranged;
            running->site->is_ranged = running->site->is_ranged || is_news;
            mirrors->is_sated = mirrors->is_sated && !is_news;
            mirror_load_resume(running->load);
        }
    }
    mirrors_refresh(mirrors);
    if (mirrors->is_open) {
        loads_start(mirrors);
    }
    mirrors->is_looking = false;
}

/* --- once a second
 * ---------------------------------------------------------------------------------------------------- */

static void site_measure(struct mirrors *mirrors, struct mirror_site *site)
{
    bool is_asked = false, is_held = false;

    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        const struct running *running = &mirrors->running[i];
        if (running->load && running->site == site) {
            is_asked = true;
            is_held = is_held || mirror_load_is_waiting(running->load);
        }
    }
    if (!mirror_site_measure(site, is_asked, is_held, monotonic_ms(), local_time_now())) {
        return;
    }
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        if (mirrors->running[i].load && mirrors->running[i].site == site) {
            mirror_load_stop(mirrors->running[i].load);
        }
    }
}

static void sites_tell(struct mirrors *mirrors, bool is_end)
{
    uint64_t now_ms = monotonic_ms();

    if (!is_end && now_ms - mirrors->told_ms < MIRROR_TELL_MS) {
        return;
    }
    mirrors->told_ms = now_ms;
    for (size_t i = 0; i < mirrors->site_count; i++) {
        struct mirror_site *site = &mirrors->sites[i];
        mirror_site_tell(site, is_end ? 0 : now_ms, mirrors->context->store, &mirrors->writes);
    }
}

void mirrors_tick(struct mirrors *mirrors)
{
    mirrors_hold(mirrors);
    for (size_t i = 0; i < MIRROR_LOADS_MAX && mirrors->is_open; i++) {
        if (mirrors->running[i].load) {
            mirror_load_tick(mirrors->running[i].load);
        }
    }
    for (size_t i = 0; i < mirrors->site_count; i++) {
        site_measure(mirrors, &mirrors->sites[i]);
        mirrors->is_sated =
            mirrors->is_sated && mirrors->sites[i].rests_until_ms == 0; /* one may have rested enough */
    }
    mirrors_look(mirrors);
    sites_tell(mirrors, false);
}

/* --- the life
 * -----------------------------------------------------------------------------------------------------------
 */

struct mirrors *mirrors_new(const struct session_context *context, const char *proxy)
{
    struct mirrors *mirrors = calloc(1, sizeof *mirrors);

    CHECK(mirrors != NULL);
    mirrors->context = context;
    snprintf(mirrors->proxy, sizeof mirrors->proxy, "%s", proxy);
    mirrors->http = mirror_http_new(context->loop);
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        struct running *running = &mirrors->running[i];
        *running = (struct running){.mirrors = mirrors};
        running->owner =
            (struct mirror_owner){on_may_move, on_moved, on_is_due, on_stored, on_changed, running};
    }
    uv_timer_init(context->loop, &mirrors->timer);
    mirrors->timer.data = mirrors;
    return mirrors;
}

void mirrors_stop(struct mirrors *mirrors)
{
    mirrors->is_stopped = true;
    uv_timer_stop(&mirrors->timer);
    running_stop_all(mirrors);
    sites_tell(mirrors, true);
}

bool mirrors_is_idle(const struct mirrors *mirrors)
{
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        if (mirrors->running[i].load && !mirror_load_is_over(mirrors->running[i].load)) {
            return false;
        }
    }
    return mirrors->writes == 0;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void mirrors_free(struct mirrors *mirrors)
{
    CHECK(mirrors_is_idle(mirrors));
    for (size_t i = 0; i < MIRROR_LOADS_MAX; i++) {
        if (mirrors->running[i].load) {
            mirror_load_free(mirrors->running[i].load);
        }
    }
    for (size_t i = 0; i < mirrors->site_count; i++) {
        mirror_site_release(&mirrors->sites[i]);
    }
    mirror_http_free(mirrors->http);
    uv_close((uv_handle_t *)&mirrors->timer, on_closed);
}
