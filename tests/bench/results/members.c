/* members.c: admits many nodes at a hub and gives each one stream of one cell, as if all had published once.
 *
 * usage: members DIR COUNT     DIR: data directory of a hub that does not run. The keys are drawn from the number of the node. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/dir.h"
#include "node/link/admit.h"
#include "node/store/store.h"
#include "node/store/stream/intake.h"
#include "node/store/stream/own.h"
#include "replication/base/check.h"
#include "replication/trust/consent.h"
#include "tests/kit/stream_writer.h"

enum { NODES_PER_JOB = 500 };

struct members {
    const struct identity *hub;
    const struct federation *federation;
    uint32_t next, upto;
};

static void identity_of(uint32_t number, struct identity *identity)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {'m'};

    memcpy(seed + 1, &number, sizeof number);
    identity_derive(identity, seed);
}

static enum status node_admit(struct db *db, const struct members *members, const struct identity *identity, uint32_t number)
{
    struct roster_node node = {.node = identity->node, .kind = NODE_NATIONAL, .parent = members->hub->node, .admitted_ms = 1000 + number};

    snprintf(node.name, sizeof node.name, "centre-%u", (unsigned)number);
    memcpy(node.sign_public, identity->sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, identity->curve_public, sizeof node.curve_public);
    consent_sign(&members->federation->id, &node, identity->sign_secret);
    return admit_put(db, members->federation, members->hub, &node);
}

/* One catalogue cell of an unknown kind: every node of the federation holds it, and none makes a course of it. */
static enum status stream_fill(struct db *db, const struct members *members, const struct identity *identity)
{
    struct intake intake = {.federation = members->federation};
    struct stream_writer writer;
    struct buffer body;

    stream_writer_init(&writer, &members->federation->id, 0, TOPIC_CATALOGUE);
    writer.identity = *identity;
    writer.head.stream.node = identity->node;
    writer.key = lthash_key(&members->federation->id, &writer.head.stream);
    stream_writer_put_number(&writer, "bench", 1);
    struct certificate certificate = stream_writer_certify(&writer);
    buffer_init(&body);
    stream_writer_body(&writer, 0, 1, &certificate, &body);
    enum status status = intake_apply(&intake, db, &writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    stream_writer_release(&writer);
    return status;
}

static enum status members_put(struct db *db, void *arg)
{
    struct members *members = arg;
    enum status status = S_OK;

    for (unsigned i = 0; status == S_OK && i < NODES_PER_JOB && members->next < members->upto; i++, members->next++) {
        struct identity identity;
        identity_of(members->next, &identity);
        status = node_admit(db, members, &identity, members->next);
        if (status == S_OK) {
            status = stream_fill(db, members, &identity);
        }
    }
    return status;
}

int main(int argc, char **argv)
{
    struct store_options options = {0};
    struct identity identity;
    struct federation federation;
    struct report report = {0};
    struct store *store;

    if (argc != 3 || sodium_init() < 0) {
        fputs("usage: members DIR COUNT\n", stderr);
        return 2;
    }
    if (dir_load_identity(argv[1], &identity, &report) != S_OK || dir_load_federation(argv[1], &federation, &report) != S_OK ||
        store_open(argv[1], &options, &store, &report) != S_OK) {
        fprintf(stderr, "members: %s\n", report.text);
        return 1;
    }
    store_set_identity(store, &identity, &federation.id);
    struct members members = {.hub = &identity, .federation = &federation, .upto = (uint32_t)strtoul(argv[2], NULL, 10)};
    while (members.next < members.upto) {
        enum status status = store_write_wait(store, members_put, &members);
        CHECK(status == S_OK);
    }
    store_close(store);
    return 0;
}
