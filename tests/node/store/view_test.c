#include "node/store/view.h"

#include <stdlib.h>
#include <string.h>

#include "node/store/stream/held.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/view_contract.h"
#include "tests/node/store/desk.h"

/* The SQLite store as the contract wants it. */
struct sqlite {
    struct desk *desk;
    struct store_view view;
};

static void *sqlite_make(const struct id *federation, const struct id *self)
{
    struct sqlite *sqlite = test_calloc(1, sizeof *sqlite);

    sqlite->desk = desk_open();
    sqlite->desk->federation = *federation;
    (void)self;
    return sqlite;
}

static void sqlite_release(void *store)
{
    struct sqlite *sqlite = store;

    desk_close(sqlite->desk);
    test_free(sqlite);
}

static struct view sqlite_view_begin(void *store, const struct roster *roster)
{
    struct sqlite *sqlite = store;

    store_view_begin(&sqlite->view, sqlite->desk->store, roster, NULL);
    return sqlite->view.view;
}

static void sqlite_view_end(void *store)
{
    assert_int_equal(store_view_end(&((struct sqlite *)store)->view), S_OK);
}

struct request {
    const struct id *federation;
    const struct stream_id *stream;
    const struct held *held;
    uint64_t after_seq, seq;
    struct bytes body;
};

static enum status stage_run(struct db *db, void *arg)
{
    struct request *request = arg;
    return stream_stage(db, request->stream, request->after_seq, request->seq, request->body);
}

static enum status apply_run(struct db *db, void *arg)
{
    struct request *request = arg;
    return stream_apply_body(db, request->federation, request->stream, request->body);
}

static enum status unstage_run(struct db *db, void *arg)
{
    return stream_unstage(db, ((struct request *)arg)->stream);
}

static enum status held_run(struct db *db, void *arg)
{
    return held_put(db, ((struct request *)arg)->held);
}

static enum status sqlite_stage(void *store, const struct stream_id *stream, uint64_t after_seq, uint64_t seq,
                                struct bytes body)
{
    struct request request = {.stream = stream, .after_seq = after_seq, .seq = seq, .body = body};
    return store_write_wait(((struct sqlite *)store)->desk->store, stage_run, &request);
}

static enum status sqlite_unstage(void *store, const struct stream_id *stream)
{
    struct request request = {.stream = stream};
    return store_write_wait(((struct sqlite *)store)->desk->store, unstage_run, &request);
}

static enum status sqlite_apply(void *store, const struct stream_id *stream, uint64_t after_seq,
                                struct bytes body)
{
    struct sqlite *sqlite = store;
    struct request request = {.federation = &sqlite->desk->federation, .stream = stream, .body = body};

    (void)after_seq; /* stands in the body */
    enum status status = store_write_wait(sqlite->desk->store, apply_run, &request);
    if (status == S_BAD_DIGEST || status == S_INVALID) {
        sqlite_unstage(store, stream);
    }
    return status;
}

static enum status sqlite_held_put(void *store, const struct held *held)
{
    struct request request = {.held = held};
    return store_write_wait(((struct sqlite *)store)->desk->store, held_run, &request);
}

static const struct view_maker sqlite_maker = {
    .make = sqlite_make,
    .release = sqlite_release,
    .view_begin = sqlite_view_begin,
    .view_end = sqlite_view_end,
    .stage = sqlite_stage,
    .apply = sqlite_apply,
    .unstage = sqlite_unstage,
    .held_put = sqlite_held_put,
};

KIT_TESTS()
{
    kit_setup();
    return view_contract_run("the view over SQLite", &sqlite_maker);
}
