#include "tests/kit/federation.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"

static void identity_draw(struct identity *identity, struct kit_random *random)
{
    uint8_t seed[IDENTITY_SEED_SIZE];

    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)kit_random_below(random, 256);
    }
    identity_derive(identity, seed);
}

void federation_make(struct federation *federation, uint64_t seed)
{
    struct kit_random random;

    kit_random_seed(&random, seed);
    memset(federation, 0, sizeof *federation);
    for (size_t i = 0; i < sizeof federation->id.b; i++) {
        federation->id.b[i] = (uint8_t)kit_random_below(&random, 256);
    }
    identity_draw(&federation->authority, &random);
    for (int i = 0; i < FEDERATION_NODES_MAX; i++) {
        identity_draw(&federation->nodes[i], &random);
    }
}

static const struct identity *identity_of(const struct federation *federation, int who)
{
    return who == FEDERATION_AUTHORITY ? &federation->authority : &federation->nodes[who];
}

struct signer federation_signer(const struct federation *federation, int who)
{
    struct signer signer = {0};

    memcpy(signer.sign_secret, identity_of(federation, who)->sign_secret, sizeof signer.sign_secret);
    if (who != FEDERATION_AUTHORITY) {
        signer.node = federation->nodes[who].node;
    }
    return signer;
}

struct roster_node federation_node(const struct federation *federation, int who, int parent,
                                   enum node_kind kind)
{
    const struct identity *identity = &federation->nodes[who];
    struct roster_node node = {.node = identity->node, .kind = kind, .admitted_ms = 1000 + (uint64_t)who};

    if (parent != FEDERATION_AUTHORITY) {
        node.parent = federation->nodes[parent].node;
    }
    snprintf(node.name, sizeof node.name, "node-%d", who);
    memcpy(node.sign_public, identity->sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, identity->curve_public, sizeof node.curve_public);
    consent_sign(&federation->id, &node, identity->sign_secret);
    return node;
}

bool federation_node_equal(const struct roster_node *a, const struct roster_node *b)
{
    return id_equal(&a->node, &b->node) && id_equal(&a->parent, &b->parent) && a->kind == b->kind &&
           strcmp(a->name, b->name) == 0 && strcmp(a->country, b->country) == 0 &&
           strcmp(a->region, b->region) == 0 && strcmp(a->endpoint, b->endpoint) == 0 &&
           memcmp(a->sign_public, b->sign_public, sizeof a->sign_public) == 0 &&
           memcmp(a->curve_public, b->curve_public, sizeof a->curve_public) == 0 &&
           memcmp(a->token_public, b->token_public, sizeof a->token_public) == 0 &&
           memcmp(a->consent, b->consent, sizeof a->consent) == 0 && a->admitted_ms == b->admitted_ms &&
           a->is_revoked == b->is_revoked;
}

void federation_admit(const struct federation *federation, const struct roster_node *node, int signer,
                      struct buffer *out)
{
    struct signer by = federation_signer(federation, signer);

    buffer_clear(out);
    assert_int_equal(statement_admit(&federation->id, node, &by, out), S_OK);
}

void federation_enter(const struct federation *federation, struct roster *roster, int who, int parent,
                      enum node_kind kind)
{
    struct roster_node node = federation_node(federation, who, parent, kind);
    struct buffer statement;

    buffer_init(&statement);
    federation_admit(federation, &node, parent, &statement);
    assert_int_equal(roster_add(roster, buffer_bytes(&statement), NULL), S_OK);
    buffer_release(&statement);
}

void federation_revoke(const struct federation *federation, int who, uint64_t at_ms, int signer,
                       struct buffer *out)
{
    struct signer by = federation_signer(federation, signer);
    struct revoke_terms terms = {.reason = "test"};

    buffer_clear(out);
    assert_int_equal(statement_revoke(&federation->id, &federation->nodes[who].node, at_ms, &terms, &by, out),
                     S_OK);
}
