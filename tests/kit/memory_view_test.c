#include "tests/kit/kit.h"
#include "tests/kit/memory_store.h"
#include "tests/kit/view_contract.h"

/* The store in memory as the contract wants it: receipts concern a node and those above it, as the roster
 * says. */
struct memory {
    struct memory_store *store;
    const struct roster *roster;
};

static bool memory_concerns(void *ctx, const struct id *node, const struct held *held)
{
    const struct memory *memory = ctx;
    return id_equal(node, &held->stream.node) || roster_is_above(memory->roster, node, &held->stream.node);
}

static void *memory_make(const struct id *federation, const struct id *self)
{
    struct memory *memory = test_calloc(1, sizeof *memory);

    (void)self;
    memory->store = memory_store_new(federation);
    memory_store_set_concerns(memory->store, memory_concerns, memory);
    return memory;
}

static void memory_release(void *store)
{
    memory_store_free(((struct memory *)store)->store);
    test_free(store);
}

static struct view memory_view_begin(void *store, const struct roster *roster)
{
    struct memory *memory = store;

    memory->roster = roster;
    return memory_store_view(memory->store, roster, &id_none);
}

static void memory_view_end(void *store)
{
    (void)store;
}

static enum status memory_stage(void *store, const struct stream_id *stream, uint64_t after_seq, uint64_t seq,
                                struct bytes body)
{
    return memory_store_stage(((struct memory *)store)->store, stream, after_seq, seq, body);
}

static enum status memory_apply(void *store, const struct stream_id *stream, uint64_t after_seq,
                                struct bytes body)
{
    return memory_store_apply(((struct memory *)store)->store, stream, after_seq, body);
}

static enum status memory_unstage(void *store, const struct stream_id *stream)
{
    memory_store_unstage(((struct memory *)store)->store, stream);
    return S_OK;
}

static enum status memory_held_put(void *store, const struct held *held)
{
    memory_store_held_put(((struct memory *)store)->store, held);
    return S_OK;
}

static const struct view_maker memory_maker = {
    .make = memory_make,
    .release = memory_release,
    .view_begin = memory_view_begin,
    .view_end = memory_view_end,
    .stage = memory_stage,
    .apply = memory_apply,
    .unstage = memory_unstage,
    .held_put = memory_held_put,
};

KIT_TESTS()
{
    kit_setup();
    return view_contract_run("the view over memory", &memory_maker);
}
