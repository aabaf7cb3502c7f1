#include "node/store/view.h"

#include <string.h>

#include "node/store/engine.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/past.h"
#include "node/store/stream/stream.h"

/* Many steps ask for nothing: the read transaction begins with the first question. */
static struct db *view_db(struct store_view *view)
{
    if (!view->db) {
        view->db = store_read_begin(view->store);
    }
    return view->db;
}

static bool view_stream_next(void *ctx, const struct stream_id *after, struct stream_head *head_out)
{
    struct store_view *view = ctx;
    struct db *db = view_db(view);

    return heads_next(&view->store->heads, db, view->generation, after, head_out);
}

static bool view_stream_find(void *ctx, const struct stream_id *stream, struct certificate *certificate_out)
{
    return stream_find(view_db(ctx), stream, certificate_out);
}

static size_t view_cells_scan(void *ctx, const struct stream_id *stream, uint64_t after_seq, size_t max,
                              struct arena *arena, struct cell *cells_out)
{
    return stream_cells_scan(view_db(ctx), stream, after_seq, max, arena, cells_out);
}

static uint64_t view_staged_seq(void *ctx, const struct stream_id *stream)
{
    return stream_staged_seq(view_db(ctx), stream);
}

static bool view_object_find(void *ctx, const struct hash *object, uint64_t *size_out)
{
    struct store_view *view = ctx;
    return view->objects && view->objects->find(view->objects->ctx, view_db(view), object, size_out);
}

static size_t view_object_read(void *ctx, const struct hash *object, uint64_t offset, uint8_t *out,
                               size_t size)
{
    struct store_view *view = ctx;
    return view->objects ? view->objects->read(view->objects->ctx, view_db(view), object, offset, out, size) : 0;
}

static size_t view_wanted_scan(void *ctx, size_t skip, size_t max, struct wanted *wanted_out)
{
    struct store_view *view = ctx;
    return view->objects ? view->objects->wanted(view->objects->ctx, view_db(view), skip, max, wanted_out) : 0;
}

static size_t view_bases_scan(void *ctx, const struct hash *object, size_t max, struct hash *bases_out)
{
    struct store_view *view = ctx;
    const struct store_objects *objects = view->objects;
    return objects && objects->bases ? objects->bases(objects->ctx, view_db(view), object, max, bases_out) : 0;
}

static bool view_is_elsewhere(void *ctx, const struct wanted *wanted)
{
    struct store_view *view = ctx;
    return view->is_elsewhere && view->is_elsewhere(view->elsewhere_arg, view_db(view), wanted);
}

static size_t view_coming_scan(void *ctx, size_t max, struct hash *objects_out)
{
    struct store_view *view = ctx;
    return view->coming ? view->coming(view->elsewhere_arg, max, objects_out) : 0;
}

static uint64_t view_generation(void *ctx)
{
    return ((struct store_view *)ctx)->generation;
}

/* A range of streams: those of one node and topic. Zero incarnations are never drawn, so nothing sorts before
 * the first one. */
static struct stream_id range_start(const struct id *node, int topic)
{
    return (struct stream_id){.node = *node, .topic = (enum topic)topic};
}

static bool is_in_range(const struct stream_id *stream, const struct id *node, int topic)
{
    return (int)stream->topic == topic && id_equal(&stream->node, node);
}

/* What receipts say that hubs hold of `node`. */
static size_t held_elsewhere(struct store_view *view, const struct id *node, int topic, size_t max,
                             struct held *held_out)
{
    struct stream_id after = range_start(node, topic);
    struct id holder;
    size_t count = 0;

    memset(&holder, 0, sizeof holder);
    while (count < max && held_next(view_db(view), &after, &holder, &held_out[count]) &&
           is_in_range(&held_out[count].stream, node, topic)) {
        after = held_out[count].stream;
        holder = held_out[count].holder;
        count++;
    }
    return count;
}

static size_t view_held_scan(void *ctx, const struct id *node, size_t max, struct held *held_out)
{
    struct store_view *view = ctx;
    const struct roster *roster = view->view.roster;
    size_t members = roster ? roster_count(roster) : 0, count = 0;

    for (int topic = TOPIC_FIRST; topic <= TOPIC_RELAYED_LAST; topic++) {
        for (size_t i = 0; i < members && count < max; i++) {
            const struct id *member = &roster_at(roster, i)->node;
            if (!id_equal(member, node) && !roster_is_above(roster, node, member)) {
                continue;
            }
            count += held_elsewhere(view, member, topic, max - count, held_out + count);
        }
    }
    return count;
}

static uint64_t view_adopted_seq(void *ctx, const struct stream_id *stream)
{
    return adopted_seq(view_db(ctx), stream);
}

static uint64_t view_held_seq(void *ctx, const struct stream_id *stream, const struct id *holder)
{
    return held_find_seq(view_db(ctx), stream, holder);
}

static bool view_is_over(void *ctx, const struct stream_head *head)
{
    struct store_view *view = ctx;

    return past_is_over(view_db(view), head, engine_wall_ms());
}

static const struct view_ops view_ops = {
    .stream_next = view_stream_next,
    .stream_find = view_stream_find,
    .cells_scan = view_cells_scan,
    .staged_seq = view_staged_seq,
    .object_find = view_object_find,
    .object_read = view_object_read,
    .wanted_scan = view_wanted_scan,
    .bases_scan = view_bases_scan,
    .is_elsewhere = view_is_elsewhere,
    .coming_scan = view_coming_scan,
    .generation = view_generation,
    .held_scan = view_held_scan,
    .adopted_seq = view_adopted_seq,
    .held_seq = view_held_seq,
    .is_over = view_is_over,
};

void store_view_begin(struct store_view *view, struct store *store, const struct roster *roster,
                      const struct store_objects *objects)
{
    memset(view, 0, sizeof *view);
    view->view = (struct view){.ctx = view, .ops = &view_ops, .roster = roster};
    own_living(store, &view->view.living);
    view->view.living_drawn = own_living_drawn(store);
    view->store = store;
    view->generation =
        store_generation(store); /* before the snapshot: it may say less than there is, never more */
    view->objects = objects;
}

enum status store_view_end(struct store_view *view)
{
    if (!view->db) {
        return S_OK;
    }
    enum status status = db_status(view->db);

    store_read_end(view->store, view->db);
    view->db = NULL;
    return status;
}
