#include "tests/kit/kit_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static void store_start(struct kit_store *kit, bool must_create)
{
    struct store_options options = {.must_create = must_create};
    struct report report;

    report_clear(&report);
    if (store_open(kit->dir, &options, &kit->store, &report) != S_OK) {
        fprintf(stderr, "# %s\n", report.text);
        abort();
    }
    store_set_identity(kit->store, &kit->identity, &kit->federation.id);
}

void kit_store_open(struct kit_store *kit)
{
    uint8_t seed[IDENTITY_SEED_SIZE];

    memset(kit, 0, sizeof *kit);
    memset(seed, 7, sizeof seed);
    identity_derive(&kit->identity, seed);
    memset(kit->federation.secret, 9, sizeof kit->federation.secret);
    memset(kit->federation.id.b, 3, sizeof kit->federation.id.b);
    snprintf(kit->federation.name, sizeof kit->federation.name, "Test");
    memcpy(kit->federation.authority_public, kit->identity.sign_public,
           sizeof kit->federation.authority_public);
    kit_scratch_make(kit->dir, sizeof kit->dir);
    store_start(kit, true);
}

void kit_store_reopen(struct kit_store *kit)
{
    store_close(kit->store);
    store_start(kit, false);
}

void kit_store_close(struct kit_store *kit)
{
    store_close(kit->store);
    kit_scratch_remove(kit->dir);
}
