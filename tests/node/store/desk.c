#include "tests/node/store/desk.h"

#include <string.h>

#include "tests/kit/kit.h"

static void desk_start(struct desk *desk, bool must_create)
{
    struct store_options options = {.must_create = must_create, .anchor_dir = desk->anchors};
    struct report report = {.status = S_OK};

    if (store_open(desk->dir, &options, &desk->store, &report) != S_OK) {
        fail_msg("%s", report.text);
    }
    store_set_identity(desk->store, &desk->identity, &desk->federation);
}

struct desk *desk_open(void)
{
    struct desk *desk = test_calloc(1, sizeof *desk);
    uint8_t seed[IDENTITY_SEED_SIZE];

    memset(seed, 7, sizeof seed);
    memset(desk->federation.b, 3, sizeof desk->federation.b);
    identity_derive(&desk->identity, seed);
    kit_scratch_make(desk->dir, sizeof desk->dir);
    kit_scratch_make(desk->anchors, sizeof desk->anchors);
    desk_start(desk, true);
    return desk;
}

void desk_shut(struct desk *desk)
{
    store_close(desk->store);
    desk->store = NULL;
}

void desk_reopen(struct desk *desk)
{
    desk_shut(desk);
    desk_start(desk, false);
}

void desk_close(struct desk *desk)
{
    desk_shut(desk);
    kit_scratch_remove(desk->dir);
    kit_scratch_remove(desk->anchors);
    test_free(desk);
}
